/* SPDX-License-Identifier: Apache-2.0 */
/* Keys, teams and members in the database.
 *
 * Every function returns UK_UNAVAILABLE, with db->error, where the database
 * gave no answer. Results live in db->pool. */
#ifndef UK_STORE_STORE_H
#define UK_STORE_STORE_H

#include "db/database.h"
#include "core/principal.h"
#include "core/json.h"
#include "core/key.h"
#include "store/scope_cache.h"
#include "core/secret.h"
#include "core/team.h"

/* Keys of one team, unless the admin sets another limit. */
#define UK_KEYS_PER_TEAM 10
#define UK_KEYS_PER_TEAM_MAX 10000

/* Who changes something, for the audit table and created_by. */
typedef struct {
    const char *who;  /* user name, or id of the key that called */
    const char *from; /* client address, or the tool's name */
    uk_instant_t now;
} uk_actor_t;

/**
 * Find what a key grants by the hash of its text, also an expired one.
 *
 * @param scope_cache  for scopes; NULL: none
 * @param principal receives all but prefix and has_checksum
 * @return UK_OK, UK_NOT_FOUND
 */
uk_outcome_e uk_store_principal(uk_database_t *db,
                                const uk_catalogue_t *catalogue,
                                uk_scope_cache_t *scope_cache,
                                const char hash[UK_HASH_LEN + 1],
                                uk_principal_t **principal)
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

/* Copies of keys, which servers keep. A copy may be used while a look at the
 * counter of changes has begun less than a lease ago; whoever takes a key away
 * waits for a lease where copies may be. All servers must agree on these, so
 * they are no settings. Milliseconds. */
#define UK_LEASE_MS 1000
/* What the waiting adds, for clocks that do not run alike. */
#define UK_LEASE_MARGIN_MS 50
/* How old its announcement may be where a server uses copies, and where others
 * reckon with that; in between is what clocks may differ by. */
#define UK_ANNOUNCED_MS 60000
#define UK_SERVER_ALIVE_MS 600000
/* After this its row is removed by whoever comes by. */
#define UK_SERVER_EXPIRED_MS 86400000

/**
 * Find out whether keys have changed.
 *
 * @param id        the server that asks
 * @param counter   of changes: another value means that some key is gone or is
 *                  no longer what it was, apart from its last use
 * @param announced when that server has announced itself; UK_INSTANT_NONE:
 *                  nobody reckons with it
 * @return UK_OK
 */
uk_outcome_e uk_store_changes(uk_database_t *db, const char *id,
                              apr_int64_t *counter, uk_instant_t *announced)
    __attribute__((warn_unused_result));

/** Say that a server keeps copies from now on. @return UK_OK */
uk_outcome_e uk_store_server_announce(uk_database_t *db, const char *id,
                                      uk_instant_t now)
    __attribute__((warn_unused_result));

/** Say that it keeps none any more. @return UK_OK */
uk_outcome_e uk_store_server_withdraw(uk_database_t *db, const char *id)
    __attribute__((warn_unused_result));

/**
 * Find out whether a server may have copies. Only what was changed and
 * committed before is safe from those that come later.
 *
 * @param own  the server that does not count; "" for none
 * @param any  receives 1 if there is another, else 0
 * @return UK_OK
 */
uk_outcome_e uk_store_other_servers_cache(uk_database_t *db, const char *own,
                                          uk_instant_t now, int *any)
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
