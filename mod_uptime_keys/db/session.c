/* SPDX-License-Identifier: Apache-2.0 */
/* The session of a connection. */
#include "db/session.h"

#include <apr_strings.h>
#include <string.h>

#include "core/secret.h"
#include "db/driver.h"
#include "db/libpq.h"
#include "db/odbc.h"
#include "db/transaction.h"

/* The key of our data in mod_dbd's hash of prepared statements. */
#define SESSION_KEY "uptime_keys"

/* In SQLite the string '1' does not equal the number 1, and in MySQL 7 / 2 is
 * 3.5. */
static const char ask_dialect[] =
    "SELECT CASE WHEN '1' = 1 THEN "
    "CASE WHEN 7 / 2 = 3 THEN 'pgsql' ELSE 'mysql' END "
    "ELSE 'sqlite3' END";

/* As it was when this client connected, not as another client left it. */
static const char reset_search_path[] =
    "SELECT set_config('search_path', (SELECT reset_val FROM pg_settings "
    "WHERE name = 'search_path'), true)";

static const char set_search_path[] =
    "SELECT set_config('search_path', '%s', true)";

/* The schema with the tables, or where they would be made. */
static const char ask_schema[] =
    "SELECT replace(quote_ident(COALESCE((SELECT nspname FROM pg_class "
    "JOIN pg_namespace ON pg_namespace.oid = relnamespace "
    "WHERE pg_class.oid = to_regclass('uptime_schema')), "
    "current_schema())), '%', '%%') || '.'";

uk_session_t *uk_session_of(uk_connection_t *connection)
{
    uk_session_t *session = apr_hash_get(connection->prepared, SESSION_KEY,
                                         sizeof(SESSION_KEY) - 1);
    unsigned char random[UK_SESSION_NAME_LEN / 2];

    if (!session) {
        session = apr_pcalloc(connection->pool, sizeof(*session));
        session->prepared = apr_hash_make(connection->pool);
        apr_pool_create(&session->pool, connection->pool);
        uk_secret_random(random, sizeof(random));
        uk_secret_hex(random, sizeof(random), session->name);
        apr_hash_set(connection->prepared, SESSION_KEY, sizeof(SESSION_KEY) - 1,
                     session);
    }
    return session;
}

/* Ask for one string. @param answer receives it, in the pool; NULL if there is
 * no row. @return 0, or -1 with connection->error */
static int ask_string(uk_connection_t *connection, apr_pool_t *pool,
                      const char *sql, const char **answer)
{
    apr_array_header_t *rows;

    *answer = NULL;
    if (uk_connection_query(connection, pool, sql, 1, &rows)) {
        return -1;
    }
    if (rows->nelts > 0) {
        *answer = APR_ARRAY_IDX(rows, 0, const char **)[0];
    }
    return 0;
}

int uk_session_is_pgsql(const uk_session_t *session)
{
    return session->dialect && strcmp(session->dialect, "pgsql") == 0;
}

static int learn_dialect(uk_connection_t *connection, uk_session_t *session)
{
    const uk_driver_t *driver = connection->traits;

    session->dialect = driver->dialect;
    return driver->dialect || !driver->name
               ? 0
               : ask_string(connection, session->pool, ask_dialect,
                            &session->dialect);
}

/* The value of search_path in DBDParams. A pooler may keep it to itself, or
 * drop it. @return NULL: there is none, or one that this cannot read */
static const char *search_path_of(apr_pool_t *pool, const char *params)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_,";
    const char *value = params ? strstr(params, "search_path=") : NULL;
    size_t length;

    if (!value) {
        return NULL;
    }
    value += strlen("search_path=");
    length = strspn(value, letters);
    return length > 0 && strchr(" '\"", value[length])
               ? apr_pstrmemdup(pool, value, length)
               : NULL;
}

/* These would fail if they were run once more. */
static int makes_something(const char *sql)
{
    return (strncasecmp(sql, "create ", 7) == 0
            || strncasecmp(sql, "prepare ", 8) == 0)
           && !strchr(sql, ';');
}

