/* SPDX-License-Identifier: Apache-2.0 */
/* The whole decision about a presented key, in one function. */
#ifndef UK_STORE_VERIFY_H
#define UK_STORE_VERIFY_H

#include "core/verdict.h"
#include "store/principals.h"

/* What a presented key is checked against. */
typedef struct {
    const uk_catalogue_t *catalogue;
    uk_scope_cache_t *scope_cache; /* NULL: none */
    int require_checksum; /* 0: also accept imported keys without a checksum */
    uk_instant_t now;     /* a key that expires then or before has expired */
} uk_rules_t;

/**
 * Decide whether a presented key is accepted.
 *
 * @param token     the key, which need not end in NUL
 * @param principal receives the principal, in db->pool, with UK_ACCEPTED,
 *                  UK_EXPIRED, UK_DISABLED and UK_ROTATED, else NULL
 * @return one of these, UK_MALFORMED, UK_BAD_CHECKSUM, UK_UNKNOWN; or
 *         UK_DATABASE_UNAVAILABLE with db->error. UK_MALFORMED and
 *         UK_BAD_CHECKSUM are decided without the database
 */
uk_verdict_e uk_verify(uk_database_t *db, const char *token, size_t len,
                       const uk_rules_t *rules, uk_principal_t **principal)
    __attribute__((warn_unused_result));

#endif
