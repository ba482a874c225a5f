/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets that leaked: found by their hashes, and ended. */
#ifndef UK_STORE_LEAK_H
#define UK_STORE_LEAK_H

#include "core/secret.h"
#include "store/revoke.h"

/* A secret, and what was found out about it. */
typedef struct {
    char hash[UK_HASH_LEN + 1];
    const char *id; /* of its key, in db->pool; NULL: there is none */
    const char *team;
    int is_previous; /* 1: it is the secret before the last rotation */
    int was_active;  /* 1: it was accepted until now */
    int is_ended;    /* 1: uk_leaks_end() changed its key */
} uk_leak_t;

/**
 * Find the keys of secrets, and change nothing.
 *
 * @param leaks uk_leak_ts with their hash; receives the rest
 * @return UK_OK; UK_UNAVAILABLE with db->error
 */
uk_outcome_e uk_leaks_find(uk_database_t *db, uk_instant_t now,
                           apr_array_header_t *leaks)
    __attribute__((warn_unused_result));

/**
 * Disable the keys of secrets with the reason UK_DISABLED_LEAKED, and return
 * once every server refuses them. A previous secret ends, and its key goes on.
 * Each that this changes leaves an audit row "key.leak". All of them are changed
 * or none.
 *
 * @param leaks as for uk_leaks_find()
 * @return UK_OK; UK_UNAVAILABLE with db->error
 */
uk_outcome_e uk_leaks_end(uk_database_t *db, const uk_actor_t *actor,
                          const uk_own_cache_t *own, apr_array_header_t *leaks)
    __attribute__((warn_unused_result));

#endif
