/* SPDX-License-Identifier: Apache-2.0 */
/* Applying the steps of store/steps.h, and restoring what they made. */
#include "store/migrate.h"

#include <stdlib.h>
#include <string.h>

#include "db/session.h"
#include "db/statements.h"
#include "store/dialect.h"
#include "store/sql.h"

/* What a transaction works with. */
typedef struct {
    uk_connection_t *connection;
    const char *dialect;
    apr_array_header_t *statements; /* uk_step_statement_ts of all steps */
    apr_array_header_t *objects;    /* const char *s: what is there */
    int version;                    /* of the tables */

    /* What runs, by the work: */
    int step;                        /* apply: this step */
    uk_marker_e marker;              /* restore: what has this marker */
    const apr_array_header_t *later; /* complete: with the steps to come */
} migration_t;

static int is_a(const char *object, const char *kind)
{
    return strncmp(object, kind, strlen(kind)) == 0;
}

/* A row of the database is the object and perhaps a type. */
static int is_listed(const migration_t *migration, const char *object)
{
    size_t length = strlen(object);
    int i;

    for (i = 0; i < migration->objects->nelts; i++) {
        if (uk_steps_is_object(
                APR_ARRAY_IDX(migration->objects, i, const char *), object,
                length)) {
            return 1;
        }
    }
    return 0;
}

/* After a statement that made or dropped something. */
static void update_objects(migration_t *migration,
                           const uk_step_statement_t *statement)
{
    size_t length = uk_steps_name_length(statement->object);
    int i;

    for (i = 0; i < migration->objects->nelts; i++) {
        const char **row = &APR_ARRAY_IDX(migration->objects, i, const char *);

        if (uk_steps_is_object(*row, statement->object, length)) {
            *row = "";
        }
    }
    if (statement->marker == UK_MAKES) {
        APR_ARRAY_PUSH(migration->objects, const char *) = statement->object;
    }
}

/* @return 1 if a statement makes something that tables of the version of the
 * last statement have and these have not. Triggers that are hidden count as
 * there. */
static int makes_what_is_missing(const migration_t *migration, int i)
{
    const uk_step_statement_t *statement =
        UK_STEP_STATEMENT(migration->statements, i);

    return (statement->marker == UK_MAKES || statement->marker == UK_RESTORES)
           && !uk_steps_is_superseded(migration->statements, i)
           && !is_listed(migration, statement->object)
           && !(is_a(statement->object, UK_STEP_TRIGGER)
                && is_listed(migration, UK_HIDDEN_TRIGGERS));
}

static int drops_what_is_there(const migration_t *migration, int i)
{
    const uk_step_statement_t *statement =
        UK_STEP_STATEMENT(migration->statements, i);

    return statement->marker == UK_DROPS
           && !uk_steps_is_superseded(migration->statements, i)
           && is_listed(migration, statement->object);
}

static uk_outcome_e read_objects(migration_t *migration, apr_pool_t *pool,
                                 const uk_dialect_t *dialect)
{
    apr_array_header_t *rows;
    int i;

    if (uk_connection_select(migration->connection, pool, &dialect->objects,
                             NULL, &rows)) {
        return UK_UNAVAILABLE;
    }
    migration->objects = apr_array_make(pool, rows->nelts, sizeof(char *));
    for (i = 0; i < rows->nelts; i++) {
        APR_ARRAY_PUSH(migration->objects, const char *) =
            APR_ARRAY_IDX(rows, i, const char **)[0];
    }
    return UK_OK;
}

uk_outcome_e uk_migrate_read_version(uk_connection_t *connection,
                                     apr_pool_t *pool, int *version)
{
    apr_array_header_t *rows;
    const char *value;

    if (uk_connection_select(connection, pool, &uk_sql[UK_SQL_SCHEMA_VERSION],
                             NULL, &rows)) {
        return UK_UNAVAILABLE;
    }
    value = rows->nelts ? APR_ARRAY_IDX(rows, 0, const char **)[0] : NULL;
    *version = value ? atoi(value) : 0;
    return UK_OK;
}

static uk_outcome_e run_statement(migration_t *migration,
                                  const uk_step_statement_t *statement)
{
    if (statement->marker == UK_MALFORMED) {
        migration->connection->error = "a step has a malformed marker";
        return UK_UNAVAILABLE;
    }
    if (uk_connection_execute(migration->connection, statement->sql)) {
        return UK_UNAVAILABLE;
    }
    if (statement->object) {
        update_objects(migration, statement);
    }
    return UK_OK;
}

/* Run the statements, in their order, that are due when their turn comes. */
static uk_outcome_e run_due(migration_t *migration,
                            int (*is_due)(const migration_t *migration, int i))
{
    uk_outcome_e outcome = UK_OK;
    int i;

    for (i = 0; i < migration->statements->nelts && outcome == UK_OK; i++) {
        if (is_due(migration, i)) {
            outcome = run_statement(
                migration, UK_STEP_STATEMENT(migration->statements, i));
        }
    }
    return outcome;
}

static int runs_always(const migration_t *migration, int i)
{
    return UK_STEP_STATEMENT(migration->statements, i)->marker
           == UK_RUNS_ALWAYS;
}

/* The statements that always run come first: they make others wait, and what
 * is there must be read after that. In PostgreSQL no statement of a transaction
 * may fail, so the version is not read before its table is known to be there. */
