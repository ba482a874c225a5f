/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets that leaked: found by their hashes, and ended. */
#include "store/leak.h"

#include <stdlib.h>
#include <string.h>

#include "core/json_values.h"
#include "store/rows.h"

#define LEAK(leaks, i) (&APR_ARRAY_IDX((leaks), (i), uk_leak_t))

typedef struct {
    const uk_actor_t *actor;
    apr_array_header_t *leaks;
    int changed; /* receives how many secrets were ended */
} end_t;

/* @return UK_OK, also if there is no such key */
static uk_outcome_e find_owner(uk_connection_t *connection, apr_pool_t *pool,
                               uk_leak_t *leak)
{
    apr_array_header_t *rows;
    const char **row;

    if (uk_connection_select(connection, pool, &uk_sql[UK_SQL_OWNER_OF_HASH],
                             (const char *[]){leak->hash, leak->hash}, &rows)) {
        return UK_UNAVAILABLE;
    }
    leak->id = NULL;
    if (rows->nelts > 0) {
        row = APR_ARRAY_IDX(rows, 0, const char **);
        leak->id = row[0];
        leak->team = row[1];
        leak->is_previous = row[2] && *row[2];
    }
    return UK_OK;
}

static uk_outcome_e find_owners(uk_connection_t *connection, apr_pool_t *pool,
                                apr_array_header_t *leaks)
{
    uk_outcome_e outcome = UK_OK;
    int i;

    for (i = 0; i < leaks->nelts && outcome == UK_OK; i++) {
        outcome = find_owner(connection, pool, LEAK(leaks, i));
    }
    return outcome;
}

static int is_active(const uk_key_t *key, int is_previous, uk_instant_t now)
{
    return key->disabled_at == UK_INSTANT_NONE
           && (is_previous ? uk_key_has_previous(key, now)
                           : !uk_instant_is_over(key->expires_at, now));
}

/* Find the secrets, and tell of each whether it is active: of all before the
 * first one is ended, as two may belong to one key. */
static uk_outcome_e judge_leaks(uk_connection_t *connection, apr_pool_t *pool,
                                apr_array_header_t *leaks, uk_instant_t now)
{
    uk_outcome_e outcome = find_owners(connection, pool, leaks);
    uk_key_t *key;
    int i;

    for (i = 0; i < leaks->nelts && outcome != UK_UNAVAILABLE; i++) {
        uk_leak_t *leak = LEAK(leaks, i);

        leak->was_active = leak->is_ended = 0;
        if (!leak->id) {
            continue;
        }
        outcome = uk_row_read_key(connection, pool, leak->id, &key);
        if (outcome == UK_OK) {
            leak->was_active = is_active(key, leak->is_previous, now);
        }
    }
    return outcome == UK_UNAVAILABLE ? UK_UNAVAILABLE : UK_OK;
}

typedef struct {
    uk_instant_t now;
    apr_array_header_t *leaks;
} find_t;

static uk_outcome_e find_work(uk_connection_t *connection, apr_pool_t *pool,
                              void *baton)
{
    const find_t *find = baton;

    return judge_leaks(connection, pool, find->leaks, find->now);
}

uk_outcome_e uk_leaks_find(uk_database_t *db, uk_instant_t now,
                           apr_array_header_t *leaks)
{
    find_t find = {now, leaks};

    return uk_database_run(db, find_work, &find);
}

