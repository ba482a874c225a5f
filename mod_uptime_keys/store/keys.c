/* SPDX-License-Identifier: Apache-2.0 */
/* uptime_keys: the keys of teams. */
#include "store/keys.h"

#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#include "store/rows.h"

static const char *only_row(const apr_array_header_t *rows, int column)
{
    return APR_ARRAY_IDX(rows, 0, const char **)[column];
}

uk_outcome_e uk_store_key_by_id(uk_database_t *db, const char *id,
                                uk_key_t **key)
{
    apr_array_header_t *rows;
    uk_outcome_e outcome =
        uk_rows_select(db, UK_SQL_KEY_BY_ID, (const char *[]){id}, &rows);

    *key = NULL;
    if (outcome != UK_OK) {
        return outcome;
    }
    if (rows->nelts != 1 || strcmp(only_row(rows, UK_KEY_FIELD_id), id) != 0) {
        return UK_NOT_FOUND;
    }
    *key = uk_row_key(db->pool, APR_ARRAY_IDX(rows, 0, const char **));
    return UK_OK;
}

uk_outcome_e uk_store_keys_of_team(uk_database_t *db, const char *team,
                                   apr_array_header_t **keys)
{
    apr_array_header_t *rows;
    uk_outcome_e outcome =
        uk_rows_select(db, UK_SQL_KEYS_OF_TEAM, (const char *[]){team}, &rows);
    int i;

    *keys = apr_array_make(db->pool, 10, sizeof(uk_key_t *));
    for (i = 0; outcome == UK_OK && i < rows->nelts; i++) {
        APR_ARRAY_PUSH(*keys, uk_key_t *) =
            uk_row_key(db->pool, APR_ARRAY_IDX(rows, i, const char **));
    }
    return outcome;
}

/* @return the highest slot that may be filled. Each key in a slot beyond it,
 * imported over the limit, lowers it by one: otherwise two requests at the same
 * time could fill two slots when the team may have only one more key. */
static int last_slot(const char *taken, int beyond, int limit)
{
    int last;

    for (last = limit; last > 0 && last + beyond > limit; last--) {
        beyond += taken[last];
    }
    return last;
}

/* @return a free slot, at random so that requests at the same time do not all
 * pick the same one; 0 if none is free */
static int free_slot(apr_pool_t *pool, const apr_array_header_t *rows,
                     int limit)
{
    char *taken = apr_pcalloc(pool, (apr_size_t)limit + 1);
    apr_uint32_t start;
    int beyond = 0;
    int i;

    for (i = 0; i < rows->nelts; i++) {
        int slot = atoi(APR_ARRAY_IDX(rows, i, const char **)[0]);

        if (slot >= 1 && slot <= limit) {
            taken[slot] = 1;
        }
        else {
            beyond++;
        }
    }
    limit = last_slot(taken, beyond, limit);
    uk_secret_random(&start, sizeof(start));
    for (i = 0; i < limit; i++) {
        int slot = (int)((start + (apr_uint32_t)i) % (apr_uint32_t)limit) + 1;

        if (!taken[slot]) {
            return slot;
        }
    }
    return 0;
}

/* Rounds of attempts to create a key while the slots of its team change. */
#define ROUNDS_MAX 20

typedef struct {
    const uk_actor_t *actor;
    uk_key_t *key;
    const char *hash;
    int limit;
    const apr_array_header_t *slots; /* in use at the last attempt, or NULL */
    int slots_changed;               /* 1: by others, in this round */
} create_t;

static int are_same(const apr_array_header_t *a, const apr_array_header_t *b)
{
    int i = 0;

    while (i < a->nelts && i < b->nelts
           && strcmp(APR_ARRAY_IDX(a, i, const char **)[0],
                     APR_ARRAY_IDX(b, i, const char **)[0])
                  == 0) {
        i++;
    }
    return i == a->nelts && i == b->nelts;
}

/* The id of a deleted key stays in use, so that a form that is sent twice
 * cannot create its key again. @return UK_OK; UK_EXISTS; UK_UNAVAILABLE */
static uk_outcome_e require_new_id(uk_connection_t *connection,
                                   apr_pool_t *pool, const char *id)
{
    apr_array_header_t *rows;

    if (uk_connection_select(connection, pool, &uk_sql[UK_SQL_ID_WAS_CREATED],
                             (const char *[]){id, id}, &rows)) {
        return UK_UNAVAILABLE;
    }
    return rows->nelts ? UK_EXISTS : UK_OK;
}

