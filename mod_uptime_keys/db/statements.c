/* SPDX-License-Identifier: Apache-2.0 */
/* The statements that a connection has prepared, and its session. */
#include "db/statements.h"

#include <apr_strings.h>

#include "db/driver.h"
#include "store/sql.h"

/* A statement as the driver has it. Its memory goes when it is forgotten, but
 * for SQLite's: a connection may live for ever, and fail all that time. */
typedef struct {
    apr_pool_t *pool;
    apr_dbd_prepared_t *handle;
} prepared_t;

/* Statements are numbered per connection: PostgreSQL keeps the name of one that
 * we had to forget until the session ends. */
#define COUNT_LABEL "uk_count"

static void *find(const uk_connection_t *connection, const char *label)
{
    return apr_hash_get(connection->prepared, label, APR_HASH_KEY_STRING);
}

static void put(const uk_connection_t *connection, const char *label,
                const void *value)
{
    apr_hash_set(connection->prepared, label, APR_HASH_KEY_STRING, value);
}

static const char *unique_name(const uk_connection_t *connection,
                               apr_pool_t *pool, const char *label)
{
    int *count = find(connection, COUNT_LABEL);

    if (!count) {
        count = apr_pcalloc(connection->pool, sizeof(*count));
        put(connection, COUNT_LABEL, count);
    }
    return apr_psprintf(pool, "%s_%d", label, ++*count);
}

/* There is while the session is known to be set up. */
#define SESSION_LABEL "uk_session"

static int set_up_session(const uk_connection_t *connection)
{
    const char *sql = connection->traits->session;
    int changed, code;

    if (!sql || find(connection, SESSION_LABEL)) {
        return 0;
    }
    code = apr_dbd_query(connection->driver, connection->handle, &changed, sql);
    if (code == 0) {
        put(connection, SESSION_LABEL, sql);
    }
    return code;
}

static int prepare(uk_connection_t *connection, const uk_statement_t *statement,
                   prepared_t **made)
{
    prepared_t *prepared;
    apr_pool_t *pool;
    int code;

    apr_pool_create(&pool, connection->pool);
    prepared = apr_pcalloc(pool, sizeof(*prepared));
    prepared->pool = pool;
    code = apr_dbd_prepare(
        connection->driver, pool, connection->handle, statement->sql,
        unique_name(connection, pool, statement->label), &prepared->handle);
    if (code != 0) {
        apr_pool_destroy(pool);
        return code;
    }
    put(connection, statement->label, prepared);
    *made = prepared;
    return 0;
}

int uk_prepared_find(uk_connection_t *connection,
                     const uk_statement_t *statement,
                     apr_dbd_prepared_t **prepared)
{
    prepared_t *found = find(connection, statement->label);
    int code = 0;

    if (!found) {
        code = set_up_session(connection);
    }
    if (!found && code == 0) {
        code = prepare(connection, statement, &found);
    }
    *prepared = found ? found->handle : NULL;
    return code;
}

void uk_prepared_forget(uk_connection_t *connection)
{
    int i;

    put(connection, SESSION_LABEL, NULL);
    for (i = 0; i < UK_SQL_COUNT; i++) {
        prepared_t *prepared = find(connection, uk_sql[i].label);

        if (prepared) {
            put(connection, uk_sql[i].label, NULL);
            apr_pool_destroy(prepared->pool);
        }
    }
}
