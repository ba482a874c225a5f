/* SPDX-License-Identifier: Apache-2.0 */
/* Keys, teams and members in the database.
 *
 * Every function returns UK_UNAVAILABLE, with db->error, where the database
 * gave no answer. Results live in db->pool. */
#ifndef UK_CORE_STORE_H
#define UK_CORE_STORE_H

#include "core/database.h"
#include "core/json.h"
#include "core/key.h"
#include "core/secret.h"
#include "core/team.h"

/* Keys of one team, unless the admin sets another limit. */
#define UK_KEYS_PER_TEAM 10
#define UK_KEYS_PER_TEAM_MAX 10000

/* Who changes something, for the audit table and created_by. */
typedef struct {
    const char *who;    /* user name, or id of the key that called */
    const char *from;   /* client address, or the tool's name */
    uk_instant_t now;
} uk_actor_t;

/**
 * Find a key by the hash of its text, also an expired one.
 *
 * @return UK_OK, UK_NOT_FOUND
 */
uk_outcome_e uk_store_key_by_hash(uk_database_t *db,
                                  const char hash[UK_HASH_LEN + 1],
                                  uk_key_t **key)
    __attribute__((warn_unused_result));

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
 * @param key   complete but for created_at and created_by, which come from the
 *              actor
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

/**
 * Note a use, unless one was noted less than an interval before.
 *
 * @param interval milliseconds
 * @return UK_OK, also where nothing needed to be written
 */
uk_outcome_e uk_store_key_used(uk_database_t *db, const char *id,
                               uk_instant_t now, uk_instant_t interval)
    __attribute__((warn_unused_result));

/** Teams by id, as uk_team_t *s. @return UK_OK */
uk_outcome_e uk_store_teams(uk_database_t *db, apr_array_header_t **teams)
    __attribute__((warn_unused_result));

/**
 * Make a team, with an owner if one is named.
 *
 * @param owner NULL for none yet
 * @return UK_OK, UK_EXISTS
 */
uk_outcome_e uk_store_team_create(uk_database_t *db, const uk_actor_t *actor,
                                  const uk_team_t *team, const char *owner)
    __attribute__((warn_unused_result));

/** Delete a team, its keys and members. @return UK_OK, UK_NOT_FOUND */
uk_outcome_e uk_store_team_delete(uk_database_t *db, const uk_actor_t *actor,
                                  const char *id)
    __attribute__((warn_unused_result));

/** Members of a team by name, as uk_member_t *s. @return UK_OK, UK_NOT_FOUND */
uk_outcome_e uk_store_members(uk_database_t *db, const char *team,
                              apr_array_header_t **members)
    __attribute__((warn_unused_result));

/** Memberships of a user by team, as uk_member_t *s. @return UK_OK */
uk_outcome_e uk_store_teams_of_user(uk_database_t *db, const char *user,
                                    apr_array_header_t **members)
    __attribute__((warn_unused_result));

/**
 * Give a user a role in a team.
 *
 * @return UK_OK; UK_NOT_FOUND: no such team; UK_EXISTS: the team has another
 *         owner
 */
uk_outcome_e uk_store_member_set(uk_database_t *db, const uk_actor_t *actor,
                                 const uk_member_t *member)
    __attribute__((warn_unused_result));

/** Take a user out of a team. @return UK_OK, UK_NOT_FOUND */
uk_outcome_e uk_store_member_remove(uk_database_t *db, const uk_actor_t *actor,
                                    const char *team, const char *user)
    __attribute__((warn_unused_result));

#endif
