#!/bin/bash
# PgBouncer: a statement that SQL's PREPARE names and the protocol executes.
#
# Guess: PgBouncer of Debian 13, which knows prepared statements by default, can
# do at least what that of Debian 12 can. libpq allows PQexecPrepared for a
# statement of PREPARE; in one transaction both reach one server session. And a
# name that does not exist is an ERROR, as with PostgreSQL, and no more.
#
# Seen (PgBouncer 1.24.1, pool_mode transaction): PREPARE and EXECUTE work,
# PQprepare and PQexecPrepared too, but PQexecPrepared after PREPARE is answered
# "FATAL: prepared statement did not exist", though the server session has it,
# and the connection is closed. 1.18.0 passes it on. PgBouncer looks for a name
# in a list of its own, which PREPARE does not enter, unless
# max_prepared_statements, which is 200 by default, is 0. APR's driver for
# PostgreSQL prepares the statements of DBDPrepareSQL in this mixed way.
#
# Versions: pgbouncer 1.18.0-1+deb12u1, postgresql-15 and libpq5 15.20-0+deb12u1
# (Debian 12), pgbouncer 1.24.1-1+deb13u2 (Debian 13).
#
# Needs apt-get, python3, and the libraries that the packages postgresql-15 and
# pgbouncer of Debian 12 depend on. Those for Debian 13's are downloaded.
set -euo pipefail

PACKAGES=(postgresql-15=15.20-0+deb12u1 libpq5=15.20-0+deb12u1
          pgbouncer=1.18.0-1+deb12u1 libc-ares2 libevent-2.1-7)
PACKAGES_13=(pgbouncer=1.24.1-1+deb13u2 libc6 libgcc-s1 libcares2
             libevent-2.1-7t64 libpam0g libaudit1 libcap-ng0 libssl3t64
             libsystemd0 libcap2 libzstd1 zlib1g)

