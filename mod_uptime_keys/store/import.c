/* SPDX-License-Identifier: Apache-2.0 */
/* Importing keys in batches, for example from another product. */
#include "store/import.h"

#include "store/dialect.h"
#include "store/import_plan.h"
#include "store/import_write.h"

struct uk_importer_t {
    uk_database_t *db;
    const uk_actor_t *actor;
    uk_import_rules_t rules;
    /* What was tried so far; NULL: nothing was. */
    uk_import_known_t *tried;
};

typedef struct {
    uk_importer_t *importer;
    const apr_array_header_t *batch;
    uk_import_e *results;
} work_t;

static uk_outcome_e add_batch(const work_t *work, uk_connection_t *connection,
                              apr_pool_t *pool)
{
    const uk_importer_t *importer = work->importer;
    uk_import_known_t *known = uk_import_known_create(pool, 0);
    const uk_import_plan_t *plan;

    if (uk_import_known_read(known, connection, pool, work->batch) != UK_OK) {
        return UK_UNAVAILABLE;
    }
    plan = uk_import_plan_make(pool, &importer->rules, known, work->batch,
                               work->results);
    return uk_import_write(connection, pool, importer->actor, plan);
}

static uk_outcome_e expect_growth(uk_connection_t *connection, apr_pool_t *pool)
{
    const uk_dialect_t *dialect;
    uk_outcome_e outcome = uk_dialect_find(connection, &dialect);
    apr_array_header_t *rows;

    if (outcome != UK_OK || !dialect->grow.sql) {
        return outcome == UK_UNAVAILABLE ? outcome : UK_OK;
    }
    return uk_connection_select(connection, pool, &dialect->grow, NULL, &rows)
               ? UK_UNAVAILABLE
               : UK_OK;
}

static uk_outcome_e add_work(uk_connection_t *connection, apr_pool_t *pool,
                             void *baton)
{
    apr_pool_t *attempt;
    uk_outcome_e outcome;

    apr_pool_create(&attempt, pool);
    outcome = expect_growth(connection, attempt);
    if (outcome == UK_OK) {
        outcome = add_batch(baton, connection, attempt);
    }
    apr_pool_destroy(attempt);
    return outcome;
}

static uk_outcome_e read_work(uk_connection_t *connection, apr_pool_t *pool,
                              void *baton)
{
    const work_t *work = baton;
    apr_pool_t *attempt;
    uk_outcome_e outcome;

    apr_pool_create(&attempt, pool);
    outcome = uk_import_known_read(work->importer->tried, connection, attempt,
                                   work->batch);
    apr_pool_destroy(attempt);
    return outcome;
}

uk_importer_t *uk_importer_create(uk_database_t *db, const uk_actor_t *actor,
                                  int limit, const uk_lifetimes_t *lifetimes)
{
    uk_importer_t *importer = apr_palloc(db->pool, sizeof(*importer));

    *importer =
        (uk_importer_t){db, actor, {limit, *lifetimes, actor->now}, NULL};
    return importer;
}

uk_outcome_e uk_importer_add(uk_importer_t *importer,
                             const apr_array_header_t *batch,
                             uk_import_e *results)
{
    work_t work = {importer, batch, results};

    return uk_database_transact(importer->db, UK_DATABASE_ATTEMPTS, add_work,
                                &work);
}

uk_outcome_e uk_importer_try(uk_importer_t *importer,
                             const apr_array_header_t *batch,
                             uk_import_e *results)
{
    work_t work = {importer, batch, results};
    apr_pool_t *pool;
    uk_outcome_e outcome;

    if (!importer->tried) {
        importer->tried = uk_import_known_create(importer->db->pool, 1);
    }
    outcome = uk_database_run(importer->db, read_work, &work);
    if (outcome == UK_OK) {
        apr_pool_create(&pool, importer->db->pool);
        uk_import_plan_make(pool, &importer->rules, importer->tried, batch,
                            results);
        apr_pool_destroy(pool);
    }
    return outcome;
}
