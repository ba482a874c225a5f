/* SPDX-License-Identifier: Apache-2.0 */
/* The statements that a connection has prepared, and its session. */
#include "db/statements.h"

#include <apr_dbd.h>
#include <apr_hash.h>
#include <apr_strings.h>

#include "db/driver.h"

/* The key of our data among mod_dbd's prepared statements of a connection. */
#define SESSION_KEY "uptime_keys"

/* What we know of a connection, for as long as it lives. */
typedef struct {
    int is_set_up; /* 1 once the driver's SQL for a session was run */
    /* Statements are numbered: PostgreSQL keeps the name of one that we had to
     * forget until its session ends. */
    int count;
    apr_hash_t *prepared; /* uk_statement_t * -> prepared_t * */
} session_t;

/* A statement as the driver has it. Its memory is freed when it is forgotten,
 * but for SQLite's: a connection may live for ever, and fail all that time. */
typedef struct {
    const uk_statement_t *statement; /* the key */
    apr_pool_t *pool;
    apr_dbd_prepared_t *handle;
} prepared_t;

static session_t *session_of(const uk_connection_t *connection)
{
    session_t *session = apr_hash_get(connection->prepared, SESSION_KEY,
                                      sizeof(SESSION_KEY) - 1);

    if (!session) {
        session = apr_pcalloc(connection->pool, sizeof(*session));
        session->prepared = apr_hash_make(connection->pool);
        apr_hash_set(connection->prepared, SESSION_KEY, sizeof(SESSION_KEY) - 1,
                     session);
    }
    return session;
}

static int set_up_session(const uk_connection_t *connection, session_t *session)
{
    const char *sql = connection->traits->session;
    int changed, code = 0;

    if (sql && !session->is_set_up) {
        code = apr_dbd_query(connection->driver, connection->handle, &changed,
                             sql);
    }
    session->is_set_up = code == 0;
    return code;
}

static int prepare_statement(const uk_connection_t *connection,
                             session_t *session,
                             const uk_statement_t *statement,
                             prepared_t **found)
{
    prepared_t *prepared;
    apr_pool_t *pool;
    int code;

    apr_pool_create(&pool, connection->pool);
    prepared = apr_pcalloc(pool, sizeof(*prepared));
    prepared->statement = statement;
    prepared->pool = pool;
    code = apr_dbd_prepare(
        connection->driver, pool, connection->handle, statement->sql,
        apr_psprintf(pool, "%s_%d", statement->label, ++session->count),
        &prepared->handle);
    if (code != 0) {
        apr_pool_destroy(pool);
        return code;
    }
    apr_hash_set(session->prepared, &prepared->statement,
                 sizeof(prepared->statement), prepared);
    *found = prepared;
    return 0;
}

int uk_statements_find(uk_connection_t *connection,
                       const uk_statement_t *statement,
                       apr_dbd_prepared_t **prepared)
{
    session_t *session = session_of(connection);
    prepared_t *found =
        apr_hash_get(session->prepared, &statement, sizeof(statement));
    int code = 0;

    if (!found) {
        code = set_up_session(connection, session);
    }
    if (!found && code == 0) {
        code = prepare_statement(connection, session, statement, &found);
    }
    *prepared = found ? found->handle : NULL;
    return code;
}

void uk_statements_forget(uk_connection_t *connection)
{
    session_t *session = session_of(connection);
    apr_hash_index_t *i;

    session->is_set_up = 0;
    for (i = apr_hash_first(NULL, session->prepared); i; i = apr_hash_next(i)) {
        prepared_t *prepared = apr_hash_this_val(i);

        apr_hash_set(session->prepared, &prepared->statement,
                     sizeof(prepared->statement), NULL);
        apr_pool_destroy(prepared->pool);
    }
}
