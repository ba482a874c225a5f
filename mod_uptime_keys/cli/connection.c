/* SPDX-License-Identifier: Apache-2.0 */
/* The tool's connection, and the file of a database that is one. */
#include "cli/connection.h"

#include <apr_strings.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db/driver.h"
#include "db/sqlite.h"

struct cli_connection_t {
    uk_single_t single;
    int bulk_mode;
};

/* apr_dbd does not wait for a lock on the whole database while SQLite reads the
 * schema. So read it once, waiting up to five seconds. apr_dbd retries at all
 * other locks, and the timeout would apply to each of these attempts. */
static const char *const sqlite_read_schema[] = {
    "PRAGMA busy_timeout=5000",
    "SELECT COUNT(*) FROM sqlite_master",
    "PRAGMA busy_timeout=0",
    NULL,
};

static const char *const sqlite_bulk_mode[] = {
    "PRAGMA synchronous=NORMAL",
    "PRAGMA cache_size=-262144",       /* KiB */
    "PRAGMA wal_autocheckpoint=65536", /* pages of 4 KiB */
    NULL,
};

/* Ten seconds; then go on without the lock. */
#define LOCK_PAUSE apr_time_from_msec(20)
#define LOCK_TRIES 500

static int is_file_database(const cli_connection_t *connection)
{
    return uk_driver_of(connection->single.driver)->is_file;
}

static void try_all(const uk_connection_t *connection, const char *const *sql)
{
    for (; *sql; sql++) {
        uk_connection_try(connection, *sql);
    }
}

static void set_up_bulk(uk_connection_t *opened)
{
    try_all(opened, sqlite_bulk_mode);
    uk_sqlite_skip_triggers(opened);
}

static void set_up_file(void *baton, uk_connection_t *opened)
{
    const cli_connection_t *connection = baton;

    if (is_file_database(connection)) {
        try_all(opened, sqlite_read_schema);
        if (connection->bulk_mode) {
            set_up_bulk(opened);
        }
    }
}

static const char *no_driver(apr_pool_t *pool, const char *name)
{
    const uk_driver_t *known = uk_driver_named(name);

    return known->name
               ? apr_psprintf(pool,
                              "the database driver %s is not "
                              "installed: it is in the package %s (Debian, "
                              "Ubuntu) or %s (Fedora, RHEL)",
                              name, known->debian, known->redhat)
               : apr_psprintf(pool, "there is no database driver %s: use %s",
                              name, uk_driver_names(pool, " or "));
}

const char *cli_connection_create(apr_pool_t *pool, const char *driver,
                                  const char *params, const char *init_sql,
                                  cli_connection_t **connection)
{
    const uk_endpoint_t endpoint = {.params = params, .init_sql = init_sql};
    apr_status_t rv;

    *connection = apr_pcalloc(pool, sizeof(**connection));
    rv = uk_single_create(&(*connection)->single, pool, driver, &endpoint);
    (*connection)->single.opened = set_up_file;
    (*connection)->single.baton = *connection;
    return rv == APR_SUCCESS ? NULL : no_driver(pool, driver);
}

const uk_single_t *cli_connection_single(const cli_connection_t *connection)
{
    return &connection->single;
}

const char *cli_connection_file(const cli_connection_t *connection)
{
    return is_file_database(connection) ? connection->single.endpoint.params
                                        : NULL;
}

const char *cli_connection_folder(apr_pool_t *pool,
                                  const cli_connection_t *connection)
{
    const char *file = connection->single.endpoint.params;
    const char *slash = strrchr(file, '/');

    if (!slash) {
        return ".";
    }
    return slash == file
               ? "/"
               : apr_pstrmemdup(pool, file, (apr_size_t)(slash - file));
}

/* Only root can do this. A failure is ignored. */
static void give_to_owner_of(const char *folder, int fd)
{
    struct stat info;

    if (geteuid() == 0 && stat(folder, &info) == 0
        && fchown(fd, info.st_uid, info.st_gid) != 0) {
        errno = 0;
    }
}

/* Serialise processes that create tables in one folder: SQLite refuses some of
 * them if they switch to WAL at the same moment. The lock is released when the
 * process ends. It is not on the file, because closing that here would release
 * SQLite's own locks. */
static void lock_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int tries = LOCK_TRIES;

    while (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0 && tries-- > 0) {
        apr_sleep(LOCK_PAUSE);
    }
}

const char *cli_connection_make_file(apr_pool_t *pool,
                                     const cli_connection_t *connection)
{
    const char *file = cli_connection_file(connection);
    int fd;

    if (!file) {
        return NULL;
    }
    lock_folder(cli_connection_folder(pool, connection));
    fd = open(file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0660);
    if (fd < 0) {
        return errno == EEXIST ? NULL
                               : apr_psprintf(pool, "cannot make %s: %s", file,
                                              strerror(errno));
    }
    give_to_owner_of(cli_connection_folder(pool, connection), fd);
    close(fd);
    return NULL;
}

void cli_connection_bulk_mode(cli_connection_t *connection)
{
    connection->bulk_mode = 1;
    if (is_file_database(connection) && connection->single.connection.pool) {
        set_up_bulk(&connection->single.connection);
    }
}

void cli_connection_use(cli_connection_t *connection, uk_database_t *db)
{
    uk_single_use(&connection->single, db);
}
