/* SPDX-License-Identifier: Apache-2.0 */
/* The whole decision about a presented key, in one function. */
#include "store/verify.h"

#include <apr_strings.h>

#include "core/key_hash.h"
#include "core/token.h"

static uk_verdict_e look_up_hash(uk_database_t *db, const char *token,
                                 const uk_rules_t *rules,
                                 uk_principal_t **principal)
{
    char hash[UK_HASH_LEN + 1];
    uk_outcome_e outcome;

    uk_key_hash(token, hash);
    outcome = uk_store_principal(db, rules->catalogue, rules->scope_cache, hash,
                                 principal);
    uk_secret_wipe(hash, sizeof(hash));
    switch (outcome) {
    case UK_OK:
        return UK_ACCEPTED;
    case UK_NOT_FOUND:
        return UK_UNKNOWN;
    default:
        return UK_DATABASE_UNAVAILABLE;
    }
}

static uk_verdict_e judge_principal(const uk_principal_t *principal,
                                    uk_instant_t now)
{
    if (principal->is_disabled) {
        return UK_DISABLED;
    }
    if (uk_instant_is_over(principal->expires_at, now)) {
        return principal->is_previous ? UK_ROTATED : UK_EXPIRED;
    }
    return UK_ACCEPTED;
}

uk_verdict_e uk_verify(uk_database_t *db, const char *token, size_t len,
                       const uk_rules_t *rules, uk_principal_t **principal)
{
    uk_token_e form = uk_token_check(token, len);
    uk_verdict_e verdict;

    *principal = NULL;
    if (form == UK_TOKEN_MALFORMED) {
        return UK_MALFORMED;
    }
    if (form == UK_TOKEN_BAD_CHECKSUM && rules->require_checksum) {
        return UK_BAD_CHECKSUM;
    }
    verdict = look_up_hash(db, token, rules, principal);
    if (verdict != UK_ACCEPTED) {
        return verdict;
    }
    (*principal)->prefix = apr_pstrmemdup(db->pool, token, UK_TOKEN_PREFIX_LEN);
    (*principal)->has_checksum = form == UK_TOKEN_GOOD;
    return judge_principal(*principal, rules->now);
}
