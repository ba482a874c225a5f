/* SPDX-License-Identifier: Apache-2.0 */
/* The tool's connection provider for db/database.h: one connection, opened when
 * it is first needed, and again after it was lost. */
#include "cli/connection.h"

#include <apr_strings.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db/driver.h"

struct cli_connection_t {
    apr_pool_t *pool;
    const char *params;
    const struct apr_dbd_driver_t *driver;
    int bulk_mode;
    uk_connection_t session; /* session.pool is NULL: not open */
    const char *error;       /* why it could not be opened; NULL: it could */
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
                                  const char *params,
                                  cli_connection_t **connection)
{
    *connection = apr_pcalloc(pool, sizeof(**connection));
    (*connection)->pool = pool;
    (*connection)->params = params;
    return uk_connection_load_driver(pool, driver, &(*connection)->driver)
                   == APR_SUCCESS
               ? NULL
               : no_driver(pool, driver);
}

static int is_file_database(const cli_connection_t *connection)
{
    return uk_driver_of(connection->driver)->is_file;
}

const char *cli_connection_file(const cli_connection_t *connection)
{
    return is_file_database(connection) ? connection->params : NULL;
}

const char *cli_connection_folder(apr_pool_t *pool,
                                  const cli_connection_t *connection)
{
    const char *file = connection->params;
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

static void try_all(const uk_connection_t *connection, const char *const *sql)
{
    for (; *sql; sql++) {
        uk_connection_try(connection, *sql);
    }
}

void cli_connection_bulk_mode(cli_connection_t *connection)
{
    connection->bulk_mode = 1;
    if (is_file_database(connection) && connection->session.pool) {
        try_all(&connection->session, sqlite_bulk_mode);
    }
}

/* ODBC's driver writes to standard error why it cannot connect; the tool itself
 * reports the same, in one line. */
static apr_status_t open_silently(cli_connection_t *connection,
                                  apr_pool_t *pool, const char **error)
{
    int saved = dup(STDERR_FILENO);
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    apr_status_t rv;

    dup2(nowhere, STDERR_FILENO);
    rv = uk_connection_open(&connection->session, pool, connection->driver,
                            connection->params, error);
    dup2(saved, STDERR_FILENO);
    close(saved);
    close(nowhere);
    return rv;
}

static apr_status_t open_connection(cli_connection_t *connection)
{
    apr_pool_t *pool;
    const char *error;
    apr_status_t rv;

    apr_pool_create(&pool, connection->pool);
    rv = open_silently(connection, pool, &error);
    if (rv != APR_SUCCESS) {
        connection->error = error ? apr_pstrdup(connection->pool, error)
                                  : "the driver could not connect";
        apr_pool_destroy(pool);
        return rv;
    }
    connection->error = NULL;
    if (is_file_database(connection)) {
        try_all(&connection->session, sqlite_read_schema);
        if (connection->bulk_mode) {
            try_all(&connection->session, sqlite_bulk_mode);
        }
    }
    return APR_SUCCESS;
}

static apr_status_t acquire_own(void *baton, apr_pool_t *pool,
                                uk_connection_t *connection)
{
    cli_connection_t *own = baton;
    apr_status_t rv = APR_SUCCESS;

    (void)pool;
    if (!own->session.pool) {
        rv = open_connection(own);
    }
    *connection = own->session;
    connection->error = own->error;
    return rv;
}

static void release_own(void *baton, uk_connection_t *connection)
{
    cli_connection_t *own = baton;

    if (!uk_connection_is_alive(connection)) {
        /* This also sets session.pool to NULL. */
        apr_pool_destroy(own->session.pool);
    }
}

const uk_connection_provider_t cli_connection_provider = {acquire_own,
                                                          release_own};
