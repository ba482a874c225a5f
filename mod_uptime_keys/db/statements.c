/* SPDX-License-Identifier: Apache-2.0 */
/* The statements that are prepared in the session of a connection. */
#include "db/statements.h"

#include <apr_dbd.h>
#include <apr_hash.h>
#include <apr_strings.h>
#include <string.h>

#include "db/driver.h"
#include "db/session.h"

/* A prepared statement. Its pool is destroyed when it is forgotten, because a
 * connection may live for ever and fail again and again; SQLite's driver frees
 * the statement itself only with the connection. */
typedef struct {
    const uk_statement_t *statement; /* its address is the key of the hash */
    apr_pool_t *pool;
    apr_dbd_prepared_t *handle;
} prepared_t;

/* What a name of a table of ours begins with, in uk_statement_t.sql. */
#define TABLE "@uptime_"

/* It is evaluated once, before the rows are looked for. version() keeps the
 * planner from evaluating the cast, which would fail on a primary too. Pgpool-II
 * sends a SELECT with a volatile function, which the first one is, to the
 * primary. */
static const char and_is_primary[] =
    " AND (SELECT CASE WHEN pg_is_in_recovery() "
    "THEN CAST('" UK_STANDBY_ERROR "; ' || version() AS BOOLEAN) "
    "ELSE TRUE END)";

static const char *condition_of(const uk_session_t *session)
{
    return uk_session_is_pgsql(session) && !session->allows_standby
               ? and_is_primary
               : "";
}

static const char *earlier_of(const char *a, const char *b)
{
    return a && (!b || a < b) ? a : b;
}

/* Replace "@" before the name of a table by its schema, and UK_ON_PRIMARY by
 * the condition. */
static const char *expand_sql(apr_pool_t *pool, const uk_session_t *session,
                              const char *sql)
{
    const char *condition = condition_of(session), *expanded = "";
    const char *table = strstr(sql, TABLE), *end = strstr(sql, UK_ON_PRIMARY);

    while (table || end) {
        const char *at = earlier_of(table, end);

        expanded = apr_psprintf(pool, "%s%.*s%s", expanded, (int)(at - sql),
                                sql, at == table ? session->schema : condition);
        sql = at == table ? at + 1 : at + sizeof(UK_ON_PRIMARY) - 1;
        table = strstr(sql, TABLE);
        end = strstr(sql, UK_ON_PRIMARY);
    }
    return apr_pstrcat(pool, expanded, sql, NULL);
}

/* What a statement begins with, whose first word UK_INSERT_MANY may be. That is
 * skipped. */
static const char *beginning_of(const uk_connection_t *connection,
                                const char **sql)
{
    const char *insert = connection->traits->bulk_insert;

    if (strncmp(*sql, UK_INSERT_MANY, sizeof(UK_INSERT_MANY) - 1) != 0) {
        return "";
    }
    *sql += sizeof(UK_INSERT_MANY) - 1;
    return insert ? insert : "INSERT INTO";
}

/* The ODBC driver of MariaDB finds a statement that it has prepared before by
 * its text, and goes on using it after the server was replaced. */
static const char *text_of(apr_pool_t *pool, const uk_connection_t *connection,
                           const uk_session_t *session, const char *sql)
{
    const char *beginning = beginning_of(connection, &sql);
    const char *text =
        apr_pstrcat(pool, beginning, expand_sql(pool, session, sql), NULL);

    return connection->traits->is_odbc && session->times_forgotten
               ? apr_psprintf(pool, "%s /* %d */", text,
                              session->times_forgotten)
               : text;
}

static prepared_t *prepare_statement(uk_connection_t *connection,
                                     uk_session_t *session,
                                     const uk_statement_t *statement)
{
    prepared_t *prepared;
    apr_pool_t *pool;
    const char *name = NULL;
    int code;

    apr_pool_create(&pool, connection->pool);
    prepared = apr_pcalloc(pool, sizeof(*prepared));
    prepared->statement = statement;
    prepared->pool = pool;
    if (session->has_names) {
        name = apr_psprintf(pool, "uk_%s_%d", session->name, ++session->count);
    }
    code = apr_dbd_prepare(connection->driver, pool, connection->handle,
                           text_of(pool, connection, session, statement->sql),
                           name, &prepared->handle);
    if (code != 0) {
        uk_connection_fail(connection, code);
        apr_pool_destroy(pool);
        return NULL;
    }
    apr_hash_set(session->prepared, &prepared->statement,
                 sizeof(prepared->statement), prepared);
    return prepared;
}

/* How statements are prepared may change while a connection is in a pool, or
 * differ between servers that share it. */
static void follow_settings(uk_connection_t *connection, uk_session_t *session)
{
    int has_names = uk_connection_has_names(connection);

    if (session->has_names != has_names
        || session->allows_standby != connection->allows_standby) {
        uk_statements_forget(connection);
        session->has_names = has_names;
        session->allows_standby = connection->allows_standby;
    }
}

apr_dbd_prepared_t *uk_statements_find(uk_connection_t *connection,
                                       const uk_statement_t *statement)
{
    uk_session_t *session = uk_session_begin(connection);
    prepared_t *found;

    if (!session) {
        return NULL;
    }
    follow_settings(connection, session);
    found = apr_hash_get(session->prepared, &statement, sizeof(statement));
    if (!found) {
        found = prepare_statement(connection, session, statement);
    }
    return found ? found->handle : NULL;
}

void uk_statements_forget(uk_connection_t *connection)
{
    uk_session_t *session = uk_session_of(connection);
    apr_hash_index_t *i;

    session->times_forgotten++;
    for (i = apr_hash_first(NULL, session->prepared); i; i = apr_hash_next(i)) {
        prepared_t *prepared = apr_hash_this_val(i);

        apr_hash_set(session->prepared, &prepared->statement,
                     sizeof(prepared->statement), NULL);
        apr_pool_destroy(prepared->pool);
    }
}

/* In whatever language, the server names the statement. PgBouncer, which
 * answers in English, does not. */
static int is_about_name(uk_connection_t *connection, const char *error)
{
    return strstr(error, uk_session_of(connection)->name)
           || strstr(error, "prepared statement did not exist");
}

void uk_statements_note_error(uk_connection_t *connection, const char *error)
{
    const uk_endpoint_t *endpoint = connection->endpoint;

    if (endpoint && endpoint->naming && is_about_name(connection, error)) {
        uk_naming_lost(endpoint->naming, uk_clock_now());
    }
}
