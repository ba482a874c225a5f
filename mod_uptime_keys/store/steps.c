/* SPDX-License-Identifier: Apache-2.0 */
/* The numbered steps that lead to the tables, and how they are written. */
#include "store/steps.h"

#include <apr_strings.h>
#include <string.h>

#define COMMENT "--"
#define STATEMENT_END ";\n\n"
#define OUR_PREFIX "uptime_"

static const struct {
    const char *text;
    uk_marker_e marker;
} verbs[] = {
    {"makes", UK_MAKES},
    {"restores", UK_RESTORES},
    {"drops", UK_DROPS},
    {"runs", UK_RUNS_ONCE},
};

static const char *const kinds[] = {UK_STEP_TABLE,   "index ",
                                    UK_STEP_TRIGGER, "function ",
                                    UK_STEP_COLUMN,  UK_STEP_ROW};

static int begins_with(const char *text, const char *beginning)
{
    return strncmp(text, beginning, strlen(beginning)) == 0;
}

/* @return 1 if a marker may name this */
static int is_object(const char *object)
{
    size_t length, i;
    int is_column = begins_with(object, UK_STEP_COLUMN);

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

/* @param what follows "runs: " */
static void read_occasion(const char *what, uk_step_statement_t *statement)
{
    if (strcmp(what, "once") == 0) {
        statement->marker = UK_RUNS_ONCE;
    }
    else if (strcmp(what, "always") == 0) {
        statement->marker = UK_RUNS_ALWAYS;
    }
}

/* @param what follows the verb, with its colon */
static void read_marker(uk_marker_e marker, const char *what,
                        uk_step_statement_t *statement)
{
    int is_first = statement->marker == UK_RUNS_ONCE && !statement->object;

    statement->marker = UK_MALFORMED;
    if (!is_first || !begins_with(what, ": ")) {
        return;
    }
    what += strlen(": ");
    if (marker == UK_RUNS_ONCE) {
        read_occasion(what, statement);
    }
    else if (is_object(what)) {
        statement->marker = marker;
        statement->object = what;
    }
}

/* A comment that begins with a verb must be a correct marker, so that a typing
 * error is not taken for a plain comment. */
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

void uk_steps_read(apr_pool_t *pool, const uk_step_t *step,
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

apr_array_header_t *uk_steps_read_all(apr_pool_t *pool, const char *dialect,
                                      int version)
{
    apr_array_header_t *statements =
        apr_array_make(pool, 64, sizeof(uk_step_statement_t));
    const uk_step_t *step;

    for (step = uk_steps; step->dialect; step++) {
        if (strcmp(step->dialect, dialect) == 0 && step->number <= version) {
            uk_steps_read(pool, step, statements);
        }
    }
    return statements;
}

size_t uk_steps_name_length(const char *object)
{
    size_t kind = strcspn(object, " ") + 1;

    return kind + strcspn(object + kind, " ");
}

int uk_steps_is_object(const char *text, const char *object, size_t length)
{
    return strncmp(text, object, length) == 0
           && (text[length] == '\0' || text[length] == ' ');
}

/* A column goes with its table. */
static int drops_table_of(const uk_step_statement_t *statement,
                          const char *object)
{
    const char *column = object + strlen(UK_STEP_COLUMN);
    const char *table;

    if (statement->marker != UK_DROPS
        || strncmp(object, UK_STEP_COLUMN, strlen(UK_STEP_COLUMN)) != 0
        || strncmp(statement->object, UK_STEP_TABLE, strlen(UK_STEP_TABLE))
               != 0) {
        return 0;
    }
    table = statement->object + strlen(UK_STEP_TABLE);
    return strncmp(column, table, strlen(table)) == 0
           && column[strlen(table)] == '.';
}

int uk_steps_is_about(const uk_step_statement_t *statement, const char *object)
{
    return statement->object
           && (uk_steps_is_object(statement->object, object,
                                  uk_steps_name_length(object))
               || drops_table_of(statement, object));
}

int uk_steps_is_superseded(const apr_array_header_t *statements, int i)
{
    const char *object = UK_STEP_STATEMENT(statements, i)->object;

    while (++i < statements->nelts) {
        if (uk_steps_is_about(UK_STEP_STATEMENT(statements, i), object)) {
            return 1;
        }
    }
    return 0;
}
