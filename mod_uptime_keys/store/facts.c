/* SPDX-License-Identifier: Apache-2.0 */
/* What a database says about the session that a client has in it, and what is
 * in between. */
#include "store/facts.h"

#include <apr_strings.h>
#include <string.h>

#include "store/dialect.h"

/* How often two sessions are compared. */
#define COMPARISONS 20

typedef struct {
    uk_fact_e fact;
    const char *value;
} question_t;

static const char *join_rows(apr_pool_t *pool, const apr_array_header_t *rows,
                             int columns)
{
    apr_array_header_t *values = apr_array_make(pool, 6, sizeof(char *));
    int row, column;

    for (row = 0; row < rows->nelts; row++) {
        for (column = 0; column < columns; column++) {
            const char *value = APR_ARRAY_IDX(rows, row, const char **)[column];

            APR_ARRAY_PUSH(values, const char *) = value ? value : "";
        }
    }
    return apr_array_pstrcat(pool, values, ' ');
}

static uk_outcome_e ask_work(uk_connection_t *connection, apr_pool_t *pool,
                             void *baton)
{
    question_t *question = baton;
    const uk_dialect_t *dialect;
    const uk_statement_t *statement;
    apr_array_header_t *rows;
    uk_outcome_e outcome = uk_dialect_find(connection, &dialect);

    if (outcome != UK_OK) {
        return outcome;
    }
    statement = &dialect->facts[question->fact];
    if (!statement->sql) {
        return UK_NOT_FOUND;
    }
    if (uk_connection_select(connection, pool, statement, NULL, &rows)) {
        return UK_UNAVAILABLE;
    }
    question->value = join_rows(pool, rows, statement->columns);
    return UK_OK;
}

uk_outcome_e uk_facts_ask(uk_database_t *db, uk_fact_e fact, const char **value)
{
    question_t question = {fact, NULL};
    uk_outcome_e outcome = uk_database_run(db, ask_work, &question);

    *value = outcome == UK_OK ? question.value : NULL;
    return outcome;
}

typedef struct {
    uk_database_t *other;
    int same;
} comparison_t;

/* This connection stays open while the other one is asked. On an idle pool both
 * get the session that was used last, on a busy one each gets one after
 * another. */
static uk_outcome_e compare_work(uk_connection_t *connection, apr_pool_t *pool,
                                 void *baton)
{
    comparison_t *comparison = baton;
    question_t mine = {UK_FACT_BACKEND, NULL};
    const char *first = NULL, *theirs;
    uk_outcome_e outcome = UK_OK;
    int i;

    comparison->same = 0;
    for (i = 0; i < COMPARISONS && outcome == UK_OK && !comparison->same; i++) {
        outcome = ask_work(connection, pool, &mine);
        if (outcome == UK_OK) {
            first = first ? first : mine.value;
            outcome = uk_facts_ask(comparison->other, UK_FACT_BACKEND, &theirs);
        }
        comparison->same = outcome == UK_OK
                           && (strcmp(mine.value, theirs) == 0
                               || strcmp(mine.value, first) != 0);
    }
    return outcome;
}

uk_outcome_e uk_facts_share_session(uk_database_t *db, uk_database_t *other,
                                    int *same)
{
    comparison_t comparison = {other, 0};
    uk_outcome_e outcome = uk_database_run(db, compare_work, &comparison);

    if (outcome == UK_UNAVAILABLE && other->error) {
        db->error = other->error;
    }
    *same = comparison.same;
    return outcome;
}
