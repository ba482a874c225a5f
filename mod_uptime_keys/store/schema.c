/* SPDX-License-Identifier: Apache-2.0 */
/* The tables: making them, and telling whether they are there. */
#include "store/schema.h"

#include <apr_strings.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "store/dialect.h"
#include "store/migrate.h"
#include "store/rows.h"
#include "store/servers.h"

int uk_schema_latest(void)
{
    return uk_steps_latest;
}

const char *uk_schema_steps(apr_pool_t *pool, const char *dialect, int version)
{
    apr_array_header_t *numbers = apr_array_make(pool, 4, sizeof(char *));
    const uk_step_t *step;

    /* After the first one all dialects have the same. */
    dialect = dialect ? dialect : uk_steps[0].dialect;
    for (step = uk_steps; step->dialect; step++) {
        if (strcmp(step->dialect, dialect) == 0 && step->number > version) {
            APR_ARRAY_PUSH(numbers, const char *) = apr_psprintf(
                pool, numbers->nelts ? ", %d" : "%d", step->number);
        }
    }
    return apr_pstrcat(pool, numbers->nelts == 1 ? "step " : "steps ",
                       apr_array_pstrcat(pool, numbers, 0), NULL);
}

/* The version could not be read. @return UK_NOT_FOUND only if there is no
 * schema: the database may also be locked, or the prepared statement invalid */
static uk_outcome_e explain_no_version(uk_connection_t *connection,
                                       apr_pool_t *pool)
{
    const uk_dialect_t *dialect;
    apr_array_header_t *rows;
    uk_outcome_e outcome = uk_dialect_find(connection, &dialect);

    if (outcome != UK_OK) {
        return outcome;
    }
    if (uk_connection_select(connection, pool, &dialect->has_schema, NULL,
                             &rows)) {
        return UK_UNAVAILABLE;
    }
    return rows->nelts == 0 ? UK_NOT_FOUND : UK_UNAVAILABLE;
}

static uk_outcome_e version_work(uk_connection_t *connection, apr_pool_t *pool,
                                 void *version)
{
    return uk_migrate_read_version(connection, pool, version) == UK_OK
               ? UK_OK
               : explain_no_version(connection, pool);
}

uk_outcome_e uk_schema_version(uk_database_t *db, int *version)
{
    uk_outcome_e outcome;

    *version = 0;
    outcome = uk_database_run(db, version_work, version);
    return outcome == UK_NOT_FOUND ? UK_OK : outcome;
}

/* MySQL commits each change of a table, so its transactions do not serialise
 * installers; this lock does. A cluster may refuse it or keep it to one node,
 * so the steps must be safe without it. */
static void lock_installers(uk_connection_t *connection, apr_pool_t *pool,
                            const uk_dialect_t *dialect)
{
    apr_array_header_t *rows;

    /* If it is refused, go on without it. */
    if (dialect->lock.sql) {
        (void)!uk_connection_select(connection, pool, &dialect->lock, NULL,
                                    &rows);
    }
}

static uk_outcome_e prepare_work(uk_connection_t *connection, apr_pool_t *pool,
                                 void *baton)
{
    const uk_dialect_t *dialect;
    apr_array_header_t *rows;
    uk_outcome_e outcome = uk_dialect_find(connection, &dialect);

    (void)baton;
    if (outcome != UK_OK) {
        return outcome;
    }
    if (dialect->prologue
        && uk_connection_query(connection, pool, dialect->prologue, 1, &rows)) {
        return UK_UNAVAILABLE;
    }
    lock_installers(connection, pool, dialect);
    return UK_OK;
}

/* Without the lock, another installer can make each statement fail once. */
#define INSTALL_ATTEMPTS 10

uk_outcome_e uk_schema_install(uk_database_t *db)
{
    uk_marker_e markers[] = {UK_MAKES, UK_RESTORES, UK_DROPS};
    uk_outcome_e outcome = uk_database_run(db, prepare_work, NULL);
    int step = 0;
    size_t i;

    if (outcome == UK_OK) {
        outcome = uk_schema_version(db, &step);
    }
    if (outcome == UK_OK && step > 0 && step < uk_steps_latest) {
        outcome = uk_database_transact(db, INSTALL_ATTEMPTS,
                                       uk_migrate_complete_work, NULL);
    }
    while (outcome == UK_OK && step++ < uk_steps_latest) {
        outcome = uk_database_transact(db, INSTALL_ATTEMPTS,
                                       uk_migrate_apply_work, &step);
    }
    for (i = 0; i < sizeof(markers) / sizeof(markers[0]) && outcome == UK_OK;
         i++) {
        outcome = uk_database_transact(db, INSTALL_ATTEMPTS,
                                       uk_migrate_restore_work, &markers[i]);
    }
    return outcome;
}

