/* SPDX-License-Identifier: Apache-2.0 */
/* Rotating a key, in one transaction. */
#include "store/rotate.h"

#include <apr_strings.h>
#include <string.h>

#include "core/json_values.h"
#include "core/lease_state.h"
#include "store/rows.h"

typedef struct {
    const uk_actor_t *actor;
    const uk_rotation_t *asked;
    uk_rotated_t *done;
    const char *hash;   /* of the new secret */
    const char *prefix; /* of the new secret */
} rotate_t;

/* @return why a key cannot be rotated; NULL: it can */
static const char *find_conflict(const uk_key_t *key, const rotate_t *rotate)
{
    const char *wanted = rotate->asked->if_prefix;

    if (wanted && strcmp(wanted, key->prefix) != 0) {
        return "The key has another secret by now: it was rotated before. "
               "Its text was shown then, and cannot be shown again.";
    }
    if (key->disabled_at != UK_INSTANT_NONE && !uk_key_is_leaked(key)) {
        return "The key is disabled; enable it first.";
    }
    return uk_instant_is_over(key->expires_at, rotate->actor->now)
               ? "The key has expired; give it a later expiry first."
               : NULL;
}

/* Give the record its new values, and note which secrets end. */
static void apply(uk_key_t *key, const rotate_t *rotate)
{
    uk_instant_t now = rotate->actor->now;
    int overlap = uk_key_is_leaked(key) ? 0 : rotate->asked->overlap;
    const char **ended = rotate->done->ended;

    ended[0] = ended[1] = NULL;
    if (uk_key_has_previous(key, now)) {
        *ended++ = key->previous_prefix;
    }
    if (!overlap) {
        *ended = key->prefix;
    }
    key->previous_prefix = key->prefix;
    key->previous_used_at = key->last_used_at;
    key->previous_ends_at =
        overlap ? now + overlap * (uk_instant_t)1000 : UK_KEY_ENDED;
    key->prefix = rotate->prefix;
    key->last_used_at = UK_INSTANT_NONE;
    key->disabled_at = UK_INSTANT_NONE;
    key->disabled_reason = NULL;
    key->expires_at =
        uk_lifetime_within(&rotate->asked->lifetimes, now, key->expires_at);
    key->previous_ends_at = uk_key_previous_end(key);
}

static uk_outcome_e judge_key(const uk_key_t *key, const rotate_t *rotate)
{
    const uk_rotation_t *asked = rotate->asked;

    if (asked->may_rotate && !asked->may_rotate(key, asked->baton)) {
        return UK_REFUSED;
    }
    rotate->done->conflict = find_conflict(key, rotate);
    return rotate->done->conflict ? UK_CONFLICT : UK_OK;
}

static uk_outcome_e write_rotated(uk_connection_t *connection, apr_pool_t *pool,
                                  const uk_key_t *key, const char *hash)
{
    const char *args[] = {
        uk_row_field(pool, key, UK_KEY_FIELD_previous_ends_at), hash,
        key->prefix, uk_row_field(pool, key, UK_KEY_FIELD_expires_at), key->id};

    return uk_row_write(connection, pool, UK_SQL_KEY_ROTATE, args);
}

/* Seconds that the old secret goes on; 0: it has ended. */
static json_int_t overlap_seconds(const uk_key_t *key, uk_instant_t now)
{
    return key->previous_ends_at > now ? (key->previous_ends_at - now) / 1000
                                       : 0;
}

static uk_outcome_e add_rotation(uk_connection_t *connection, apr_pool_t *pool,
                                 const rotate_t *rotate)
{
    const uk_key_t *key = rotate->done->key;
    const char *detail =
        uk_json_dump(pool, json_pack("{s:s, s:I}", "oldPrefix",
                                     key->previous_prefix, "overlapSeconds",
                                     overlap_seconds(key, rotate->actor->now)));

    return uk_audit_add_key(connection, pool, rotate->actor, "key.rotate", key,
                            detail);
}

static uk_outcome_e rotate_work(uk_connection_t *connection, apr_pool_t *pool,
                                void *baton)
{
    rotate_t *rotate = baton;
    const uk_rotation_t *asked = rotate->asked;
    uk_key_t *key;
    uk_outcome_e outcome =
        uk_row_lock_key(connection, pool, asked->team, asked->id, &key);

    if (outcome != UK_OK) {
        return outcome;
    }
    outcome = judge_key(key, rotate);
    if (outcome != UK_OK) {
        return outcome;
    }
    apply(key, rotate);
    rotate->done->key = key;
    outcome = write_rotated(connection, pool, key, rotate->hash);
    return outcome == UK_OK ? add_rotation(connection, pool, rotate) : outcome;
}

/* A secret that goes on for longer than a lease ends everywhere by itself: no
 * server uses an entry for so long that does not know its end. */
static int has_to_wait(const uk_rotated_t *done)
{
    uk_instant_t now = uk_instant_from_apr(apr_time_now());

    return done->ended[0]
           || uk_key_previous_end(done->key)
                  <= now + UK_LEASE_MS + UK_LEASE_MARGIN_MS;
}

uk_outcome_e uk_rotate_key(uk_database_t *db, const uk_actor_t *actor,
                           const uk_own_cache_t *own,
                           const uk_rotation_t *rotation, uk_rotated_t *rotated,
                           char token[UK_TOKEN_LEN + 1])
{
    char hash[UK_HASH_LEN + 1];
    rotate_t rotate = {actor, rotation, rotated, hash, NULL};
    uk_outcome_e outcome;

    memset(rotated, 0, sizeof(*rotated));
    uk_token_make(token);
    uk_secret_hash(token, UK_TOKEN_LEN, hash);
    rotate.prefix = apr_pstrmemdup(db->pool, token, UK_TOKEN_PREFIX_LEN);
    outcome =
        uk_database_transact(db, UK_DATABASE_ATTEMPTS, rotate_work, &rotate);
    if (outcome != UK_OK) {
        uk_secret_wipe(token, UK_TOKEN_LEN + 1);
    }
    return outcome == UK_UNAVAILABLE
                   || (outcome == UK_OK && has_to_wait(rotated))
               ? uk_revoke_everywhere(db, own, outcome)
               : outcome;
}

uk_outcome_e uk_rotate_times(uk_database_t *db, const char *team,
                             apr_array_header_t **times)
{
    apr_array_header_t *rows;
    uk_outcome_e outcome = uk_rows_select(db, UK_SQL_ROTATIONS_OF_TEAM,
                                          (const char *[]){team}, &rows);
    int i;

    *times = apr_array_make(db->pool, 4, sizeof(uk_rotation_time_t));
    for (i = 0; outcome == UK_OK && i < rows->nelts; i++) {
        const char **row = APR_ARRAY_IDX(rows, i, const char **);

        APR_ARRAY_PUSH(*times, uk_rotation_time_t) =
            (uk_rotation_time_t){row[0], uk_row_instant(row[1])};
    }
    return outcome;
}
