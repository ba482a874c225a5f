#!/bin/bash
# MariaDB: information_schema.triggers by trigger_schema and by event_object_schema,
# on a server with many databases.
#
# Guess: the two columns are always equal, so it makes no difference which one a
# question names; like information_schema.tables by table_schema, it reads the one
# database.
#
# Seen (MariaDB 10.11.19, Debian 12): by trigger_schema, the column named for it,
# MariaDB reads the triggers' files of every database of the server ("Scanned all
# databases"), and with 300 databases looks for 600 files of others; 1,000 databases
# of eight tables take 62 ms instead of 0.6. By event_object_schema it reads the one
# ("Scanned 1 database"). The tables of columns, indexes and tables have no such trap.
#
# Versions: mariadb-server-core, mariadb-server and mariadb-client-core
# 1:10.11.19-0+deb12u1 (Debian 12).
#
# Needs apt-get, strace, and the libraries that mariadb-server-core depends on.
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
    --skip-networking --innodb-file-per-table=0 --socket="$folder/socket" \
    >server.log 2>&1 &
server=$!
client=("$usr/bin/mariadb" --no-defaults -S "$folder/socket" -N)
for _ in $(seq 300); do
    [ -S socket ] && break
    kill -0 "$server" || { cat server.log >&2; exit 2; }
    sleep 0.1
done

# Two tables in each database, one of them with a trigger.
for number in $(seq 300); do
    echo "CREATE DATABASE d$number; USE d$number;
CREATE TABLE a (i INT); CREATE TABLE b (i INT);
CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET NEW.i = 1;"
done | "${client[@]}"

# plan TABLE COLUMN: what EXPLAIN says of the databases that are read.
plan() {
    "${client[@]}" d1 -e "EXPLAIN SELECT 1 FROM information_schema.$1
        WHERE $2 = DATABASE()" | grep -oE 'Scanned (all|[0-9]+) databases?' |
        sed "s/^/$1 by $2: /"
}
# files COLUMN: how many tables of other databases the server looks for triggers of.
files() {
    strace -f -qq -e trace=access -o access -p "$server" &
    local tracer=$! number
    until grep -q "^TracerPid:[[:space:]]*$tracer\$" "/proc/$server/status"; do
        kill -0 "$tracer"
        sleep 0.05
    done
    "${client[@]}" d1 -e "SELECT COUNT(*) FROM information_schema.triggers
        WHERE $1 = DATABASE()"
    kill -INT "$tracer"
    wait "$tracer" || true
    number=$(grep -cE '/d([2-9]|[0-9]{2,})/.\.TRG"' access) || true
    echo "by $1, files of others looked for: $number"
}
{
    plan triggers trigger_schema
    plan triggers event_object_schema
    plan tables table_schema
    plan columns table_schema
    plan statistics table_schema
    files trigger_schema
    files event_object_schema
} | tee seen
cat >expected <<'END'
triggers by trigger_schema: Scanned all databases
triggers by event_object_schema: Scanned 1 database
tables by table_schema: Scanned 1 database
columns by table_schema: Scanned 1 database
statistics by table_schema: Scanned 1 database
1
by trigger_schema, files of others looked for: 598
1
by event_object_schema, files of others looked for: 0
END
diff expected seen || { echo "not as it was seen" >&2; exit 1; }
echo "as it was seen"