static uk_outcome_e missing_row_work(uk_connection_t *connection,
                                     apr_pool_t *pool, uk_missing_t *missing)
{
    apr_array_header_t *rows;

    if (uk_connection_select(
            connection, pool, &uk_sql[UK_SQL_CHANGES],
            (const char *[]){"nobody",
                             uk_row_number(pool, UK_CHANGES_COUNTER_ONLY)},
            &rows)) {
        return UK_UNAVAILABLE;
    }
    if (rows->nelts == 0) {
        APR_ARRAY_PUSH(missing->names, const char *) =
            "the row of uptime_changes";
    }
    return UK_OK;
}

/* What tables of a version lack. */
typedef struct {
    int version;
    uk_missing_t *missing;
} missing_query_t;

static uk_outcome_e missing_work(uk_connection_t *connection, apr_pool_t *pool,
                                 void *baton)
{
    const missing_query_t *query = baton;
    uk_outcome_e outcome =
        uk_migrate_missing(connection, pool, query->version, query->missing);

    return outcome == UK_OK && query->version >= uk_steps_latest
                   && query->missing->tables == 0
               ? missing_row_work(connection, pool, query->missing)
               : outcome;
}

uk_outcome_e uk_schema_missing(uk_database_t *db, uk_missing_t *missing)
{
    missing_query_t query = {uk_steps_latest, missing};

    return uk_database_run(db, missing_work, &query);
}

static uk_outcome_e dialect_work(uk_connection_t *connection, apr_pool_t *pool,
                                 void *baton)
{
    const uk_dialect_t **dialect = baton;

    (void)pool;
    return uk_dialect_find(connection, dialect);
}

uk_outcome_e uk_schema_plan(uk_database_t *db, uk_plan_t *plan)
{
    const uk_dialect_t *dialect;
    uk_outcome_e outcome = uk_database_run(db, dialect_work, &dialect);
    missing_query_t query = {0, &plan->missing};

    *plan = (uk_plan_t){0};
    if (outcome == UK_OK) {
        outcome = uk_schema_version(db, &plan->version);
    }
    if (outcome != UK_OK) {
        return outcome;
    }
    plan->dialect = dialect->name;
    query.version = plan->version;
    return uk_database_run(db, missing_work, &query);
}

/* One value of a database, by a statement of its dialect. */
typedef struct {
    size_t statement; /* its offset in uk_dialect_t */
    const uk_dialect_t *dialect;
    const char *value;
} query_t;

static uk_outcome_e query_work(uk_connection_t *connection, apr_pool_t *pool,
                               void *baton)
{
    query_t *query = baton;
    const uk_statement_t *statement;
    apr_array_header_t *rows;
    uk_outcome_e outcome = uk_dialect_find(connection, &query->dialect);

    if (outcome != UK_OK) {
        return outcome;
    }
    statement = (const void *)((const char *)query->dialect + query->statement);
    if (!statement->sql) {
        return UK_NOT_FOUND;
    }
    if (uk_connection_select(connection, pool, statement, NULL, &rows)
        || rows->nelts != 1) {
        return UK_UNAVAILABLE;
    }
    query->value = APR_ARRAY_IDX(rows, 0, const char **)[0];
    return UK_OK;
}

uk_outcome_e uk_schema_encoding(uk_database_t *db, const char **encoding,
                                int *is_utf8)
{
    query_t query = {offsetof(uk_dialect_t, encoding), NULL, NULL};
    uk_outcome_e outcome = uk_database_run(db, query_work, &query);

    *encoding = query.value;
    *is_utf8 = query.value && strcmp(query.value, query.dialect->utf8) == 0;
    return outcome;
}

uk_outcome_e uk_schema_clock(uk_database_t *db, uk_instant_t *now)
{
    query_t query = {offsetof(uk_dialect_t, clock), NULL, NULL};
    uk_outcome_e outcome = uk_database_run(db, query_work, &query);

    *now =
        query.value ? (uk_instant_t)apr_atoi64(query.value) : UK_INSTANT_NONE;
    return outcome;
}

uk_outcome_e uk_schema_may_create_triggers(uk_database_t *db, int *may_create)
{
    query_t query = {offsetof(uk_dialect_t, may_create_triggers), NULL, NULL};
    uk_outcome_e outcome = uk_database_run(db, query_work, &query);

    *may_create = !query.value || atoi(query.value) != 0;
    return outcome;
}

uk_outcome_e uk_schema_journal(uk_database_t *db, const char **mode)
{
    query_t query = {offsetof(uk_dialect_t, journal), NULL, NULL};
    uk_outcome_e outcome = uk_database_run(db, query_work, &query);

    *mode = query.value;
    return outcome;
}
