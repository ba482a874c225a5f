#!/bin/bash
# apr_dbd_sqlite3: a PRAGMA that was prepared, and is run again.
#
# Guess: a statement that apr_dbd_prepare() has prepared can be run any number of
# times, a PRAGMA as well as a SELECT; and a PRAGMA that only sets something leaves
# other prepared statements alone.
#
# Seen (APR-util 1.6.3, SQLite 3.40.1, Debian 12): most PRAGMAs run once. From the
# second time on apr_dbd_pselect() returns 1, and apr_dbd_error() says "not an error".
# "PRAGMA user_version" and SELECT do run again. After "PRAGMA foreign_keys=ON" every
# statement of the connection fails like this, the SELECT too.
# SQLite marks such programs to be run only once, and expires all when it must compile
# them otherwise; sqlite3_prepare_v2() compiles them again by itself. The driver
# calls the older sqlite3_prepare(), where that is an error which has no text. So a
# PRAGMA belongs into apr_dbd_select() or apr_dbd_query(), which prepare each time.
#
# Versions: libaprutil1, libaprutil1-dbd-sqlite3 and libaprutil1-dev 1.6.3-1+deb12u1,
# libapr1 and libapr1-dev 1.7.2-3+deb12u1, libsqlite3-0 3.40.1-2+deb12u2 (Debian 12).
#
# Needs apt-get and gcc, and what these libraries depend on.
set -euo pipefail

APR=1.7.2-3+deb12u1
UTIL=1.6.3-1+deb12u1
SQLITE=3.40.1-2+deb12u2

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -q "libapr1=$APR" "libapr1-dev=$APR" "libaprutil1=$UTIL" \
    "libaprutil1-dev=$UTIL" "libaprutil1-dbd-sqlite3=$UTIL" \
    "libsqlite3-0=$SQLITE" >log 2>&1 || { cat log >&2; exit 2; }
for package in *.deb; do
    dpkg -x "$package" files
done
libraries=$(echo "$folder"/files/usr/lib/*-linux-gnu*)

cat >twice.c <<'END'
#include <apr_dbd.h>
#include <apr_general.h>
#include <stdio.h>

static apr_pool_t *pool;
static const apr_dbd_driver_t *driver;
static apr_dbd_t *database;

static apr_dbd_prepared_t *prepare(const char *sql)
{
    apr_dbd_prepared_t *prepared = NULL;
    apr_dbd_prepare(driver, pool, database, sql, NULL, &prepared);
    return prepared;
}

static void run(const char *what, apr_dbd_prepared_t *prepared)
{
    apr_dbd_results_t *results = NULL;
    apr_dbd_row_t *row = NULL;
    int code = apr_dbd_pselect(driver, pool, database, &results, prepared, 0, 0,
                               NULL);
    if (code != 0) {
        printf("    %s: %d, %s\n", what, code,
               apr_dbd_error(driver, database, code));
        return;
    }
    while (apr_dbd_get_row(driver, pool, results, &row, -1) == 0) {
    }
    printf("    %s: good\n", what);
}

int main(int argc, char **argv)
{
    apr_dbd_prepared_t *pragma, *select;
    (void)argc;
    apr_initialize();
    apr_pool_create(&pool, NULL);
    apr_dbd_init(pool);
    if (apr_dbd_get_driver(pool, "sqlite3", &driver) != APR_SUCCESS
        || apr_dbd_open(driver, pool, ":memory:", &database) != APR_SUCCESS) {
        return 1;
    }
    select = prepare("SELECT count(*) FROM sqlite_schema");
    pragma = prepare(argv[1]);
    puts(argv[1]);
    run("SELECT", select);
    run("once", pragma);
    run("twice", pragma);
    run("SELECT again", select);
    return 0;
}
END
gcc -o twice -D_GNU_SOURCE -Ifiles/usr/include/apr-1.0 twice.c \
    -L"$libraries" -laprutil-1 -lapr-1 -Wl,-rpath-link,"$libraries"

export LD_LIBRARY_PATH=$libraries:$libraries/apr-util-1
for pragma in journal_mode=MEMORY busy_timeout=1000 user_version foreign_keys=ON; do
    ./twice "PRAGMA $pragma"
done | tee seen

cat >expected <<'END'
PRAGMA journal_mode=MEMORY
    SELECT: good
    once: good
    twice: 1, not an error
    SELECT again: good
PRAGMA busy_timeout=1000
    SELECT: good
    once: good
    twice: 1, not an error
    SELECT again: good
PRAGMA user_version
    SELECT: good
    once: good
    twice: good
    SELECT again: good
PRAGMA foreign_keys=ON
    SELECT: good
    once: good
    twice: 1, not an error
    SELECT again: 1, not an error
END
diff expected seen || { echo "not as it was seen" >&2; exit 1; }
echo "as it was seen"
