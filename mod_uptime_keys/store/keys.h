/* SPDX-License-Identifier: Apache-2.0 */
/* uptime_keys: the keys of teams.
 *
 * Every function returns UK_UNAVAILABLE, with db->error, if the database gave no
 * answer. Results live in db->pool. */
#ifndef UK_STORE_KEYS_H
#define UK_STORE_KEYS_H

#include "core/key.h"
#include "core/secret.h"
#include "db/database.h"
#include "store/audit.h"

/* Keys of one team, unless the admin sets another limit. */
#define UK_KEYS_PER_TEAM 10
#define UK_KEYS_PER_TEAM_MAX 10000

/** Find a key by its id. @return UK_OK, UK_NOT_FOUND */
uk_outcome_e uk_store_key_by_id(uk_database_t *db, const char *id,
                                uk_key_t **key)
    __attribute__((warn_unused_result));

/** The keys of a team, newest first, as uk_key_t *s. @return UK_OK */
uk_outcome_e uk_store_keys_of_team(uk_database_t *db, const char *team,
                                   apr_array_header_t **keys)
    __attribute__((warn_unused_result));

/**
 * Add a key to its team, in a free slot.
 *
 * @param key   complete but for created_at, which comes from the actor
 * @param limit keys that the team may have, expired ones included
 * @return UK_OK; UK_NOT_FOUND: no such team; UK_LIMIT: no free slot; UK_EXISTS:
 *         a key of this id was made before, and may be gone since
 */
uk_outcome_e uk_store_key_create(uk_database_t *db, const uk_actor_t *actor,
                                 uk_key_t *key,
                                 const char hash[UK_HASH_LEN + 1], int limit)
    __attribute__((warn_unused_result));

/**
 * Delete a key.
 *
 * @param team the team it must belong to; NULL: any
 * @return UK_OK, UK_NOT_FOUND
 */
uk_outcome_e uk_store_key_delete(uk_database_t *db, const uk_actor_t *actor,
                                 const char *team, const char *id)
    __attribute__((warn_unused_result));

/* When a key was used. */
typedef struct {
    const char *id;
    uk_instant_t at;
} uk_use_t;

/**
 * Note uses, all of them or none, each unless one of that key was noted less
 * than an interval before.
 *
 * @param uses     of uk_use_t, in the same order wherever they are noted, lest
 *                 two servers wait for each other
 * @param interval milliseconds
 * @return UK_OK, also where nothing needed to be written
 */
uk_outcome_e uk_store_keys_used(uk_database_t *db,
                                const apr_array_header_t *uses,
                                uk_instant_t interval)
    __attribute__((warn_unused_result));

#endif
