/* SPDX-License-Identifier: Apache-2.0 */
/* The state of a request: its principal, and why it is refused. */
#ifndef UK_HTTPD_REQUEST_H
#define UK_HTTPD_REQUEST_H

#include "core/principal.h"
#include "store/verify.h"
#include "httpd/module.h"

/* See denials.c and finding.h. */
typedef struct uk_denial_t uk_denial_t;
typedef struct uk_finding_t uk_finding_t;
/* See rate.c. */
typedef struct uk_rate_t uk_rate_t;
/* See problem.c. */
typedef struct uk_refused_part_t uk_refused_part_t;

/* All zeros to begin with. */
typedef struct {
    /* of the key that authenticated the request; NULL: none did */
    const uk_principal_t *principal;
    /* why the request is refused, if it is in the end; UK_ACCEPTED: no reason
     * so far */
    uk_verdict_e refusal;
    const char *subject; /* of the refusal, for the log: id, prefix or "" */
    /* scopes, space separated, one of which is needed; NULL: none */
    const char *missing;
    /* the Require lines that denied access and still matter (httpd/denials.h),
     * the last one first; NULL: none */
    const uk_denial_t *denials;
    const char *instance; /* UUID of the problem; NULL: not yet answered */
    /* only of the request that the client sent, in its pool: the outcome of
     * each look-up, the last one first; NULL: none */
    const uk_finding_t *findings;
    /* likewise: the principal of the accepted key, whose use is recorded after
     * the answer; NULL: none */
    const uk_principal_t *used;
    /* likewise: how it was counted for a limit; NULL: it was not */
    const uk_rate_t *rate;
    /* likewise: the sub-request that was refused last; NULL: none was */
    const uk_refused_part_t *refused_part;
    /* the sub-request whose refusal is also that of this request; NULL: the
     * refusal is its own */
    const uk_refused_part_t *refused_for;
    int is_private; /* uk_privacy_keep() was called */
    /* httpd authorizes the request: a 403 is its, and not another module's */
    int is_authorizing;
    /* uk_authn_needs_key() has found that AuthType asks for a key as it does in
     * Authorization: Bearer; to ask httpd again costs a hundred instructions */
    int is_bearer;
    /* a module of httpd, possibly this one, has authenticated the request */
    int is_authenticated;
    /* name that was set before a key could be checked; NULL: none */
    char *earlier_user;
    /* bytes that a body may have that the management endpoints read now: a 413
     * is for its size; 0: they read none */
    apr_off_t body_limit;
    /* headers with the credential that were removed from a request to upgrade
     * the connection; NULL: none */
    apr_table_t *taken;
    /* headers that uk_credential_hide() has replaced; NULL: none */
    apr_array_header_t *hidden;
} uk_request_t;

/** The state of exactly this request; NULL if it has none. */
static inline uk_request_t *uk_request_find(const request_rec *r)
{
    return ap_get_module_config(r->request_config, &uptime_keys_module);
}

/** Create the state of a request that has none. @return it, in the request's
 *  pool */
uk_request_t *uk_request_create(request_rec *r);

/** The state of exactly this request, created in its pool if it has none. */
static inline uk_request_t *uk_request_get(request_rec *r)
{
    uk_request_t *state = uk_request_find(r);

    return state ? state : uk_request_create(r);
}

/** The state of the nearest request, of those that an internal redirect or a
 *  sub-request comes from, that has a principal or a refusal; NULL if none
 *  has. */
uk_request_t *uk_request_inherited(request_rec *r);

/** The state with the principal of a request: its own, or the inherited one
 *  unless another user was authenticated since. NULL if there is no
 *  principal. */
uk_request_t *uk_request_authenticated(request_rec *r);

/** 1 if httpd's authentication vouches for r->user: a module has authenticated
 *  the request or the one that it inherits the user from; or one has set the
 *  name without that, as mod_ssl does for a client certificate that it has
 *  verified, and did not merely take it out of a header. Else 0. */
int uk_request_has_user(request_rec *r);

/** The request that this one comes from, by a redirect or as a sub-request; NULL
 *  if the client sent it. */
static inline request_rec *uk_request_parent(const request_rec *r)
{
    return r->prev ? r->prev : r->main;
}

/** The request that the client sent, from which this one comes by redirects and
 *  as a sub-request; possibly itself. */
static inline request_rec *uk_request_of_client(request_rec *r)
{
    request_rec *parent;

    while ((parent = uk_request_parent(r)) != NULL) {
        r = parent;
    }
    return r;
}

#endif