static int compare_ids(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* In the order of their ids, so that two reports do not wait for each other. */
static uk_outcome_e lock_keys(uk_connection_t *connection, apr_pool_t *pool,
                              const apr_array_header_t *leaks)
{
    const char **ids =
        apr_palloc(pool, sizeof(*ids) * ((apr_size_t)leaks->nelts + 1));
    size_t count = 0, i;
    int j;

    for (j = 0; j < leaks->nelts; j++) {
        if (LEAK(leaks, j)->id) {
            ids[count++] = LEAK(leaks, j)->id;
        }
    }
    qsort(ids, count, sizeof(*ids), compare_ids);
    for (i = 0; i < count; i++) {
        if (uk_row_write(connection, pool, UK_SQL_KEY_LOCK, &ids[i])
            == UK_UNAVAILABLE) {
            return UK_UNAVAILABLE;
        }
    }
    return UK_OK;
}

/* A secret whose end has come goes on where the clock is slow.
 * @return 1 if the record has other values now, else 0 */
static int end_secret(uk_key_t *key, const uk_leak_t *leak, uk_instant_t now)
{
    if (leak->is_previous) {
        if (key->previous_ends_at <= now - UK_CLOCK_SKEW_MS) {
            return 0;
        }
        key->previous_ends_at = UK_KEY_ENDED;
        return 1;
    }
    if (uk_key_is_leaked(key)) {
        return 0;
    }
    if (key->disabled_at == UK_INSTANT_NONE) {
        key->disabled_at = now;
    }
    key->disabled_reason = UK_DISABLED_LEAKED;
    return 1;
}

/* The row has the prefix of the secret that leaked. */
static uk_outcome_e add_leak(uk_connection_t *connection, apr_pool_t *pool,
                             const uk_actor_t *actor, const uk_key_t *key,
                             const uk_leak_t *leak)
{
    uk_key_t leaked = *key;

    if (leak->is_previous) {
        leaked.prefix = key->previous_prefix;
    }
    return uk_audit_add_key(
        connection, pool, actor, "key.leak", &leaked,
        uk_json_dump(pool,
                     json_pack("{s:s}", "secret",
                               leak->is_previous ? "previous" : "current")));
}

static uk_outcome_e end_leak(uk_connection_t *connection, apr_pool_t *pool,
                             uk_leak_t *leak, end_t *end)
{
    const uk_actor_t *actor = end->actor;
    uk_key_t *key;
    uk_outcome_e outcome = uk_row_read_key(connection, pool, leak->id, &key);

    if (outcome != UK_OK) {
        return outcome;
    }
    if (!end_secret(key, leak, actor->now)) {
        return UK_OK;
    }
    end->changed++;
    leak->is_ended = 1;
    outcome = uk_row_change_key(connection, pool, key);
    return outcome == UK_OK ? add_leak(connection, pool, actor, key, leak)
                            : outcome;
}

/* Keys are found before they are locked, and once more afterwards: one may have
 * been rotated in between. */
static uk_outcome_e end_work(uk_connection_t *connection, apr_pool_t *pool,
                             void *baton)
{
    end_t *end = baton;
    uk_outcome_e outcome = lock_keys(connection, pool, end->leaks);
    int i;

    end->changed = 0;
    if (outcome == UK_OK) {
        outcome = judge_leaks(connection, pool, end->leaks, end->actor->now);
    }
    for (i = 0; i < end->leaks->nelts && outcome != UK_UNAVAILABLE; i++) {
        if (LEAK(end->leaks, i)->id) {
            outcome = end_leak(connection, pool, LEAK(end->leaks, i), end);
        }
    }
    return outcome == UK_UNAVAILABLE ? UK_UNAVAILABLE : UK_OK;
}

static int any_found(const apr_array_header_t *leaks)
{
    int i;

    for (i = 0; i < leaks->nelts; i++) {
        if (LEAK(leaks, i)->id) {
            return 1;
        }
    }
    return 0;
}

uk_outcome_e uk_leaks_end(uk_database_t *db, const uk_actor_t *actor,
                          const uk_own_cache_t *own, apr_array_header_t *leaks)
{
    end_t end = {actor, leaks, 0};
    uk_outcome_e outcome = uk_leaks_find(db, actor->now, leaks);

    if (outcome != UK_OK || !any_found(leaks)) {
        return outcome;
    }
    outcome = uk_database_transact(db, UK_DATABASE_ATTEMPTS, end_work, &end);
    if (outcome == UK_OK && !end.changed) {
        /* Another report may have ended them just now, and be waiting. Nobody
         * can void the cache by repeating one: this server waits for its own
         * poll as for those of others. */
        own = &uk_own_cache_none;
    }
    return uk_revoke_everywhere(db, own, outcome);
}