static uk_outcome_e create_work(uk_connection_t *connection, apr_pool_t *pool,
                                void *baton)
{
    create_t *create = baton;
    const uk_key_t *key = create->key;
    apr_array_header_t *rows;
    uk_outcome_e outcome = uk_row_require_team(connection, pool, key->team);
    int slot;

    if (outcome == UK_OK) {
        outcome = require_new_id(connection, pool, key->id);
    }
    if (outcome != UK_OK) {
        return outcome;
    }
    if (uk_connection_select(connection, pool, &uk_sql[UK_SQL_SLOTS_OF_TEAM],
                             (const char *[]){key->team}, &rows)) {
        return UK_UNAVAILABLE;
    }
    create->slots_changed |= create->slots && !are_same(rows, create->slots);
    create->slots = rows;
    slot =
        rows->nelts < create->limit ? free_slot(pool, rows, create->limit) : 0;
    if (!slot) {
        return UK_LIMIT;
    }
    outcome = uk_row_insert_key(connection, pool, key, create->actor->name,
                                slot, create->hash);
    return outcome == UK_OK ? uk_audit_add_key(connection, pool, create->actor,
                                               "key.create", key, NULL)
                            : outcome;
}

uk_outcome_e uk_store_key_create(uk_database_t *db, const uk_actor_t *actor,
                                 uk_key_t *key,
                                 const char hash[UK_HASH_LEN + 1], int limit)
{
    create_t create = {actor, key, hash, limit, NULL, 0};
    uk_outcome_e outcome;
    int rounds = 0;

    key->created_at = actor->now;
    /* A request that loses the race for a slot fails at the unique index, reads
     * the slots again and finds one free slot fewer, so this ends unless keys
     * are deleted meanwhile. If the slots are the same as before, the database
     * failed for another reason, and there is no further round. */
    do {
        create.slots_changed = 0;
        outcome = uk_database_transact(db, UK_DATABASE_ATTEMPTS, create_work,
                                       &create);
    } while (outcome == UK_UNAVAILABLE && create.slots_changed
             && ++rounds < ROUNDS_MAX);
    return outcome;
}

typedef struct {
    const uk_actor_t *actor;
    const char *team;
    const char *id;
} delete_t;

static uk_outcome_e delete_work(uk_connection_t *connection, apr_pool_t *pool,
                                void *baton)
{
    const delete_t *deletion = baton;
    apr_array_header_t *rows;
    uk_outcome_e outcome;
    const uk_key_t *key;

    if (uk_connection_select(connection, pool, &uk_sql[UK_SQL_KEY_BY_ID],
                             (const char *[]){deletion->id}, &rows)) {
        return UK_UNAVAILABLE;
    }
    if (rows->nelts != 1) {
        return UK_NOT_FOUND;
    }
    key = uk_row_key(pool, APR_ARRAY_IDX(rows, 0, const char **));
    if (deletion->team && strcmp(deletion->team, key->team) != 0) {
        return UK_NOT_FOUND;
    }
    outcome = uk_row_write(connection, pool, UK_SQL_KEY_DELETE,
                           (const char *[]){deletion->id});
    return outcome == UK_OK ? uk_audit_add_key(
               connection, pool, deletion->actor, "key.delete", key, NULL)
                            : outcome;
}

uk_outcome_e uk_store_key_delete(uk_database_t *db, const uk_actor_t *actor,
                                 const char *team, const char *id)
{
    delete_t deletion = {actor, team, id};

    return uk_database_transact(db, UK_DATABASE_ATTEMPTS, delete_work,
                                &deletion);
}

typedef struct {
    const apr_array_header_t *uses;
    uk_instant_t interval;
} used_t;

static uk_outcome_e used_work(uk_connection_t *connection, apr_pool_t *pool,
                              void *baton)
{
    const used_t *used = baton;
    int i;

    for (i = 0; i < used->uses->nelts; i++) {
        const uk_use_t *use = &APR_ARRAY_IDX(used->uses, i, uk_use_t);
        const char *args[] = {uk_row_number(pool, use->at), use->id,
                              use->prefix,
                              uk_row_number(pool, use->at - used->interval)};
        uk_outcome_e outcome =
            uk_row_write(connection, pool, UK_SQL_KEY_USED, args);

        /* The key may have been rotated since. */
        if (outcome == UK_NOT_FOUND) {
            outcome =
                uk_row_write(connection, pool, UK_SQL_PREVIOUS_USED, args);
        }
        if (outcome == UK_UNAVAILABLE) {
            return UK_UNAVAILABLE;
        }
    }
    return UK_OK;
}

uk_outcome_e uk_store_keys_used(uk_database_t *db,
                                const apr_array_header_t *uses,
                                uk_instant_t interval)
{
    used_t used = {uses, interval};

    /* One use needs no transaction: it is written by a single statement. */
    return uses->nelts == 1 ? uk_database_run(db, used_work, &used)
                            : uk_database_transact(db, UK_DATABASE_ATTEMPTS,
                                                   used_work, &used);
}
