/* SPDX-License-Identifier: Apache-2.0 */
/* Issuing a key: generate it, store its hash, and return the key once. */
#include "store/issue.h"

#include <apr_strings.h>

#include "core/keyid.h"

static const char *make_key_id(apr_pool_t *pool, uk_instant_t now)
{
    char id[UK_KEYID_LEN + 1];

    uk_keyid_make(now, id);
    return apr_pstrdup(pool, id);
}

uk_outcome_e uk_issue_key(uk_database_t *db, const uk_actor_t *actor,
                          uk_key_t *key, int limit,
                          char token[UK_TOKEN_LEN + 1])
{
    char hash[UK_HASH_LEN + 1];
    uk_outcome_e outcome;

    uk_token_make(token);
    if (!key->id) {
        key->id = make_key_id(db->pool, actor->now);
    }
    key->prefix = apr_pstrmemdup(db->pool, token, UK_TOKEN_PREFIX_LEN);
    uk_secret_hash(token, UK_TOKEN_LEN, hash);
    outcome = uk_store_key_create(db, actor, key, hash, limit);
    if (outcome != UK_OK) {
        uk_secret_wipe(token, UK_TOKEN_LEN + 1);
    }
    return outcome;
}