/* A function may do anything; SET has no parentheses. */
int uk_session_is_about_schema(const char *sql)
{
    if (makes_something(sql)) {
        return 0;
    }
    return strncasecmp(sql, "use ", 4) == 0 || strcasestr(sql, "search_path")
           || strcasestr(sql, "schema") || strcasestr(sql, "role")
           || strcasestr(sql, "authorization") || strchr(sql, '(');
}

/* Run the lines of DBDInitSQL that may select a schema. mod_dbd has run them
 * too, but perhaps in another session of the database. */
static int run_init_sql(uk_connection_t *connection, apr_pool_t *pool,
                        const char *init_sql)
{
    char *rest = apr_pstrdup(pool, init_sql ? init_sql : "");
    char *line = apr_strtok(rest, "\n", &rest);

    while (line) {
        if (uk_session_is_about_schema(line)
            && uk_connection_execute(connection, line)) {
            return -1;
        }
        line = apr_strtok(NULL, "\n", &rest);
    }
    return 0;
}

static int select_schema(uk_connection_t *connection, apr_pool_t *pool)
{
    static const uk_endpoint_t unknown;
    const uk_endpoint_t *endpoint =
        connection->endpoint ? connection->endpoint : &unknown;
    const char *search_path = search_path_of(pool, endpoint->params);
    const char *sql = search_path
                          ? apr_psprintf(pool, set_search_path, search_path)
                          : reset_search_path;
    const char *answer;

    return ask_string(connection, pool, sql, &answer)
                   || run_init_sql(connection, pool, endpoint->init_sql)
               ? -1
               : 0;
}

int uk_session_select_schema(uk_connection_t *connection)
{
    const uk_session_t *session = uk_session_of(connection);

    return uk_session_is_pgsql(session)
               ? select_schema(connection, connection->caller_pool)
               : 0;
}

/* Nothing is left in the session of the database, whichever it is. A name
 * without a schema would be looked for as another client left it. */
static int resolve_schema(uk_connection_t *connection, uk_session_t *session,
                          apr_pool_t *pool)
{
    struct apr_dbd_transaction_t *transaction = NULL;
    int failed =
        uk_transaction_start(connection, pool, &transaction)
        || select_schema(connection, pool)
        || ask_string(connection, session->pool, ask_schema, &session->schema);

    if (transaction) {
        uk_transaction_roll_back(connection, pool, transaction);
    }
    /* PostgreSQL's driver returns NULL as an empty string. */
    if (!failed && !(session->schema && *session->schema)) {
        connection->error = "the search path has no schema that exists and "
                            "that this user may use";
        failed = 1;
    }
    return failed ? -1 : 0;
}

static int set_up_session(uk_connection_t *connection, uk_session_t *session,
                          apr_pool_t *pool)
{
    const char *sql = connection->traits->session;

    session->schema = "";
    if ((sql && uk_connection_execute(connection, sql))
        || learn_dialect(connection, session)) {
        return -1;
    }
    if (!uk_session_is_pgsql(session)) {
        return 0;
    }
    uk_odbc_prepare_nothing(connection);
    return uk_libpq_first_answer(connection)
               ? -1
               : resolve_schema(connection, session, pool);
}

uk_session_t *uk_session_begin(uk_connection_t *connection)
{
    uk_session_t *session = uk_session_of(connection);
    apr_pool_t *pool;

    if (!session->is_set_up) {
        /* A connection may live for ever and fail again and again. */
        apr_pool_clear(session->pool);
        apr_pool_create(&pool, session->pool);
        session->is_set_up = set_up_session(connection, session, pool) == 0;
        apr_pool_destroy(pool);
    }
    return session->is_set_up ? session : NULL;
}

void uk_session_forget(uk_connection_t *connection)
{
    uk_session_of(connection)->is_set_up = 0;
}
