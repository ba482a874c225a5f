/* SPDX-License-Identifier: Apache-2.0 */
/* The numbered steps that lead to the tables: reading and applying them. */
#include "store/migrate.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#include "db/statements.h"
#include "store/dialect.h"

#define COMMENT "--"
#define STATEMENT_END ";\n\n"
#define OUR_PREFIX "uptime_"

#define COLUMN "column "
#define TRIGGER "trigger "

static const struct {
    const char *text;
    uk_marker_e marker;
} verbs[] = {
    {"makes", UK_MAKES},
    {"restores", UK_RESTORES},
    {"drops", UK_DROPS},
    {"runs", UK_RUNS_ONCE},
};

static const char *const kinds[] = {"table ",    "index ", TRIGGER,
                                    "function ", COLUMN,   "row "};

static int begins_with(const char *text, const char *beginning)
{
    return strncmp(text, beginning, strlen(beginning)) == 0;
}

/* The length of "KIND NAME", without a type. */
static size_t identity_length(const char *object)
{
    size_t kind = strcspn(object, " ") + 1;

    return kind + strcspn(object + kind, " ");
}

/* @return 1 if a marker may name this */
static int is_object(const char *object)
{
    size_t length, i;
    int is_column = begins_with(object, COLUMN);

    for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (begins_with(object, kinds[i])) {
            break;
        }
    }
    if (i == sizeof(kinds) / sizeof(kinds[0])
        || !begins_with(object + strlen(kinds[i]), OUR_PREFIX)) {
        return 0;
    }
    object += strlen(kinds[i]);
    length = strspn(object, "abcdefghijklmnopqrstuvwxyz0123456789_.");
    return is_column == (memchr(object, '.', length) != NULL)
           && (object[length] == '\0'
               || (is_column && object[length] == ' '
                   && object[strlen(object) - 1] != ' '));
}

/* @param what follows the verb and its colon */
static void read_marker(uk_marker_e marker, const char *what,
                        uk_step_statement_t *statement)
{
    int is_first = statement->marker == UK_RUNS_ONCE && !statement->object;

    statement->marker = UK_MALFORMED;
    if (!is_first || !begins_with(what, ": ")) {
        return;
    }
    what += strlen(": ");
    if (marker == UK_RUNS_ONCE && strcmp(what, "always") == 0) {
        statement->marker = UK_RUNS_ALWAYS;
    }
    else if (marker == UK_RUNS_ONCE ? strcmp(what, "once") == 0
                                    : is_object(what)) {
        statement->marker = marker;
        statement->object = marker == UK_RUNS_ONCE ? NULL : what;
    }
}

/* A comment whose first word is a verb, however it is written, has to be a
 * marker: a slip must not make it a comment that nobody reads. */
static void read_comment(apr_pool_t *pool, const char *line,
                         uk_step_statement_t *statement)
{
    const char *text = apr_pstrmemdup(pool, line, strcspn(line, "\n"));
    const char *word = text + strspn(text, "- \t");
    size_t i, length = strspn(word, "abcdefghijklmnopqrstuvwxyz");

    for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        if (length == strlen(verbs[i].text)
            && begins_with(word, verbs[i].text)) {
            read_marker(verbs[i].marker,
                        begins_with(text, COMMENT " ") && word == text + 3
                            ? word + length
                            : "",
                        statement);
        }
    }
}

static const char *line_after(const char *line)
{
    line += strcspn(line, "\n");
    return *line ? line + 1 : line;
}

/* A statement out of its comments. */
static const char *uncomment(apr_pool_t *pool, const char *text)
{
    char *copy = apr_pcalloc(pool, strlen(text) + 1), *end = copy;

    while (*text) {
        const char *next = line_after(text);

        text += begins_with(text, COMMENT) ? strlen(COMMENT) : 0;
        memcpy(end, text, (size_t)(next - text));
        end += next - text;
        text = next;
    }
    return copy;
}

/* @param sql one statement, with the comments before it */
static uk_step_statement_t read_statement(apr_pool_t *pool, int step,
                                          const char *sql)
{
    uk_step_statement_t statement = {.step = step, .sql = sql};
    const char *line = sql;

    while (begins_with(line, COMMENT) || *line == '\n') {
        read_comment(pool, line, &statement);
        line = line_after(line);
        if (statement.marker == UK_RESTORES) {
            statement.sql = uncomment(pool, line);
            break;
        }
    }
    return statement;
}

