/* SPDX-License-Identifier: Apache-2.0 */
/* The credential of a request: to find it, to remove it, and to keep it out of
 * httpd's own trace. */
#ifndef UK_HTTPD_CREDENTIAL_H
#define UK_HTTPD_CREDENTIAL_H

#include "store/verify.h"
#include "httpd/module.h"

/* What a request presents. */
typedef struct {
    /* UK_ACCEPTED: one credential, not yet checked; UK_NO_KEY: none, or one of
     * another scheme; UK_MALFORMED; UK_TWO_CREDENTIALS */
    uk_verdict_e verdict;
    const char *value; /* the credential; valid only with UK_ACCEPTED */
    /* the header Authorization, if it has the scheme Bearer or a key without a
     * scheme, and UptimeKeysHeader; NULL: no such header */
    const char *authorization;
    const char *header;
} uk_credential_t;

/**
 * Find the one credential that a request presents as a key: in Authorization
 * (Proxy-Authorization in a forward proxy) or in UptimeKeysHeader. It is not
 * checked, and the request is not changed. The value is that of the header,
 * and stays valid when the header is removed.
 *
 * Source: RFC 6750 section 2.1; RFC 9110 section 11.6.2.
 */
uk_credential_t uk_credential_find(request_rec *r);

/** @return 1 if two presented values are equal, else 0; in constant time for
 *  values of the same length */
int uk_credential_is_same(const char *a, const char *b);

/**
 * Remove the headers with the credential from the request, and copies of it
 * (httpd/copies.h), unless UptimeKeysForwardKey is on. A credential of another
 * scheme stays.
 *
 * @param r       whose configuration counts
 * @param seen_by whose variables are searched: r, or its ErrorDocument, which
 *                has the same headers
 */
void uk_credential_remove(request_rec *r, const uk_credential_t *credential,
                          request_rec *seen_by);

/** The same for a key that was the password of Basic authentication. The header
 *  of UptimeKeysHeader is removed too. */
void uk_credential_remove_basic(request_rec *r, request_rec *seen_by);

/** The same, but Authorization stays unless it contains a key, in whichever
 *  scheme. */
void uk_credential_remove_key(request_rec *r, request_rec *seen_by);

/** Hook protocol_switch, before all others: a request that is upgraded, to
 *  HTTP/2 for example, is run once more, with the headers that were removed. No
 *  handler sees them. @return DECLINED if none was removed, else what the other
 *  hooks return */
int uk_credential_switch(conn_rec *c, request_rec *r, server_rec *server,
                         const char *protocol);

/** Prepare uk_credential_hide(), in post_config. */
void uk_credential_init(void);

/** Replace credentials in the request headers while httpd traces these, which
 *  it does before any module knows what a request is for. Without LogLevel
 *  trace4 for http_core it does nothing. */
void uk_credential_hide(request_rec *r);

/** Undo uk_credential_hide(), for headers that no module has changed since. */
void uk_credential_show(request_rec *r);

#endif
