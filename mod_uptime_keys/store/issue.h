/* SPDX-License-Identifier: Apache-2.0 */
/* Issuing a key: generate it, store its hash, and return the key once. */
#ifndef UK_STORE_ISSUE_H
#define UK_STORE_ISSUE_H

#include "core/token.h"
#include "store/keys.h"

/**
 * Issue a key for a validated specification.
 *
 * @param key   has name, scopes, expires_at and team, and an id or NULL for a
 *              new one. Receives id, prefix and created_at, in db->pool
 * @param limit maximum number of keys in the team, expired ones included
 * @param token receives the key itself with UK_OK, else "". The caller shows it
 *              once and wipes it with uk_secret_wipe()
 * @return as uk_store_key_create()
 */
uk_outcome_e uk_issue_key(uk_database_t *db, const uk_actor_t *actor,
                          uk_key_t *key, int limit,
                          char token[UK_TOKEN_LEN + 1])
    __attribute__((warn_unused_result));

#endif
