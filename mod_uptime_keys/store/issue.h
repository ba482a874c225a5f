/* SPDX-License-Identifier: Apache-2.0 */
/* Issuing a key: made, stored and given out once. */
#ifndef UK_STORE_ISSUE_H
#define UK_STORE_ISSUE_H

#include "core/token.h"
#include "store/keys.h"

/**
 * Issue a key for a validated specification.
 *
 * @param key   name, scopes, expires_at and team are given; id may be, and is
 *              made if it is NULL. Receives id, prefix and created_at, in
 *              db->pool
 * @param limit keys that the team may have, expired ones included
 * @param token receives the key itself with UK_OK, else "". The caller shows it
 *              once and wipes it with uk_secret_wipe()
 * @return as uk_store_key_create()
 */
uk_outcome_e uk_issue_key(uk_database_t *db, const uk_actor_t *actor,
                          uk_key_t *key, int limit,
                          char token[UK_TOKEN_LEN + 1])
    __attribute__((warn_unused_result));

#endif
