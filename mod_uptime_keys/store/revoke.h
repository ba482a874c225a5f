/* SPDX-License-Identifier: Apache-2.0 */
/* Revoking a key: deleted, and refused by every server once that is done. */
#ifndef UK_STORE_REVOKE_H
#define UK_STORE_REVOKE_H

#include "store/keys.h"

/* The cache of the server that revokes. */
typedef struct {
    const char *server; /* its id in uptime_servers; "" if it has no cache */
    /** Void its own entries. NULL: it has none. */
    void (*invalidate)(void *baton);
    void *baton;
} uk_own_cache_t;

/** For a program that shares no cache with any server. */
extern const uk_own_cache_t uk_own_cache_none;

/**
 * Delete a key, and return when no server uses a cached copy of it any more.
 * That takes a lease where another server caches, during which no connection is
 * held. Source: the contract that a deleted key is refused from the moment its
 * deletion is answered; mod_uptime_keys/docs/CACHE.md.
 *
 * @param team the team it must belong to; NULL: any
 * @return UK_OK; UK_NOT_FOUND; UK_UNAVAILABLE with db->error
 */
uk_outcome_e uk_revoke_key(uk_database_t *db, const uk_actor_t *actor,
                           const uk_own_cache_t *own, const char *team,
                           const char *id) __attribute__((warn_unused_result));

/** The same for a team with all its keys and members. */
uk_outcome_e uk_revoke_team(uk_database_t *db, const uk_actor_t *actor,
                            const uk_own_cache_t *own, const char *id)
    __attribute__((warn_unused_result));

#endif
