#!/bin/bash
# MariaDB: ALTER TABLE … RENAME COLUMN, where a trigger reads the column.
#
# Guess: the trigger follows the new name, as SQLite's does, or the statement is
# refused.
#
# Seen (MariaDB 10.11.19, Debian 12): it succeeds without a warning and leaves
# the text of the trigger as it is. From then on every UPDATE of the table
# fails with error 1054, also one that does not touch the column. Once another
# column gets the old name, updates succeed again, and the trigger compares that
# other column: changes of the renamed one go unnoticed. So a step that renames
# a column must make its triggers anew.
#
# Versions: mariadb-server-core, mariadb-server and mariadb-client-core
# 1:10.11.19-0+deb12u1 (Debian 12).
#
# Needs apt-get and the libraries that mariadb-server-core depends on.
set -euo pipefail

VERSION=1:10.11.19-0+deb12u1

folder=$(mktemp -d)
server=
stop() {
    if [ -n "$server" ] && kill "$server"; then
        wait "$server" || true
    fi
    rm -rf "$folder"
}
trap stop EXIT
cd "$folder"
apt-get download -q "mariadb-server-core=$VERSION" "mariadb-server=$VERSION" \
    "mariadb-client-core=$VERSION" >log 2>&1 || { cat log >&2; exit 2; }
for package in *.deb; do
    dpkg -x "$package" files
done
usr=$folder/files/usr
"$usr/sbin/mariadbd" --version

# Without grant tables no account is needed: only this socket leads here.
mkdir data
"$usr/sbin/mariadbd" --no-defaults --user="$(id -un)" --datadir="$folder/data" \
    --lc-messages-dir="$usr/share/mysql" --skip-grant-tables \
    --skip-networking --socket="$folder/socket" >server.log 2>&1 &
server=$!
client=("$usr/bin/mariadb" --no-defaults -S "$folder/socket" -N)
for _ in $(seq 300); do
    [ -S socket ] && break
    kill -0 "$server" || { cat server.log >&2; exit 2; }
    sleep 0.1
done

"${client[@]}" -e "CREATE DATABASE found"
run() {
    echo "$1:"
    # 1177: this folder has no tables for statistics.
    "${client[@]}" found -e "$2" 2>&1 |
        grep -E '^([0-9]+$|ERROR|Note|Warning)' | grep -v $'\t1177\t' || true
}
{
    run "made" "
CREATE TABLE k (name VARCHAR(9), expires BIGINT);
CREATE TABLE changes (counter INT);
INSERT INTO k VALUES ('a', 1);
INSERT INTO changes VALUES (0);
CREATE TRIGGER k_changed AFTER UPDATE ON k FOR EACH ROW
UPDATE changes SET counter = counter + (NOT (OLD.expires <=> NEW.expires));
UPDATE k SET expires = 2;
SELECT counter FROM changes"
    run "renamed, warnings" "
ALTER TABLE k RENAME COLUMN expires TO expires_at;
SHOW WARNINGS"
    run "triggers with the old name" "
SELECT COUNT(*) FROM information_schema.triggers
WHERE action_statement LIKE '%NEW.expires)%'"
    run "other column changed" "UPDATE k SET name = 'b'"
    run "old name given again, renamed column changed" "
ALTER TABLE k ADD COLUMN expires BIGINT;
UPDATE k SET expires_at = 3;
SELECT counter FROM changes"
    run "the other column changed" "
UPDATE k SET expires = 4;
SELECT counter FROM changes"
} | tee seen
cat >expected <<'END'
made:
1
renamed, warnings:
triggers with the old name:
1
other column changed:
ERROR 1054 (42S22) at line 1: Unknown column 'expires' in 'OLD'
old name given again, renamed column changed:
1
the other column changed:
2
END
diff expected seen || { echo "not as it was seen" >&2; exit 1; }
echo "as it was seen"
