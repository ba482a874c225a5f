#!/bin/bash
# PostgreSQL: CREATE INDEX IF NOT EXISTS where a table has that name.
#
# Guess: IF NOT EXISTS is about indexes. If a table has the name of the index,
# the statement fails with "relation already exists", as CREATE INDEX does, for
# there is no such index.
#
# Seen (PostgreSQL 15.20, Debian 12): a notice, "relation … already exists,
# skipping", and success. There is no index afterwards, and a UNIQUE that a
# schema relies on is not enforced. IF NOT EXISTS asks for any relation of that
# name in the schema: a view or a sequence does the same. So whoever installs a
# schema with IF NOT EXISTS must look at what is there, not at the outcome.
#
# Versions: postgresql-15, postgresql-client-15 and libpq5 15.20-0+deb12u1
# (Debian 12).
#
# Needs apt-get and the libraries that the package postgresql-15 depends on.
set -euo pipefail

VERSION=15.20-0+deb12u1
PACKAGES=("postgresql-15=$VERSION" "postgresql-client-15=$VERSION"
          "libpq5=$VERSION")

stop() {
    [ ! -s "$folder/data/postmaster.pid" ] ||
        as_user "$bin/pg_ctl" -D "$folder/data" -w -m immediate stop >/dev/null
    rm -rf "$folder"
}

# PostgreSQL refuses to run as root.
as_user() {
    if [ "$(id -u)" = 0 ]; then
        setpriv --reuid=65534 --regid=65534 --clear-groups -- "$@"
    else
        "$@"
    fi
}

folder=$(mktemp -d)
bin=$folder/files/usr/lib/postgresql/15/bin
trap stop EXIT
cd "$folder"
apt-get download -q "${PACKAGES[@]}" >download.log 2>&1 ||
    { cat download.log >&2; exit 2; }
for package in *.deb; do
    dpkg -x "$package" files
done
LD_LIBRARY_PATH=$(echo "$folder"/files/usr/lib/*-linux-gnu*)
export LD_LIBRARY_PATH
[ "$(id -u)" != 0 ] || chown -R 65534:65534 "$folder"

as_user "$bin/initdb" -D "$folder/data" -U finder -A trust \
    -L "$folder/files/usr/share/postgresql/15" >initdb.log 2>&1 ||
    { cat initdb.log >&2; exit 2; }
as_user "$bin/pg_ctl" -D "$folder/data" -w -t 30 -l "$folder/server.log" start \
    -o "-c listen_addresses= -c unix_socket_directories=$folder" >/dev/null

run() {
    as_user "$bin/psql" -h "$folder" -U finder -d postgres -X -A -t \
        -v ON_ERROR_STOP=1 -c "$1" 2>&1
}
"$bin/postgres" --version
run "CREATE TABLE keys (hash text)" >/dev/null
for other in "TABLE keys_hash (other int)" "VIEW keys_hash AS SELECT 1" \
    "SEQUENCE keys_hash"; do
    run "CREATE $other" >/dev/null
    status=0
    message=$(run "CREATE UNIQUE INDEX IF NOT EXISTS keys_hash ON keys (hash)") ||
        status=$?
    indexes=$(run "SELECT count(*) FROM pg_indexes WHERE tablename = 'keys'")
    run "DROP ${other%% *} keys_hash" >/dev/null
    echo "beside a ${other%% *}: status $status, indexes $indexes; $message"
done | tee "$folder/seen"
run "INSERT INTO keys VALUES ('a'), ('a')"

for other in TABLE VIEW SEQUENCE; do
    echo "beside a $other: status 0, indexes 0; NOTICE:  relation" \
        '"keys_hash" already exists, skipping'
    echo "CREATE INDEX"
done >"$folder/expected"
diff "$folder/expected" "$folder/seen" ||
    { echo "not as it was seen" >&2; exit 1; }
echo "as it was seen"
