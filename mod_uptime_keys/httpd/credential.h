/* SPDX-License-Identifier: Apache-2.0 */
/* The credential of a request: finding it, removing it, keeping it out of
 * httpd's own trace. */
#ifndef UK_HTTPD_CREDENTIAL_H
#define UK_HTTPD_CREDENTIAL_H

#include "store/verify.h"
#include "httpd/module.h"

/* What a request presents. */
typedef struct {
    /* UK_ACCEPTED: there is one credential; UK_NO_KEY, also where another
     * scheme is used; UK_MALFORMED; UK_TWO_CREDENTIALS */
    uk_verdict_e verdict;
    const char *value;    /* with UK_ACCEPTED: it, not checked at all */
    int in_authorization; /* what Authorization holds is for us */
} uk_credential_t;

/**
 * Find the one credential that a request presents as a key.
 *
 * Source: RFC 6750 section 2.1; RFC 9110 section 11.6.2.
 */
uk_credential_t uk_credential_find(request_rec *r);

/** 1 where two presented texts are the same, else 0; in constant time. */
int uk_credential_is_same(const char *a, const char *b);

/** Remove from the request what uk_credential_find() has found there, unless
 *  the configuration says that it is to be forwarded. */
void uk_credential_remove(request_rec *r, const uk_credential_t *credential);

/** The same for a key that was the password of Basic authentication. */
void uk_credential_remove_basic(request_rec *r);

/** Find out how httpd traces headers; once the configuration is read. */
void uk_credential_init(void);

/** Hide credentials from httpd's trace of a request's headers (LogLevel
 *  trace4), which comes before any module knows what the request is for. */
void uk_credential_hide(request_rec *r);

/** Undo uk_credential_hide(). */
void uk_credential_show(request_rec *r);

#endif
