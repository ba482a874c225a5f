/* SPDX-License-Identifier: Apache-2.0 */
/* The whole decision about a presented key, in one function. */
#ifndef UK_STORE_VERIFY_H
#define UK_STORE_VERIFY_H

#include "store/store.h"

/* What a request that wants in deserves, for whatever reason. */
typedef enum {
    UK_ACCEPTED,
    UK_NO_KEY,          /* nothing was presented */
    UK_TWO_CREDENTIALS, /* more than one, so which of them is meant? */
    UK_MALFORMED,       /* not the shape of a key */
    UK_BAD_CHECKSUM,    /* the shape, but nobody made it */
    UK_UNKNOWN,         /* never existed, deleted, or of a deleted team */
    UK_EXPIRED,
    UK_DATABASE_UNAVAILABLE, /* nobody can say */
    UK_SCOPE_MISSING,        /* a good key, but not for this */
    UK_OTHER_TEAM,           /* a good key, but another team's */
    UK_DENIED,               /* a good key, but such are not wanted here */
    UK_VERDICTS
} uk_verdict_e;

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
