/* SPDX-License-Identifier: Apache-2.0 */
/* uptime_audit: removing old rows. */
#include "store/prune.h"

#include <apr_strings.h>

#include "core/json_values.h"
#include "store/rows.h"

typedef struct {
    uk_instant_t before;
    int is_dry;
    uk_prune_t from; /* before this batch */
    uk_prune_t *prune;
} batch_t;

static uk_outcome_e delete_ids(uk_connection_t *connection, apr_pool_t *pool,
                               const char **ids, int count)
{
    const char *args[UK_AUDIT_DELETE_ARGS];
    uk_outcome_e outcome = UK_OK;
    int done, i;

    for (done = 0; done < count && outcome != UK_UNAVAILABLE;
         done += UK_AUDIT_DELETE_ARGS) {
        /* The last one again and again, where there are no more. */
        for (i = 0; i < UK_AUDIT_DELETE_ARGS; i++) {
            args[i] = ids[done + i < count ? done + i : count - 1];
        }
        outcome = uk_row_write(connection, pool, UK_SQL_AUDIT_DELETE, args);
    }
    return outcome == UK_UNAVAILABLE ? UK_UNAVAILABLE : UK_OK;
}

/* Choose among rows of UK_SQL_AUDIT_AFTER_ID. @return how many ids there are */
static int choose_old(const batch_t *batch, const apr_array_header_t *rows,
                      const char **ids)
{
    uk_prune_t *prune = batch->prune;
    int i, count = 0;

    for (i = 0; i < rows->nelts; i++) {
        const char **row = APR_ARRAY_IDX(rows, i, const char **);
        int is_old = uk_row_instant(row[1]) < batch->before;
        int has_to_stay = !row[2] || !*row[2];

        prune->last = apr_atoi64(row[0]);
        prune->kept += is_old && has_to_stay;
        if (is_old && !has_to_stay) {
            ids[count++] = row[0];
        }
    }
    prune->removed += count;
    return count;
}

static uk_outcome_e batch_work(uk_connection_t *connection, apr_pool_t *pool,
                               void *baton)
{
    batch_t *batch = baton;
    const char *ids[UK_AUDIT_BATCH];
    const char *last = uk_row_number(pool, batch->from.last);
    apr_array_header_t *rows;
    int count;

    *batch->prune = batch->from;
    if (uk_connection_select(connection, pool, &uk_sql[UK_SQL_AUDIT_AFTER_ID],
                             &last, &rows)) {
        return UK_UNAVAILABLE;
    }
    batch->prune->is_done = rows->nelts < UK_AUDIT_BATCH;
    count = choose_old(batch, rows, ids);
    return batch->is_dry ? UK_OK : delete_ids(connection, pool, ids, count);
}

uk_outcome_e uk_prune_batch(uk_database_t *db, uk_instant_t before, int is_dry,
                            uk_prune_t *prune)
{
    batch_t batch = {before, is_dry, *prune, prune};
    uk_outcome_e outcome = is_dry
                               ? uk_database_run(db, batch_work, &batch)
                               : uk_database_transact(db, UK_DATABASE_ATTEMPTS,
                                                      batch_work, &batch);

    if (outcome != UK_OK) {
        *prune = batch.from;
    }
    return outcome;
}

typedef struct {
    const uk_actor_t *actor;
    const char *detail;
} finish_t;

static uk_outcome_e finish_work(uk_connection_t *connection, apr_pool_t *pool,
                                void *baton)
{
    const finish_t *finish = baton;

    return uk_audit_add(connection, pool, finish->actor, "audit.prune", "",
                        finish->detail);
}

uk_outcome_e uk_prune_finish(uk_database_t *db, const uk_actor_t *actor,
                             uk_instant_t before, const uk_prune_t *prune)
{
    char text[UK_INSTANT_STRING_LEN + 1];
    finish_t finish = {actor, NULL};

    uk_instant_format(before, text);
    finish.detail = uk_json_dump(db->pool, json_pack("{s:I, s:s}", "removed",
                                                     (json_int_t)prune->removed,
                                                     "before", text));
    return uk_database_transact(db, UK_DATABASE_ATTEMPTS, finish_work, &finish);
}