static void read_step(apr_pool_t *pool, const uk_step_t *step,
                      apr_array_header_t *statements)
{
    const char *rest = step->sql;

    while (*rest) {
        const char *end = strstr(rest, STATEMENT_END);
        size_t length = end ? (size_t)(end - rest) : strlen(rest);
        char *sql = apr_pstrmemdup(pool, rest, length);

        rest += length + (end ? strlen(STATEMENT_END) : 0);
        /* The last one ends with its file. */
        while (!end && length && strchr(";\n", sql[length - 1])) {
            sql[--length] = '\0';
        }
        APR_ARRAY_PUSH(statements, uk_step_statement_t) =
            read_statement(pool, step->number, sql);
    }
}

apr_array_header_t *uk_migrate_read(apr_pool_t *pool, const uk_step_t *step)
{
    apr_array_header_t *statements =
        apr_array_make(pool, 32, sizeof(uk_step_statement_t));

    read_step(pool, step, statements);
    return statements;
}

/* All steps of a dialect, up to a version. */
static apr_array_header_t *read_steps(apr_pool_t *pool, const char *dialect,
                                      int version)
{
    apr_array_header_t *statements =
        apr_array_make(pool, 64, sizeof(uk_step_statement_t));
    const uk_step_t *step;

    for (step = uk_steps; step->dialect; step++) {
        if (strcmp(step->dialect, dialect) == 0 && step->number <= version) {
            read_step(pool, step, statements);
        }
    }
    return statements;
}

#define STATEMENT(statements, i)                                               \
    (&APR_ARRAY_IDX((statements), (i), uk_step_statement_t))

/* What a transaction works with. */
typedef struct {
    uk_connection_t *connection;
    apr_array_header_t *statements; /* uk_step_statement_ts of all steps */
    apr_array_header_t *objects;    /* const char *s: what is there */
    int version;                    /* of the tables */
} migration_t;

/* A row of the database is the object and perhaps a type. */
static int is_listed(const migration_t *migration, const char *object)
{
    size_t length = strlen(object);
    int i;

    for (i = 0; i < migration->objects->nelts; i++) {
        const char *row = APR_ARRAY_IDX(migration->objects, i, const char *);

        if (begins_with(row, object)
            && (row[length] == '\0' || row[length] == ' ')) {
            return 1;
        }
    }
    return 0;
}

/* After a statement that made or dropped something. */
static void update_objects(migration_t *migration,
                           const uk_step_statement_t *statement)
{
    apr_array_header_t *objects = migration->objects;
    size_t length = identity_length(statement->object);
    int i;

    for (i = 0; i < objects->nelts; i++) {
        const char **row = &APR_ARRAY_IDX(objects, i, const char *);

        if (strncmp(*row, statement->object, length) == 0
            && ((*row)[length] == '\0' || (*row)[length] == ' ')) {
            *row = "";
        }
    }
    if (statement->marker == UK_MAKES) {
        APR_ARRAY_PUSH(objects, const char *) = statement->object;
    }
}

/* @return 1 if a later statement is about the same object */
static int is_superseded(const apr_array_header_t *statements, int i)
{
    const char *object = STATEMENT(statements, i)->object;
    size_t length = identity_length(object);

    while (++i < statements->nelts) {
        const char *later = STATEMENT(statements, i)->object;

        if (later && identity_length(later) == length
            && strncmp(later, object, length) == 0) {
            return 1;
        }
    }
    return 0;
}

/* @return 1 if a statement makes something that tables of the version of the
 * last statement have and these have not. Triggers that are hidden count as
 * there. */
static int makes_what_is_missing(const migration_t *migration, int i)
{
    const uk_step_statement_t *statement = STATEMENT(migration->statements, i);

    return (statement->marker == UK_MAKES || statement->marker == UK_RESTORES)
           && !is_superseded(migration->statements, i)
           && !is_listed(migration, statement->object)
           && !(begins_with(statement->object, TRIGGER)
                && is_listed(migration, UK_SQL_HIDDEN_TRIGGERS));
}

static uk_outcome_e read_objects(migration_t *migration, apr_pool_t *pool,
                                 uk_sql_e sql)
{
    apr_array_header_t *rows;
    int i;

    if (uk_connection_select(migration->connection, pool, &uk_sql[sql], NULL,
                             &rows)) {
        return UK_UNAVAILABLE;
    }
    migration->objects = apr_array_make(pool, rows->nelts, sizeof(char *));
    for (i = 0; i < rows->nelts; i++) {
        APR_ARRAY_PUSH(migration->objects, const char *) =
            APR_ARRAY_IDX(rows, i, const char **)[0];
    }
    return UK_OK;
}

/* In PostgreSQL no statement of a transaction may fail, so the table is not
 * read before it is known to be there. */
