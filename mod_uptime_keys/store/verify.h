/* SPDX-License-Identifier: Apache-2.0 */
/* The whole decision about a presented key, in one function. */
#ifndef UK_STORE_VERIFY_H
#define UK_STORE_VERIFY_H

#include "core/verdict.h"
#include "store/principals.h"

/* By what a presented text is judged. */
typedef struct {
    const uk_catalogue_t *catalogue;
    uk_scope_cache_t *scope_cache; /* NULL: none */
    int require_checksum; /* 0 to accept imported keys that have none */
    uk_instant_t now;
} uk_rules_t;

/**
 * Decide whether a presented text is a good key.
 *
 * @param text  need not end in NUL
 * @param principal receives what the key grants with UK_ACCEPTED and UK_EXPIRED,
 *              else NULL; it lives in db->pool
 * @return UK_ACCEPTED, UK_MALFORMED, UK_BAD_CHECKSUM, UK_UNKNOWN, UK_EXPIRED or
 *         UK_DATABASE_UNAVAILABLE; the first two refusals ask no database
 */
uk_verdict_e uk_verify(uk_database_t *db, const char *text, size_t len,
                       const uk_rules_t *rules, uk_principal_t **principal)
    __attribute__((warn_unused_result));

#endif
