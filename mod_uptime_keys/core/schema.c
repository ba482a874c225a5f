/* SPDX-License-Identifier: Apache-2.0 */
/* The tables: making them, and telling whether they are there. */
#include "core/schema.h"

#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#include "core/store_sql.h"

/* What differs between databases. */
typedef struct {
    const char *driver;     /* apr_dbd_name() */
    const char *schema;
    uk_sql_e prologue;      /* returns a row, and cannot be in a transaction */
    uk_sql_e has_schema;    /* a row if there is one, of whatever version */
    uk_sql_e objects;       /* names of tables, indexes and triggers */
} dialect_t;

static const dialect_t dialects[] = {
    /* In WAL mode readers and a writer do not wait for each other; the file
     * remembers it. */
    {"sqlite3", uk_schema_sqlite3, UK_SQL_SQLITE3_WAL,
     UK_SQL_SQLITE3_HAS_SCHEMA, UK_SQL_SQLITE3_OBJECTS},
};

static const dialect_t *dialect_of(const uk_connection_t *connection)
{
    const char *driver = apr_dbd_name(connection->driver);
    size_t i;

    for (i = 0; i < sizeof(dialects) / sizeof(dialects[0]); i++) {
        if (strcmp(driver, dialects[i].driver) == 0) {
            return &dialects[i];
        }
    }
    return NULL;
}

/* After a failure to read the version: UK_NOT_FOUND only if there is surely
 * nothing to read, for the database may be locked, or our statement stale. */
static uk_outcome_e miss_schema(uk_connection_t *connection, apr_pool_t *pool)
{
    const dialect_t *dialect = dialect_of(connection);
    apr_array_header_t *rows;

    if (!dialect) {
        return UK_NOT_FOUND;
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
    const dialect_t *dialect = dialect_of(connection);
    apr_array_header_t *rows;

    (void)baton;
    if (!dialect) {
        return UK_NOT_FOUND;
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
    const char *rest = dialect_of(connection)->schema;

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
    return UK_OK;
}

uk_outcome_e uk_schema_install(uk_database_t *db)
{
    uk_outcome_e outcome = uk_database_run(db, prologue_work, NULL);

    return outcome == UK_OK ? uk_database_transact(db, UK_DATABASE_ATTEMPTS,
                                                   install_work, NULL)
                            : outcome;
}

/* The name of what a schema's next statement makes, and *schema behind it; NULL
 * where it makes nothing more. */
static const char *next_object(apr_pool_t *pool, const char **schema)
{
    static const char create[] = "\nCREATE ";
    static const char before[] = " IF NOT EXISTS ";
    const char *start = strstr(*schema, create);

    if (!start) {
        return NULL;
    }
    start = strstr(start, before) + strlen(before);
    *schema = start + strcspn(start, " \n(");
    return apr_pstrmemdup(pool, start, (apr_size_t)(*schema - start));
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
    const dialect_t *dialect = dialect_of(connection);
    const char *schema = dialect ? dialect->schema : NULL;
    apr_array_header_t *rows;
    const char *name;

    *(apr_array_header_t **)baton = missing;
    if (!dialect) {
        return UK_NOT_FOUND;
    }
    if (uk_connection_select(connection, pool, &uk_sql[dialect->objects], NULL,
                             &rows)) {
        return UK_UNAVAILABLE;
    }
    while ((name = next_object(pool, &schema)) != NULL) {
        if (!is_among(rows, name)) {
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