static uk_outcome_e read_version(migration_t *migration, apr_pool_t *pool)
{
    apr_array_header_t *rows;
    const char *text;

    if (!is_listed(migration, "table uptime_schema")) {
        return UK_OK;
    }
    if (uk_connection_select(migration->connection, pool,
                             &uk_sql[UK_SQL_SCHEMA_VERSION], NULL, &rows)) {
        return UK_UNAVAILABLE;
    }
    text = rows->nelts ? APR_ARRAY_IDX(rows, 0, const char **)[0] : NULL;
    migration->version = text ? atoi(text) : 0;
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

static uk_outcome_e run_always(migration_t *migration)
{
    uk_outcome_e outcome = UK_OK;
    int i;

    for (i = 0; i < migration->statements->nelts && outcome == UK_OK; i++) {
        const uk_step_statement_t *statement =
            STATEMENT(migration->statements, i);

        if (statement->marker == UK_RUNS_ALWAYS) {
            outcome = run_statement(migration, statement);
        }
    }
    return outcome;
}

/* The statements that always run come first: they make others wait, and what
 * is there must be read after that. */
static uk_outcome_e begin_migration(migration_t *migration, apr_pool_t *pool)
{
    const uk_dialect_t *dialect;
    uk_outcome_e outcome =
        uk_dialect_find(migration->connection, pool, &dialect);

    if (outcome == UK_OK) {
        migration->statements =
            read_steps(pool, dialect->name, uk_steps_latest);
        outcome = run_always(migration);
    }
    if (outcome == UK_OK) {
        outcome = read_objects(migration, pool, dialect->objects);
    }
    return outcome == UK_OK ? read_version(migration, pool) : outcome;
}

/* SQLite refuses a statement that was prepared before the tables changed, or
 * before that was rolled back, and does not say why: it would hide what really
 * failed before. Not earlier: to set a session up again would end MySQL's
 * transaction. */
static uk_outcome_e end_migration(migration_t *migration, uk_outcome_e outcome)
{
    uk_prepared_forget(migration->connection);
    return outcome;
}

/* @return 1 if a statement has to run for its step to be applied */
static int is_needed(const migration_t *migration,
                     const uk_step_statement_t *statement)
{
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

uk_outcome_e uk_migrate_apply_work(uk_connection_t *connection,
                                   apr_pool_t *pool, void *baton)
{
    migration_t migration = {.connection = connection};
    uk_outcome_e outcome = begin_migration(&migration, pool);
    int i, step = *(const int *)baton;

    if (outcome != UK_OK || migration.version >= step) {
        return end_migration(&migration, outcome);
    }
    for (i = 0; i < migration.statements->nelts && outcome == UK_OK; i++) {
        const uk_step_statement_t *statement =
            STATEMENT(migration.statements, i);

        if (statement->step == step && is_needed(&migration, statement)) {
            outcome = run_statement(&migration, statement);
        }
    }
    return end_migration(&migration, outcome);
}

uk_outcome_e uk_migrate_restore_work(uk_connection_t *connection,
                                     apr_pool_t *pool, void *baton)
{
    migration_t migration = {.connection = connection};
    uk_outcome_e outcome = begin_migration(&migration, pool);
    uk_marker_e marker = *(const uk_marker_e *)baton;
    int i;

    if (outcome != UK_OK || migration.version != uk_steps_latest) {
        return end_migration(&migration, outcome);
    }
    for (i = 0; i < migration.statements->nelts && outcome == UK_OK; i++) {
        const uk_step_statement_t *statement =
            STATEMENT(migration.statements, i);

        if (statement->marker == marker
            && makes_what_is_missing(&migration, i)) {
            outcome = run_statement(&migration, statement);
        }
    }
    return end_migration(&migration, outcome);
}

/* A column of the wrong type is not as bad as none. */
static int is_vital(const char *object)
{
    return begins_with(object, "table ")
           || (begins_with(object, COLUMN)
               && object[identity_length(object)] == '\0');
}

uk_outcome_e uk_migrate_missing(uk_connection_t *connection, apr_pool_t *pool,
                                int version, uk_missing_t *missing)
{
    migration_t migration = {.connection = connection};
    const uk_dialect_t *dialect;
    uk_outcome_e outcome = uk_dialect_find(connection, pool, &dialect);
    int i;

    *missing = (uk_missing_t){.names = apr_array_make(pool, 1, sizeof(char *))};
    if (outcome == UK_OK) {
        migration.statements = read_steps(pool, dialect->name, version);
        outcome = read_objects(&migration, pool, dialect->objects);
    }
    for (i = 0; outcome == UK_OK && i < migration.statements->nelts; i++) {
        const char *object = STATEMENT(migration.statements, i)->object;

        if (makes_what_is_missing(&migration, i)
            && !begins_with(object, "row ")) {
            APR_ARRAY_PUSH(missing->names, const char *) =
                strchr(object, ' ') + 1;
            missing->tables += is_vital(object);
        }
    }
    return outcome;
}
