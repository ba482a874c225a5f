/* SPDX-License-Identifier: Apache-2.0 */
/* The tables: making them, and telling whether they are there. */
#include "core/schema.h"

#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#include "core/dialect.h"

/* After a failure to read the version: UK_NOT_FOUND only if there is surely
 * nothing to read, for the database may be locked, or our statement stale. */
static uk_outcome_e miss_schema(uk_connection_t *connection, apr_pool_t *pool)
{
    const uk_dialect_t *dialect;
    apr_array_header_t *rows;
    uk_outcome_e outcome = uk_dialect_find(connection, pool, &dialect);

    if (outcome != UK_OK) {
        return outcome;
    }
    if (uk_connection_select(connection, pool, &uk_sql[dialect->has_schema],
                             NULL, &rows)) {
        return UK_UNAVAILABLE;
    }
    return rows->nelts == 0 ? UK_NOT_FOUND : UK_UNAVAILABLE;
}

static uk_outcome_e version_work(uk_connection_t *connection, apr_pool_t *pool,
                                 void *baton)
{
    int *version = baton;
    apr_array_header_t *rows;
    const char *text;

    if (uk_connection_select(connection, pool,
                             &uk_sql[UK_SQL_SCHEMA_VERSION], NULL, &rows)) {
        return miss_schema(connection, pool);
    }
    text = rows->nelts ? APR_ARRAY_IDX(rows, 0, const char **)[0] : NULL;
    *version = text ? atoi(text) : 0;
    return UK_OK;
}

uk_outcome_e uk_schema_version(uk_database_t *db, int *version)
{
    uk_outcome_e outcome;

    *version = 0;
    outcome = uk_database_run(db, version_work, version);
    return outcome == UK_NOT_FOUND ? UK_OK : outcome;
}

static uk_outcome_e prologue_work(uk_connection_t *connection,
                                  apr_pool_t *pool, void *baton)
{
    const uk_dialect_t *dialect;
    apr_array_header_t *rows;
    uk_outcome_e outcome = uk_dialect_find(connection, pool, &dialect);

    (void)baton;
    if (outcome != UK_OK) {
        return outcome;
    }
    return uk_connection_select(connection, pool, &uk_sql[dialect->prologue],
                                NULL, &rows)
               ? UK_UNAVAILABLE
               : UK_OK;
}

/* In a schema file a semicolon and an empty line end a statement, so that a
 * trigger's body can have semicolons of its own. */
#define STATEMENT_END ";\n\n"

static uk_outcome_e install_work(uk_connection_t *connection, apr_pool_t *pool,
                                 void *baton)
{
    const uk_dialect_t *dialect;
    uk_outcome_e outcome = uk_dialect_find(connection, pool, &dialect);
    const char *rest = outcome == UK_OK ? dialect->schema : "";

    (void)baton;
    while (*rest) {
        const char *end = strstr(rest, STATEMENT_END);
        char *sql = end ? apr_pstrmemdup(pool, rest, (apr_size_t)(end - rest))
                        : apr_pstrndup(pool, rest, strcspn(rest, ";"));

        if (uk_connection_execute(connection, sql)) {
            return UK_UNAVAILABLE;
        }
        rest = end ? end + strlen(STATEMENT_END) : "";
    }
    return outcome;
}

uk_outcome_e uk_schema_install(uk_database_t *db)
{
    uk_outcome_e outcome = uk_database_run(db, prologue_work, NULL);

    return outcome == UK_OK ? uk_database_transact(db, UK_DATABASE_ATTEMPTS,
                                                   install_work, NULL)
                            : outcome;
}

/* What follows a word in a line, NULL if it is not in it. */
static const char *after(const char *line, const char *word)
{
    const char *found = strstr(line, word);

    return found && found < line + strcspn(line, "\n") ? found + strlen(word)
                                                       : NULL;
}

#define OUR_PREFIX "uptime_"

/* The name of the table, index or trigger of ours that a line of a schema
 * makes, NULL if it makes none. */