static uk_outcome_e begin_migration(migration_t *migration, apr_pool_t *pool)
{
    const uk_dialect_t *dialect;
    uk_outcome_e outcome = uk_dialect_find(migration->connection, &dialect);

    if (outcome == UK_OK) {
        migration->dialect = dialect->name;
        migration->statements =
            uk_steps_read_all(pool, dialect->name, uk_steps_latest);
        migration->objects = apr_array_make(pool, 1, sizeof(char *));
        outcome = uk_session_select_schema(migration->connection)
                      ? UK_UNAVAILABLE
                      : run_due(migration, runs_always);
    }
    if (outcome == UK_OK) {
        outcome = read_objects(migration, pool, dialect);
    }
    if (outcome == UK_OK && is_listed(migration, "table uptime_schema")) {
        outcome = uk_migrate_read_version(migration->connection, pool,
                                          &migration->version);
    }
    return outcome;
}

/* SQLite refuses a statement that was prepared before the tables changed, or
 * before that was rolled back, and does not say why: it would hide what really
 * failed before. Not earlier: to set a session up again would end MySQL's
 * transaction. */
static uk_outcome_e end_migration(migration_t *migration, uk_outcome_e outcome)
{
    uk_statements_forget(migration->connection);
    uk_session_forget(migration->connection);
    return outcome;
}

static int is_due_in_step(const migration_t *migration, int i)
{
    const uk_step_statement_t *statement =
        UK_STEP_STATEMENT(migration->statements, i);

    if (statement->step != migration->step) {
        return 0;
    }
    switch (statement->marker) {
    case UK_RUNS_ALWAYS: /* has run */
    case UK_RESTORES:    /* CREATE TABLE has done it */
        return 0;
    case UK_MAKES:
        return !is_listed(migration, statement->object);
    case UK_DROPS:
        return is_listed(migration, statement->object);
    default:
        return 1;
    }
}

/* A column of the wrong type is not as bad as none. */
static int is_vital(const char *object)
{
    return is_a(object, UK_STEP_TABLE)
           || (is_a(object, UK_STEP_COLUMN)
               && object[uk_steps_name_length(object)] == '\0');
}

/* @return 1 if a step drops what is named like an object, or its table; else 0 */
static int is_dropped_by(int step, const apr_array_header_t *statements,
                         const char *object)
{
    int i;

    for (i = 0; i < statements->nelts; i++) {
        const uk_step_statement_t *statement = UK_STEP_STATEMENT(statements, i);

        if (statement->step == step && statement->marker == UK_DROPS
            && uk_steps_is_about(statement, object)) {
            return 1;
        }
    }
    return 0;
}

/* MySQL's tables may be on their way to the next version, because its step was
 * interrupted: they may lack what that step drops. */
static int is_due_before_steps(const migration_t *migration, int i)
{
    const uk_step_statement_t *statement =
        UK_STEP_STATEMENT(migration->statements, i);

    return statement->marker == UK_MAKES && is_vital(statement->object)
           && makes_what_is_missing(migration, i)
           && !is_dropped_by(migration->version + 1, migration->later,
                             statement->object);
}

static int is_due_to_restore(const migration_t *migration, int i)
{
    return UK_STEP_STATEMENT(migration->statements, i)->marker
               == migration->marker
           && (makes_what_is_missing(migration, i)
               || drops_what_is_there(migration, i));
}

uk_outcome_e uk_migrate_complete_work(uk_connection_t *connection,
                                      apr_pool_t *pool, void *baton)
{
    migration_t migration = {.connection = connection};
    uk_outcome_e outcome = begin_migration(&migration, pool);

    (void)baton;
    if (outcome == UK_OK && migration.version < uk_steps_latest) {
        migration.later = migration.statements;
        migration.statements =
            uk_steps_read_all(pool, migration.dialect, migration.version);
        outcome = run_due(&migration, is_due_before_steps);
    }
    return end_migration(&migration, outcome);
}

uk_outcome_e uk_migrate_apply_work(uk_connection_t *connection,
                                   apr_pool_t *pool, void *baton)
{
    migration_t migration = {.connection = connection,
                             .step = *(const int *)baton};
    uk_outcome_e outcome = begin_migration(&migration, pool);

    if (outcome == UK_OK && migration.version < migration.step) {
        outcome = run_due(&migration, is_due_in_step);
    }
    return end_migration(&migration, outcome);
}

uk_outcome_e uk_migrate_restore_work(uk_connection_t *connection,
                                     apr_pool_t *pool, void *baton)
{
    migration_t migration = {.connection = connection,
                             .marker = *(const uk_marker_e *)baton};
    uk_outcome_e outcome = begin_migration(&migration, pool);

    if (outcome == UK_OK && migration.version == uk_steps_latest) {
        outcome = run_due(&migration, is_due_to_restore);
    }
    return end_migration(&migration, outcome);
}

uk_outcome_e uk_migrate_missing(uk_connection_t *connection, apr_pool_t *pool,
                                int version, uk_missing_t *missing)
{
    migration_t migration = {.connection = connection};
    const uk_dialect_t *dialect;
    uk_outcome_e outcome = uk_dialect_find(connection, &dialect);
    int i;

    *missing = (uk_missing_t){.names = apr_array_make(pool, 1, sizeof(char *))};
    if (outcome == UK_OK) {
        migration.statements = uk_steps_read_all(pool, dialect->name, version);
        outcome = read_objects(&migration, pool, dialect);
    }
    for (i = 0; outcome == UK_OK && i < migration.statements->nelts; i++) {
        const char *object = UK_STEP_STATEMENT(migration.statements, i)->object;

        if (makes_what_is_missing(&migration, i)
            && !is_a(object, UK_STEP_ROW)) {
            APR_ARRAY_PUSH(missing->names, const char *) =
                strchr(object, ' ') + 1;
            missing->tables += is_vital(object);
            missing->triggers += is_a(object, UK_STEP_TRIGGER);
        }
    }
    return outcome;
}
