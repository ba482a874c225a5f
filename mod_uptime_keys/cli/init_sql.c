/* SPDX-License-Identifier: Apache-2.0 */
/* DBDInitSQL in the tool, as mod_dbd runs it. */
#include "cli/init_sql.h"

#include <apr_hash.h>
#include <apr_strings.h>

#include "db/driver.h"

/* In connection->prepared: it has run. */
#define DONE_KEY "uptime_keys init_sql"

typedef struct {
    const uk_connection_provider_t *provider;
    void *baton;
    const char *init_sql;
} init_sql_t;

static void run_all(uk_connection_t *connection, apr_pool_t *pool,
                    const char *init_sql)
{
    char *rest = NULL;
    const char *sql = apr_strtok(apr_pstrdup(pool, init_sql), "\n", &rest);

    connection->traits = uk_driver_of(connection->driver);
    connection->caller_pool = pool;
    while (sql && uk_connection_execute(connection, sql) == 0) {
        sql = apr_strtok(NULL, "\n", &rest);
    }
    connection->error = NULL;
}

static apr_status_t acquire_with_init(void *baton, apr_pool_t *pool,
                                      uk_connection_t *connection)
{
    const init_sql_t *init = baton;
    apr_status_t rv = init->provider->acquire(init->baton, pool, connection);

    if (rv == APR_SUCCESS
        && !apr_hash_get(connection->prepared, DONE_KEY, APR_HASH_KEY_STRING)) {
        apr_hash_set(connection->prepared, DONE_KEY, APR_HASH_KEY_STRING, init);
        run_all(connection, pool, init->init_sql);
    }
    return rv;
}

static void release_with_init(void *baton, uk_connection_t *connection)
{
    const init_sql_t *init = baton;

    init->provider->release(init->baton, connection);
}

void cli_init_sql_run(apr_pool_t *pool, uk_database_t *db, const char *init_sql)
{
    static const uk_connection_provider_t provider = {acquire_with_init,
                                                      release_with_init};
    init_sql_t *init;

    if (!init_sql) {
        return;
    }
    init = apr_palloc(pool, sizeof(*init));
    init->provider = db->provider;
    init->baton = db->baton;
    init->init_sql = init_sql;
    db->provider = &provider;
    db->baton = init;
}