static const char *object_of(apr_pool_t *pool, const char *line)
{
    static const char *const kinds[] = {" TABLE ", " INDEX ", " TRIGGER ",
                                        " KEY "};
    const char *name = NULL, *unless;
    size_t i;

    for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && !name; i++) {
        name = after(line, kinds[i]);
    }
    if (!name) {
        return NULL;
    }
    unless = after(line, " IF NOT EXISTS ");
    name = unless ? unless : name;
    return strncmp(name, OUR_PREFIX, strlen(OUR_PREFIX)) == 0
               ? apr_pstrmemdup(pool, name, strcspn(name, " \n("))
               : NULL;
}

static int is_among(const apr_array_header_t *rows, const char *name)
{
    int i;

    for (i = 0; i < rows->nelts; i++) {
        if (strcmp(APR_ARRAY_IDX(rows, i, const char **)[0], name) == 0) {
            return 1;
        }
    }
    return 0;
}

static uk_outcome_e missing_row_work(uk_connection_t *connection,
                                     apr_pool_t *pool,
                                     apr_array_header_t *missing)
{
    apr_array_header_t *rows;

    if (uk_connection_select(connection, pool, &uk_sql[UK_SQL_CHANGES], NULL,
                             &rows)) {
        return UK_UNAVAILABLE;
    }
    if (rows->nelts != 1) {
        APR_ARRAY_PUSH(missing, const char *) = "the row of uptime_changes";
    }
    return UK_OK;
}

static uk_outcome_e missing_work(uk_connection_t *connection, apr_pool_t *pool,
                                 void *baton)
{
    apr_array_header_t *missing = apr_array_make(pool, 1, sizeof(char *));
    const uk_dialect_t *dialect;
    uk_outcome_e outcome = uk_dialect_find(connection, pool, &dialect);
    apr_array_header_t *rows;
    const char *line;

    *(apr_array_header_t **)baton = missing;
    if (outcome != UK_OK) {
        return outcome;
    }
    if (uk_connection_select(connection, pool, &uk_sql[dialect->objects], NULL,
                             &rows)) {
        return UK_UNAVAILABLE;
    }
    for (line = dialect->schema; line; line = strchr(line + 1, '\n')) {
        const char *name = object_of(pool, line + (*line == '\n'));

        if (name && !is_among(rows, name)) {
            APR_ARRAY_PUSH(missing, const char *) = name;
        }
    }
    return is_among(rows, "uptime_changes")
               ? missing_row_work(connection, pool, missing)
               : UK_OK;
}

uk_outcome_e uk_schema_missing(uk_database_t *db, apr_array_header_t **missing)
{
    return uk_database_run(db, missing_work, missing);
}

/* One text of a database, by the statement that its dialect has for it. */
typedef struct {
    const char *text;
    uk_sql_e (*statement)(const uk_dialect_t *dialect);
} fact_t;

static uk_outcome_e fact_work(uk_connection_t *connection, apr_pool_t *pool,
                              void *baton)
{
    fact_t *fact = baton;
    const uk_dialect_t *dialect;
    apr_array_header_t *rows;
    uk_outcome_e outcome = uk_dialect_find(connection, pool, &dialect);

    if (outcome != UK_OK) {
        return outcome;
    }
    if (uk_connection_select(connection, pool,
                             &uk_sql[fact->statement(dialect)], NULL, &rows)
        || rows->nelts != 1) {
        return UK_UNAVAILABLE;
    }
    fact->text = APR_ARRAY_IDX(rows, 0, const char **)[0];
    return UK_OK;
}

static uk_sql_e encoding_of(const uk_dialect_t *dialect)
{
    return dialect->encoding;
}

static uk_sql_e clock_of(const uk_dialect_t *dialect)
{
    return dialect->clock;
}

uk_outcome_e uk_schema_encoding(uk_database_t *db, const char **encoding)
{
    fact_t fact = {NULL, encoding_of};
    uk_outcome_e outcome = uk_database_run(db, fact_work, &fact);

    *encoding = fact.text;
    return outcome;
}

uk_outcome_e uk_schema_clock(uk_database_t *db, uk_instant_t *now)
{
    fact_t fact = {NULL, clock_of};
    uk_outcome_e outcome = uk_database_run(db, fact_work, &fact);

    *now = fact.text ? (uk_instant_t)apr_atoi64(fact.text) : UK_INSTANT_NONE;
    return outcome;
}
