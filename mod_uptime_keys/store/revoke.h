/* SPDX-License-Identifier: Apache-2.0 */
/* Revoking keys: delete them, and wait until no server accepts them; and waiting
 * until none refuses new ones. */
#ifndef UK_STORE_REVOKE_H
#define UK_STORE_REVOKE_H

#include "store/keys.h"

/* The cache of the server or program that revokes. */
typedef struct {
    const char *server; /* its id in uptime_servers; "" if it has no cache */
    /** Voids the entries of what was changed, which it reads from the log of
     *  changes; all entries, if db is NULL. NULL if there is no cache. */
    void (*void_changed)(void *baton, uk_database_t *db);
    void *baton;
} uk_own_cache_t;

/** For a program without a cache. */
extern const uk_own_cache_t uk_own_cache_none;

/**
 * Call this with the outcome of each change that takes something away from a
 * key (deletes it, narrows it, ends it sooner), after its commit: it returns
 * once no server uses a cached entry from before. If another server caches, or
 * if that is not known, this sleeps for a little more than UK_LEASE_MS
 * (core/lease_state.h), and holds no connection meanwhile. A change that is
 * answered without it is a security hole: see mod_uptime_keys/docs/CACHE.md.
 *
 * @return the outcome that was passed; with UK_UNAVAILABLE the change may have
 *         happened or not: the own cache is void, others were not waited for
 */
uk_outcome_e uk_revoke_everywhere(uk_database_t *db, const uk_own_cache_t *own,
                                  uk_outcome_e outcome);

/**
 * Call this after keys were stored whose secrets are not new, so that somebody may
 * have presented them before: it returns once no server refuses them by a refusal
 * that it remembers (core/refusals.h). If any server caches, or if that is not
 * known, this sleeps for a little more than UK_REFUSAL_LIFETIME_MS.
 */
void uk_revoke_refusals(uk_database_t *db);

/**
 * Delete a key, and return once no server uses a cached entry of it.
 *
 * @param team the team that the key must belong to; NULL: any
 * @return UK_OK; UK_NOT_FOUND; UK_UNAVAILABLE with db->error
 */
uk_outcome_e uk_revoke_key(uk_database_t *db, const uk_actor_t *actor,
                           const uk_own_cache_t *own, const char *team,
                           const char *id) __attribute__((warn_unused_result));

/** Like uk_revoke_key(), for a team with all its keys and members. */
uk_outcome_e uk_revoke_team(uk_database_t *db, const uk_actor_t *actor,
                            const uk_own_cache_t *own, const char *id)
    __attribute__((warn_unused_result));

#endif
