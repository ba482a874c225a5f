#!/bin/bash
# Pgpool-II: a SELECT that only the primary may answer, and SQL's PREPARE.
#
# Guess: a SELECT that reads a system catalog, an unlogged or a temporary table
# is not balanced, as the documentation says: it goes to the primary, whether it
# is sent as it is, prepared by the protocol, or by PREPARE.
#
# Seen (Pgpool-II 4.6.1, defaults): by PREPARE it goes to a standby. So a
# catalog is read as a standby that lags has it, and an unlogged or a temporary
# table is an error. Other rules do hold for PREPARE: with a volatile function
# or FOR UPDATE it goes to the primary. APR's driver for PostgreSQL uses PREPARE
# for the statements of DBDPrepareSQL. So whoever needs the primary's answer
# should not rely on the table that is read.
#
# Versions: pgpool2 4.6.1-2 (Debian 13), postgresql-15, postgresql-client-15 and
# libpq5 15.20-0+deb12u1 (Debian 12).
#
# Needs apt-get, python3, and the libraries that the package postgresql-15 of
# Debian 12 depends on. Those for Debian 13's pgpool2 are downloaded.
set -euo pipefail

VERSION=15.20-0+deb12u1
PACKAGES=("postgresql-15=$VERSION" "postgresql-client-15=$VERSION"
          "libpq5=$VERSION")
PACKAGES_13=(pgpool2=4.6.1-2 libpgpool2=4.6.1-2 libc6 libgcc-s1 libstdc++6
             libcrypt1 libldap2 libsasl2-2 libmemcached11t64 libhashkit2t64
             libpam0g libaudit1 libcap-ng0 libpq5 libssl3t64 libzstd1 zlib1g
             libgssapi-krb5-2 libkrb5-3 libk5crypto3 libkrb5support0
             libcom-err2 libkeyutils1)

pgpool=
stop() {
    [ -z "$pgpool" ] || kill -INT "$pgpool" || true
    wait
    for node in standby primary; do
        [ ! -s "$folder/$node/postmaster.pid" ] ||
            run pg_ctl -D "$folder/$node" -w -m immediate stop >/dev/null
    done
    rm -rf "$folder"
}

# PostgreSQL refuses to run as root.
as_user() {
    if [ "$(id -u)" = 0 ]; then
        exec setpriv --reuid=65534 --regid=65534 --clear-groups -- "$@"
    else
        exec "$@"
    fi
}

# run PROGRAM OF POSTGRESQL…
run() {
    (LD_LIBRARY_PATH=$libraries as_user "$bin/$1" "${@:2}")
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
bin=$folder/12/usr/lib/postgresql/15/bin
libraries=$(echo "$folder"/12/usr/lib/*-linux-gnu*)
libraries_13=$(echo "$folder"/13/usr/lib/*-linux-gnu*)

cat >pgpool.conf <<CONF
backend_clustering_mode = 'streaming_replication'
listen_addresses = ''
port = 5432
unix_socket_directories = '$folder'
pcp_listen_addresses = ''
pcp_socket_dir = '$folder'
wd_ipc_socket_dir = '$folder'
pid_file_name = '$folder/pgpool.pid'
logdir = '$folder'
work_dir = '$folder'
num_init_children = 4
sr_check_user = 'finder'
sr_check_database = 'postgres'
backend_hostname0 = '$folder'
backend_port0 = 5433
backend_weight0 = 0
backend_hostname1 = '$folder'
backend_port1 = 5434
backend_weight1 = 1
CONF
touch pcp.conf pool_hba.conf
[ "$(id -u)" != 0 ] || chown -R 65534:65534 "$folder"

# start NODE PORT
start() {
    run pg_ctl -D "$folder/$1" -w -t 60 -l "$folder/$1.log" start >/dev/null \
        -o "-c listen_addresses= -c unix_socket_directories=$folder" \
        -o "-c port=$2 -c cluster_name=$1" ||
        { cat "$1.log" >&2; exit 2; }
}
run initdb -D "$folder/primary" -U finder -A trust \
    -L "$folder/12/usr/share/postgresql/15" >initdb.log 2>&1 ||
    { cat initdb.log >&2; exit 2; }
start primary 5433
run psql -h "$folder" -p 5433 -U finder -d postgres -X -q -c "
CREATE TABLE usual AS SELECT 1 AS a;
CREATE UNLOGGED TABLE unlogged AS SELECT 1 AS a;
CREATE FUNCTION fickle() RETURNS int VOLATILE LANGUAGE sql AS 'SELECT 1'"
run pg_basebackup -R -D "$folder/standby" -h "$folder" -p 5433 -U finder \
    --checkpoint=fast --no-sync
start standby 5434
as_user "$libraries_13"/ld-linux*.so.* --library-path "$libraries_13" \
    "$folder/13/usr/sbin/pgpool" -n -f pgpool.conf -F pcp.conf \
    -a pool_hba.conf >pgpool.log 2>&1 &
pgpool=$!

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
    def __init__(self):
        words = f"host={sys.argv[1]} user=finder dbname=postgres"
        self.it = ctypes.c_void_p(
            pq.PQconnectdb(f"{words} connect_timeout=9".encode()))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pq.PQfinish(self.it)

    def said(self, result, row=0, column=0):
        result = ctypes.c_void_p(result)
        if pq.PQntuples(result) > row:
            return pq.PQgetvalue(result, row, column).decode()
        return pq.PQerrorMessage(self.it).decode().partition("\n")[0]

    def sql(self, text, *where):
        return self.said(pq.PQexec(self.it, text.encode()), *where)

    def by_protocol(self, text):
        pq.PQprepare(self.it, b"x", text.encode(), 0, None)
        return self.said(pq.PQexecPrepared(self.it, b"x", *NONE))

    def by_sql(self, text):
        return self.sql(f"PREPARE x AS {text}") or self.sql("EXECUTE x")


def knows_its_nodes():
    with Connection() as connection:
        return "standby" in connection.sql("SHOW POOL_NODES", 1, 6)


for _ in range(300):
    if knows_its_nodes():
        break
    time.sleep(0.1)
else:
    sys.exit("Pgpool-II does not answer")
for rest in ("FROM usual", "FROM pg_catalog.pg_am LIMIT 1", "FROM unlogged",
             "FROM temporary", ", fickle() FROM usual",
             "FROM usual FOR UPDATE"):
    print(rest)
    for way in "sql", "by_protocol", "by_sql":
        with Connection() as connection:
            connection.sql("CREATE TEMPORARY TABLE temporary AS SELECT 1 AS a")
            said = getattr(connection, way)(
                f"SELECT current_setting('cluster_name') {rest}")
            print(f"  {way}: {said}", flush=True)
END
LD_LIBRARY_PATH=$libraries timeout 120 python3 ask.py "$folder" | tee seen ||
    { tail ./*.log >&2; exit 2; }

cat >expected <<'END'
FROM usual
  sql: standby
  by_protocol: standby
  by_sql: standby
FROM pg_catalog.pg_am LIMIT 1
  sql: primary
  by_protocol: primary
  by_sql: standby
FROM unlogged
  sql: primary
  by_protocol: primary
  by_sql: ERROR:  cannot access temporary or unlogged relations during recovery
FROM temporary
  sql: primary
  by_protocol: primary
  by_sql: ERROR:  relation "temporary" does not exist
, fickle() FROM usual
  sql: primary
  by_protocol: primary
  by_sql: primary
FROM usual FOR UPDATE
  sql: primary
  by_protocol: primary
  by_sql: primary
END
diff expected seen || { echo "not as it was seen" >&2; exit 1; }
echo "as it was seen"
