/* SPDX-License-Identifier: Apache-2.0 */
/* The session of a connection, and the statements that are prepared in it. */
#include "db/statements.h"

#include <apr_dbd.h>
#include <apr_hash.h>
#include <apr_strings.h>

#include "db/driver.h"

/* The key of our data in mod_dbd's hash of prepared statements. */
#define SESSION_KEY "uptime_keys"

/* Lives as long as the connection. */
typedef struct {
    int is_set_up; /* 1: the driver's SQL for a new session has run */
    /* of the last statement; never used twice, because PostgreSQL keeps the
     * name of a forgotten statement until the session ends */
    int count;
    apr_hash_t *prepared; /* uk_statement_t * -> prepared_t * */
} session_t;

/* A prepared statement. Its pool is destroyed when it is forgotten, because a
 * connection may live for ever and fail again and again; SQLite's driver frees
 * the statement itself only with the connection. */
typedef struct {
    const uk_statement_t *statement; /* its address is the key of the hash */
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
