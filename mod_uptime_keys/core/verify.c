/* SPDX-License-Identifier: Apache-2.0 */
/* The whole decision about a presented key, in one function. */
#include "core/verify.h"

#include "core/token.h"

static uk_verdict_e look_up(uk_database_t *db, const char *text, size_t len,
                            uk_key_t **key)
{
    char hash[UK_HASH_LEN + 1];
    uk_outcome_e outcome;

    uk_secret_hash(text, len, hash);
    outcome = uk_store_key_by_hash(db, hash, key);
    uk_secret_wipe(hash, sizeof(hash));
    switch (outcome) {
    case UK_OK:
        return UK_ACCEPTED;
    case UK_NOT_FOUND:
        return UK_UNKNOWN;
    default:
        return UK_DATABASE_AWAY;
    }
}

uk_verdict_e uk_verify(uk_database_t *db, const char *text, size_t len,
                       int require_checksum, uk_instant_t now, uk_key_t **key)
{
    uk_token_e token = uk_token_check(text, len);
    uk_verdict_e verdict;

    *key = NULL;
    if (token == UK_TOKEN_MALFORMED) {
        return UK_MALFORMED;
    }
    if (token == UK_TOKEN_BAD_CHECKSUM && require_checksum) {
        return UK_BAD_CHECKSUM;
    }
    verdict = look_up(db, text, len, key);
    if (verdict == UK_ACCEPTED && uk_key_is_expired(*key, now)) {
        return UK_EXPIRED;
    }
    return verdict;
}
