/* SPDX-License-Identifier: Apache-2.0 */
/* A connection provider: one connection of one's own. */
#include "db/single.h"

#include <apr_strings.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/one_line.h"
#include "db/driver.h"

apr_status_t uk_single_create(uk_single_t *single, apr_pool_t *pool,
                              const char *driver, const uk_endpoint_t *endpoint)
{
    memset(single, 0, sizeof(*single));
    single->pool = pool;
    single->endpoint = *endpoint;
    single->endpoint.naming = apr_pcalloc(pool, sizeof(uk_naming_t));
    return uk_connection_load_driver(pool, driver, &single->driver);
}

/* DBDInitSQL, as mod_dbd runs it: until a line fails. */
static void run_all_init_sql(uk_single_t *single)
{
    uk_connection_t *connection = &single->connection;
    const char *init_sql = single->endpoint.init_sql;
    char *rest, *line;
    int number;

    single->init_error = NULL;
    single->init_failed = 0;
    connection->traits = uk_driver_of(connection->driver);
    connection->caller_pool = single->pool;
    line = apr_strtok(apr_pstrdup(connection->pool, init_sql ? init_sql : ""),
                      "\n", &rest);
    for (number = 1; line && !single->init_error; number++) {
        if (uk_connection_execute(connection, line)) {
            single->init_error = connection->error;
            single->init_failed = number;
        }
        line = apr_strtok(NULL, "\n", &rest);
    }
}

/* ODBC's driver writes to standard error why it cannot connect. It is reported
 * in one line, by whoever needs the connection. */
static apr_status_t open_silently(uk_single_t *single, apr_pool_t *pool,
                                  const char **error)
{
    int is_odbc = uk_driver_of(single->driver)->is_odbc;
    int saved = is_odbc ? fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0) : -1;
    int nowhere = saved < 0 ? -1 : open("/dev/null", O_WRONLY | O_CLOEXEC);
    apr_status_t rv;

    if (nowhere >= 0) {
        dup2(nowhere, STDERR_FILENO);
        close(nowhere);
    }
    rv = uk_connection_open(&single->connection, pool, single->driver,
                            single->endpoint.params, error);
    if (saved >= 0) {
        dup2(saved, STDERR_FILENO);
        close(saved);
    }
    return rv;
}

static apr_status_t open_connection(uk_single_t *single)
{
    apr_pool_t *pool;
    const char *error;
    apr_status_t rv;

    apr_pool_create(&pool, single->pool);
    rv = open_silently(single, pool, &error);
    if (rv != APR_SUCCESS) {
        single->error = uk_one_line(
            single->pool,
            error && *error ? error : "the driver could not connect");
        apr_pool_destroy(pool);
        return rv;
    }
    single->error = NULL;
    run_all_init_sql(single);
    if (single->opened) {
        single->opened(single->baton, &single->connection);
    }
    return APR_SUCCESS;
}

static apr_status_t acquire_single(void *baton, apr_pool_t *pool,
                                   uk_connection_t *connection)
{
    uk_single_t *single = baton;
    apr_status_t rv = APR_SUCCESS;

    (void)pool;
    if (!single->connection.pool) {
        rv = open_connection(single);
    }
    *connection = single->connection;
    connection->endpoint = &single->endpoint;
    connection->error = single->error;
    return rv;
}

static void release_single(void *baton, uk_connection_t *connection)
{
    uk_single_t *single = baton;

    if (!uk_connection_is_alive(connection)) {
        /* This also sets connection.pool to NULL. */
        apr_pool_destroy(single->connection.pool);
    }
}

void uk_single_use(uk_single_t *single, uk_database_t *db)
{
    static const uk_connection_provider_t provider = {acquire_single,
                                                      release_single};

    db->provider = &provider;
    db->baton = single;
}
