#!/bin/bash
# MariaDB: information_schema.innodb_trx, read again and again by who waits for a
# transaction to wait for a lock.
#
# Guess: each SELECT says what is so at that moment, or a moment before.
#
# Seen (MariaDB 10.11.19, Debian 12): the answer is kept until nobody has read it for
# 0.1 s, so whoever reads it every 20 ms gets the first answer for ever: a transaction
# that has waited for seconds is not there. One read 0.2 s after the last shows it.
# So who polls this table leaves more than 0.1 s between two reads, and others who
# read it, a monitor perhaps, can still keep it from changing.
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
"${client[@]}" -e "CREATE DATABASE d; CREATE TABLE d.t (i INT);
    INSERT INTO d.t VALUES (1)"

# A session that a pipe feeds keeps its transaction, and with it a lock.
mkfifo words
"${client[@]}" --unbuffered d <words >held &
exec 3>words
echo "BEGIN; UPDATE t SET i = 2; SELECT 'locked';" >&3
until [ -s held ]; do
    kill -0 "$server"
    sleep 0.05
done

# The first read is before anybody waits, from then on one every 20 ms. If one comes
# late, on a busy machine, the round is not counted.
reads="BEGIN NOT ATOMIC
    DECLARE n, waiting, most INT DEFAULT 0;
    DECLARE read_at DATETIME(6);
    DECLARE late INT DEFAULT FALSE;
    REPEAT
        SELECT COUNT(*) INTO waiting FROM information_schema.innodb_trx
            WHERE trx_state = 'LOCK WAIT';
        SET most = GREATEST(most, waiting);
        SET late = late OR TIMESTAMPDIFF(MICROSECOND, read_at, SYSDATE(6)) > 90000;
        SET read_at = SYSDATE(6), n = n + 1;
        DO GET_LOCK('reads', 0), SLEEP(0.02);
    UNTIL n = 100 END REPEAT;
    SELECT late, most;
    SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE '%SET i = 3';
    DO SLEEP(0.2);
    SELECT COUNT(*) FROM information_schema.innodb_trx
        WHERE trx_state = 'LOCK WAIT';
END"
for _ in $(seq 20); do
    "${client[@]}" d -e "DELIMITER //
$reads//" >found &
    reader=$!
    until [ "$("${client[@]}" -e "SELECT IS_USED_LOCK('reads') IS NULL")" = 0 ]; do
        kill -0 "$reader"
    done
    "${client[@]}" d -e \
        'SET STATEMENT innodb_lock_wait_timeout = 9 FOR UPDATE t SET i = 3' 2>ended &
    waiter=$!
    wait "$reader"
    wait "$waiter" || true
    grep -q 'ERROR 1205' ended
    if grep -q ^0 found; then break; fi
done
grep -q ^0 found || { echo "too busy to tell" >&2; exit 2; }
echo "ROLLBACK;" >&3
exec 3>&-
mapfile -t found <found
{
    echo "waiting, by 100 reads in two seconds, at most: ${found[0]#*$'\t'}"
    echo "updates under way, by the list of processes: ${found[1]}"
    echo "waiting, by a read after 0.2 seconds without one: ${found[2]}"
} | tee seen
cat >expected <<'END'
waiting, by 100 reads in two seconds, at most: 0
updates under way, by the list of processes: 1
waiting, by a read after 0.2 seconds without one: 1
END
diff expected seen || { echo "not as it was seen" >&2; exit 1; }
echo "as it was seen"