pids=()
stop() {
    [ ${#pids[@]} = 0 ] || kill "${pids[@]}" || true
    wait
    rm -rf "$folder"
}

# PostgreSQL and PgBouncer refuse to run as root.
as_user() {
    if [ "$(id -u)" = 0 ]; then
        exec setpriv --reuid=65534 --regid=65534 --clear-groups -- "$@"
    else
        exec "$@"
    fi
}

# unpack FOLDER PACKAGE…
unpack() {
    mkdir "debs-$1"
    (cd "debs-$1" && apt-get download -q "${@:2}") >download.log 2>&1 ||
        { cat download.log >&2; exit 2; }
    for package in "debs-$1"/*.deb; do
        dpkg -x "$package" "$1"
    done
}

# Lets apt-get know Debian 13, and nothing else.
know_13() {
    mkdir -p apt/lists/partial apt/archives/partial
    touch apt/status
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]" \
        "http://deb.debian.org/debian trixie main" >apt/sources.list
    cat >apt/conf <<CONF
Dir::Etc::sourcelist "$folder/apt/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::State "$folder/apt";
Dir::State::status "$folder/apt/status";
Dir::Cache "$folder/apt";
Acquire::Languages "none";
APT::Sandbox::User "";
CONF
    export APT_CONFIG=$folder/apt/conf
    timeout 300 apt-get update -q >update.log 2>&1 ||
        { cat update.log >&2; exit 2; }
}

folder=$(mktemp -d)
chmod 755 "$folder"
trap stop EXIT
cd "$folder"
unpack 12 "${PACKAGES[@]}"
(know_13 && unpack 13 "${PACKAGES_13[@]}")
old=("$folder/12/usr/sbin/pgbouncer")
library=$(echo 13/usr/lib/*-linux-gnu*)
new=("$(echo "$library"/ld-linux*.so.*)" --library-path "$library"
     "$folder/13/usr/sbin/pgbouncer")
bin=$folder/12/usr/lib/postgresql/15/bin
LD_LIBRARY_PATH=$(echo "$folder"/12/usr/lib/*-linux-gnu*)
export LD_LIBRARY_PATH

echo '"finder" ""' >users
for name in old new new_0; do
    mkdir "$name"
    cat >"$name.ini" <<CONF
[databases]
* = host=$folder
[pgbouncer]
listen_addr =
listen_port = 5432
unix_socket_dir = $folder/$name
auth_type = trust
auth_file = $folder/users
pool_mode = transaction
CONF
done
echo "max_prepared_statements = 0" >>new_0.ini
[ "$(id -u)" != 0 ] || chown -R 65534:65534 "$folder"

(as_user "$bin/initdb" -D "$folder/data" -U finder -A trust \
    -L "$folder/12/usr/share/postgresql/15") >initdb.log 2>&1 ||
    { cat initdb.log >&2; exit 2; }
as_user "$bin/postgres" -D "$folder/data" -c listen_addresses= \
    -c "unix_socket_directories=$folder" >server.log 2>&1 &
pids+=($!)
as_user "${old[@]}" old.ini >old.log 2>&1 &
pids+=($!)
for name in new new_0; do
    as_user env -u LD_LIBRARY_PATH "${new[@]}" "$name.ini" >"$name.log" 2>&1 &
    pids+=($!)
done

"${old[@]}" --version | head -1
env -u LD_LIBRARY_PATH "${new[@]}" --version | head -1
cat >ask.py <<'END'
import ctypes
import sys
import time

pq = ctypes.CDLL("libpq.so.5")
for function in (pq.PQconnectdb, pq.PQexec, pq.PQprepare, pq.PQexecPrepared):
    function.restype = ctypes.c_void_p
for function in (pq.PQgetvalue, pq.PQerrorMessage):
    function.restype = ctypes.c_char_p
NONE = 0, None, None, None, 0


class Connection:
    def __init__(self, where):
        words = f"host={where} user=finder dbname=postgres connect_timeout=5"
        for _ in range(300):
            self.it = ctypes.c_void_p(pq.PQconnectdb(words.encode()))
            if pq.PQstatus(self.it) == 0:
                return
            pq.PQfinish(self.it)
            time.sleep(0.1)
        sys.exit(f"no server in {where}")

    def said(self, result):
        result = ctypes.c_void_p(result)
        if pq.PQntuples(result):
            return pq.PQgetvalue(result, 0, 0).decode()
        return pq.PQerrorMessage(self.it).decode().partition("\n")[0]

    def sql(self, text):
        return self.said(pq.PQexec(self.it, text.encode()))

    def prepare(self, name, text):
        return self.said(pq.PQprepare(self.it, name, text.encode(), 0, None))

    def execute(self, name):
        return self.said(pq.PQexecPrepared(self.it, name, *NONE))


def ask(where, what, prepare, execute):
    connection = Connection(where)
    connection.sql("BEGIN")
    prepare(connection)
    said = execute(connection)
    connection.sql("ROLLBACK")
    state = "closed" if pq.PQstatus(connection.it) else "stays"
    print(f"  {what}: {said}; connection {state}", flush=True)
    pq.PQfinish(connection.it)


for name, where in ("PostgreSQL", "."), *((n, n) for n in sys.argv[2:]):
    where = f"{sys.argv[1]}/{where}"
    print(name)
    ask(where, "PQprepare, PQexecPrepared",
        lambda it: it.prepare(b"a", "SELECT 1"), lambda it: it.execute(b"a"))
    ask(where, "PREPARE, EXECUTE", lambda it: it.sql("PREPARE b AS SELECT 2"),
        lambda it: it.sql("EXECUTE b"))
    ask(where, "PREPARE, PQexecPrepared",
        lambda it: it.sql("PREPARE c AS SELECT 3"),
        lambda it: it.execute(b"c"))
    ask(where, "PQexecPrepared", lambda it: None, lambda it: it.execute(b"d"))
END
timeout 120 python3 ask.py "$folder" old new new_0 | tee seen ||
    { tail ./*.log >&2; exit 2; }

cat >expected <<'END'
PostgreSQL
  PQprepare, PQexecPrepared: 1; connection stays
  PREPARE, EXECUTE: 2; connection stays
  PREPARE, PQexecPrepared: 3; connection stays
  PQexecPrepared: ERROR:  prepared statement "d" does not exist; connection stays
old
  PQprepare, PQexecPrepared: 1; connection stays
  PREPARE, EXECUTE: 2; connection stays
  PREPARE, PQexecPrepared: 3; connection stays
  PQexecPrepared: ERROR:  prepared statement "d" does not exist; connection stays
new
  PQprepare, PQexecPrepared: 1; connection stays
  PREPARE, EXECUTE: 2; connection stays
  PREPARE, PQexecPrepared: FATAL:  prepared statement did not exist; connection closed
  PQexecPrepared: FATAL:  prepared statement did not exist; connection closed
new_0
  PQprepare, PQexecPrepared: 1; connection stays
  PREPARE, EXECUTE: 2; connection stays
  PREPARE, PQexecPrepared: 3; connection stays
  PQexecPrepared: ERROR:  prepared statement "d" does not exist; connection stays
END
diff expected seen || { echo "not as it was seen" >&2; exit 1; }
echo "as it was seen"
