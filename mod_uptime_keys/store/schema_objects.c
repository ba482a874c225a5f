/* SPDX-License-Identifier: Apache-2.0 */
/* The tables, indexes and triggers that a schema names: which are not there. */
#include "store/schema_objects.h"

#include <apr_strings.h>
#include <string.h>

#define OUR_PREFIX "uptime_"

typedef enum {
    A_TABLE,
    AN_INDEX,   /* made by a statement of its own */
    IN_A_TABLE, /* an index that CREATE TABLE makes */
    A_TRIGGER
} kind_e;

typedef struct {
    kind_e kind;
    const char *name;
    const char *table; /* the last one before it, or itself */
    const char *line;  /* of the schema */
} object_t;

/* The words before a name. */
static const struct {
    const char *word;
    kind_e kind;
} kinds[] = {
    {" TABLE ", A_TABLE},         {" INDEX ", AN_INDEX},
    {" TRIGGER ", A_TRIGGER},     {" KEY ", IN_A_TABLE},
    {" CONSTRAINT ", IN_A_TABLE},
};

/* What follows a word in a line, NULL if it is not in it. */
static const char *after(const char *line, const char *word)
{
    const char *found = strstr(line, word);

    return found && found < line + strcspn(line, "\n") ? found + strlen(word)
                                                       : NULL;
}

/* @return 1 if a line makes something of ours */
static int read_line(apr_pool_t *pool, const char *line, object_t *object)
{
    const char *name = NULL, *unless = after(line, " IF NOT EXISTS ");
    size_t i;

    for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && !name; i++) {
        name = after(line, kinds[i].word);
        object->kind = kinds[i].kind;
    }
    name = name && unless ? unless : name;
    if (!name || strncmp(name, OUR_PREFIX, strlen(OUR_PREFIX)) != 0) {
        return 0;
    }
    object->name = apr_pstrmemdup(pool, name, strcspn(name, " \n("));
    object->table = object->kind == A_TABLE ? object->name : object->table;
    object->line = line;
    return 1;
}

/* @param rest of the schema; goes on to the line after the object
 * @return 0 when there are no more */
static int next_object(apr_pool_t *pool, const char **rest, object_t *object)
{
    int found = 0;

    while (!found && **rest) {
        const char *line = *rest;

        *rest += strcspn(line, "\n");
        *rest += **rest == '\n';
        found = read_line(pool, line, object);
    }
    return found;
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

/* What UK_SQL_MYSQL_OBJECTS has among the names where triggers are hidden. */
#define TRIGGERS_ARE_HIDDEN "TRIGGER"

static int is_missing(const object_t *object, const apr_array_header_t *rows)
{
    return !is_among(rows, object->name)
           && !(object->kind == A_TRIGGER
                && is_among(rows, TRIGGERS_ARE_HIDDEN));
}

uk_outcome_e uk_objects_missing(uk_connection_t *connection, apr_pool_t *pool,
                                const uk_dialect_t *dialect,
                                uk_missing_t *missing)
{
    const char *rest = dialect->schema;
    apr_array_header_t *rows;
    object_t object = {0};

    *missing = (uk_missing_t){.names = apr_array_make(pool, 1, sizeof(char *))};
    if (uk_connection_select(connection, pool, &uk_sql[dialect->objects], NULL,
                             &rows)) {
        return UK_UNAVAILABLE;
    }
    while (next_object(pool, &rest, &object)) {
        if (is_missing(&object, rows)) {
            APR_ARRAY_PUSH(missing->names, const char *) = object.name;
            missing->tables += object.kind == A_TABLE;
        }
    }
    return UK_OK;
}

/* The line without the comma to the next one. */
static const char *addition(apr_pool_t *pool, const object_t *object)
{
    size_t length = strcspn(object->line, "\n");

    length -= object->line[length - 1] == ',';
    return apr_psprintf(pool, "ALTER TABLE %s ADD %.*s", object->table,
                        (int)length, object->line);
}

uk_outcome_e uk_objects_restore(uk_connection_t *connection, apr_pool_t *pool,
                                const uk_dialect_t *dialect)
{
    const char *rest = dialect->schema;
    apr_array_header_t *rows;
    object_t object = {0};

    if (uk_connection_select(connection, pool, &uk_sql[dialect->objects], NULL,
                             &rows)) {
        return UK_UNAVAILABLE;
    }
    while (next_object(pool, &rest, &object)) {
        if (object.kind == IN_A_TABLE && is_missing(&object, rows)
            && uk_connection_execute(connection, addition(pool, &object))) {
            return UK_UNAVAILABLE;
        }
    }
    return UK_OK;
}
