#!/bin/bash
# MariaDB: code in a comment for MySQL 5.7 and later.
#
# Guess: /*!50708 code */ is run by every server from version 5.7.8 on, and
# MariaDB 10.11 is one, as it runs /*!50606 code */. At least it runs what it
# knows itself: a column that a dump of MySQL declares as /*!80023 INVISIBLE */
# stays invisible.
#
# Seen (MariaDB 10.11.19, Debian 12): it leaves out 50700 to 99999, without a
# warning, as its documentation says. So the column becomes visible, and an
# INSERT without a list of columns fails. From 100000 on it compares with its
# own version; /*M!50708 code */ is run. So a setting in /*!50708 … */ is for
# MySQL alone, however new MariaDB is, and one in /*M!… */ for MariaDB alone.
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
    "${client[@]}" found --show-warnings -e "$1" 2>&1 |
        grep -vE "^(-+|INSERT.*|)\$" || true
}
{
    for comment in '!50606' '!50699' '!50700' '!50708' '!80023' '!99999' \
        '!100000' '!101100' '!999999' 'M!50708' 'M!80023'; do
        echo "/*$comment */ $(run "SELECT IF(0 /*$comment + 1 */, 'run',
                                             'left out')")"
    done
    run "CREATE TABLE t (a INT, b INT /*!80023 INVISIBLE */);
         CREATE TABLE u (a INT, b INT INVISIBLE);
         INSERT INTO u VALUES (1);
         SELECT * FROM u;
         INSERT INTO t VALUES (1)"
} | tee seen
cat >expected <<'END'
/*!50606 */ run
/*!50699 */ run
/*!50700 */ left out
/*!50708 */ left out
/*!80023 */ left out
/*!99999 */ left out
/*!100000 */ run
/*!101100 */ run
/*!999999 */ left out
/*M!50708 */ run
/*M!80023 */ run
1
ERROR 1136 (21S01) at line 5: Column count doesn't match value count at row 1
END
diff expected seen || { echo "not as it was seen" >&2; exit 1; }
echo "as it was seen"
