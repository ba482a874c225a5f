/* SPDX-License-Identifier: Apache-2.0 */
/* Writes what an import adds. */
#include "store/import_write.h"

#include <apr_strings.h>

#include "core/keyid.h"
#include "store/rows.h"

/* What is being written. */
typedef struct {
    uk_connection_t *connection;
    apr_pool_t *pool;
    apr_pool_t *scratch; /* cleared after each statement */
    const uk_actor_t *actor;
    const char *now; /* the actor's, as a value */
    const uk_import_plan_t *plan;
    const char **ids; /* of the keys */
} writing_t;

/* Put one row into a bulk. @param index of the team, or of the key */
typedef void row_t(const writing_t *writing, uk_bulk_t *bulk, int index);

static uk_outcome_e write_rows(const writing_t *writing,
                               const uk_bulk_table_t *table, int count,
                               row_t *row)
{
    uk_bulk_t *bulk;
    int i, failed = 0;

    if (uk_bulk_begin(writing->connection, writing->pool, table, &bulk)) {
        return UK_UNAVAILABLE;
    }
    for (i = 0; i < count && !failed; i++) {
        row(writing, bulk, i);
        failed = uk_bulk_add(bulk);
    }
    return uk_bulk_end(bulk) ? UK_UNAVAILABLE : UK_OK;
}

static void team_row(const writing_t *writing, uk_bulk_t *bulk, int index)
{
    const char **values = uk_bulk_row(bulk);

    values[0] = values[1] =
        APR_ARRAY_IDX(writing->plan->teams, index, uk_import_team_t *)->id;
    values[2] = writing->now;
}

static const uk_key_t *key_at(const writing_t *writing, int index)
{
    return &APR_ARRAY_IDX(writing->plan->keys, index, uk_import_line_t *)->key;
}

static uk_instant_t created_at(const writing_t *writing, const uk_key_t *key)
{
    return key->created_at == UK_INSTANT_NONE ? writing->actor->now
                                              : key->created_at;
}

static void key_row(const writing_t *writing, uk_bulk_t *bulk, int index)
{
    const char **values = uk_bulk_row(bulk);
    apr_pool_t *pool = uk_bulk_pool(bulk);
    uk_key_t key = *key_at(writing, index);
    int i;

    key.id = writing->ids[index];
    key.created_at = created_at(writing, &key);
    for (i = 0; i < UK_KEY_FIELD_COUNT; i++) {
        values[i] = uk_row_field(pool, &key, (uk_key_field_e)i);
    }
    values[i++] = writing->actor->name;
    values[i++] =
        uk_row_number(pool, APR_ARRAY_IDX(writing->plan->slots, index, int));
    values[i] =
        APR_ARRAY_IDX(writing->plan->keys, index, uk_import_line_t *)->hash;
}

static void team_audit_row(const writing_t *writing, uk_bulk_t *bulk, int index)
{
    const char **values = uk_bulk_row(bulk);

    values[0] = writing->now;
    values[1] = writing->actor->name;
    values[2] = writing->actor->from;
    values[3] = "team.create";
    values[4] =
        APR_ARRAY_IDX(writing->plan->teams, index, uk_import_team_t *)->id;
    values[5] = values[6] = values[7] = values[8] = NULL;
}

/* In lists that a last id fills up: a key in it twice is one. */
static uk_outcome_e audit_keys(const writing_t *writing)
{
    const uk_actor_t *actor = writing->actor;
    const char *args[3 + UK_IMPORT_LOOKUP] = {writing->now, actor->name,
                                              actor->from};
    int last = writing->plan->keys->nelts - 1;
    uk_outcome_e outcome = UK_OK;
    int at, i;

    for (at = 0; at <= last && outcome == UK_OK; at += UK_IMPORT_LOOKUP) {
        for (i = 0; i < UK_IMPORT_LOOKUP; i++) {
            args[3 + i] = writing->ids[at + i < last ? at + i : last];
        }
        outcome = uk_row_write(writing->connection, writing->scratch,
                               UK_SQL_AUDIT_INSERT_IMPORTED, args);
        apr_pool_clear(writing->scratch);
    }
    return outcome == UK_OK ? UK_OK : UK_UNAVAILABLE;
}

static void choose_ids(writing_t *writing)
{
    int i, count = writing->plan->keys->nelts;

    writing->ids = apr_palloc(writing->pool,
                              sizeof(*writing->ids) * ((apr_size_t)count + 1));
    for (i = 0; i < count; i++) {
        const uk_key_t *key = key_at(writing, i);
        char made[UK_KEYID_LEN + 1];

        writing->ids[i] = key->id;
        if (!key->id) {
            uk_keyid_make(created_at(writing, key), made);
            writing->ids[i] = apr_pstrmemdup(writing->pool, made, UK_KEYID_LEN);
        }
    }
}

uk_outcome_e uk_import_write(uk_connection_t *connection, apr_pool_t *pool,
                             const uk_actor_t *actor,
                             const uk_import_plan_t *plan)
{
    writing_t writing = {.connection = connection,
                         .pool = pool,
                         .actor = actor,
                         .now = uk_row_number(pool, actor->now),
                         .plan = plan};
    const struct {
        const uk_bulk_table_t *table;
        int count;
        row_t *row;
    } parts[] = {
        {&uk_bulk_teams, plan->teams->nelts, team_row},
        {&uk_bulk_audit, plan->teams->nelts, team_audit_row},
        {&uk_bulk_keys, plan->keys->nelts, key_row},
    };
    uk_outcome_e outcome = UK_OK;
    size_t i;

    apr_pool_create(&writing.scratch, pool);
    choose_ids(&writing);
    for (i = 0; i < sizeof(parts) / sizeof(parts[0]) && outcome == UK_OK; i++) {
        if (parts[i].count > 0) {
            outcome = write_rows(&writing, parts[i].table, parts[i].count,
                                 parts[i].row);
        }
    }
    return outcome == UK_OK ? audit_keys(&writing) : outcome;
}
