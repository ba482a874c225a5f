/* SPDX-License-Identifier: Apache-2.0 */
/* uptime_keys: the keys of teams. Each key has a slot of its team: a number
 * from 1 to the limit of keys, or above if it was imported over the limit. A
 * unique index keeps two keys out of one slot.
 *
 * Every function may also return UK_UNAVAILABLE, with db->error: the database
 * is unavailable. Results live in db->pool. */
#ifndef UK_STORE_KEYS_H
#define UK_STORE_KEYS_H

#include "core/key.h"
#include "core/secret.h"
#include "db/database.h"
#include "store/audit.h"

/* Default and maximum of the limit of keys in a team. */
#define UK_KEYS_PER_TEAM 10
#define UK_KEYS_PER_TEAM_MAX 10000

/** Find a key by its id. @return UK_OK; UK_NOT_FOUND, and *key is NULL */
uk_outcome_e uk_store_key_by_id(uk_database_t *db, const char *id,
                                uk_key_t **key)
    __attribute__((warn_unused_result));

/** List the keys of a team as uk_key_t *s, newest first; an unknown team has
 *  none. @return UK_OK; otherwise the array is empty */
uk_outcome_e uk_store_keys_of_team(uk_database_t *db, const char *team,
                                   apr_array_header_t **keys)
    __attribute__((warn_unused_result));

/**
 * Insert a key into a free slot of its team, and add an audit row.
 *
 * @param key   complete except for created_at, which receives actor->now
 * @param hash  of the key, by uk_secret_hash()
 * @param limit maximum number of keys in the team, expired ones included
 * @return UK_OK; UK_NOT_FOUND: no such team; UK_LIMIT: no free slot; UK_EXISTS:
 *         a key with this id exists, or was created and deleted since
 */
uk_outcome_e uk_store_key_create(uk_database_t *db, const uk_actor_t *actor,
                                 uk_key_t *key,
                                 const char hash[UK_HASH_LEN + 1], int limit)
    __attribute__((warn_unused_result));

/**
 * Delete a key, and add an audit row. Servers may still use cached entries of
 * the key: see uk_revoke_key().
 *
 * @param team the team that the key must belong to; NULL: any
 * @return UK_OK, UK_NOT_FOUND
 */
uk_outcome_e uk_store_key_delete(uk_database_t *db, const uk_actor_t *actor,
                                 const char *team, const char *id)
    __attribute__((warn_unused_result));

/* One use of a key. */
typedef struct {
    const char *id;     /* of the key */
    const char *prefix; /* of the secret that was used */
    uk_instant_t at;
} uk_use_t;

/**
 * Write the last use of secrets, in one transaction: last_used_at of a current
 * one, previous_used_at of a previous one. A secret whose last use is less than
 * an interval before this one is skipped, and so is a key that is gone, and a
 * secret that is neither.
 *
 * @param uses     array of uk_use_t, sorted by id: in another order two servers
 *                 could wait for each other's rows
 * @param interval milliseconds
 * @return UK_OK, also if no row had to be changed
 */
uk_outcome_e uk_store_keys_used(uk_database_t *db,
                                const apr_array_header_t *uses,
                                uk_instant_t interval)
    __attribute__((warn_unused_result));

#endif
