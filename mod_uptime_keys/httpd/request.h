/* SPDX-License-Identifier: Apache-2.0 */
/* The state of a request: its principal, and why it is refused. */
#ifndef UK_HTTPD_REQUEST_H
#define UK_HTTPD_REQUEST_H

#include "core/principal.h"
#include "store/verify.h"
#include "httpd/module.h"

/* Opaque, see denials.c. */
typedef struct uk_denial_t uk_denial_t;

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
    /* only of the request that the client sent, in its pool: the principal of
     * the accepted key, whose use is recorded after the answer; NULL: none */
    const uk_principal_t *used;
    const char *used_value; /* that key, as it was presented */
    int is_private;         /* uk_privacy_keep() was called */
    /* per_dir_config of the request until uk_authz_restore(); NULL: the request
     * has it itself */
    ap_conf_vector_t *per_dir_config;
    ap_conf_vector_t *forced_config; /* what it has meanwhile */
    /* headers that uk_credential_hide() has replaced; NULL: none */
    apr_array_header_t *hidden;
} uk_request_t;

/** The state of exactly this request; NULL if it has none. */
uk_request_t *uk_request_find(request_rec *r);

/** The state of exactly this request, created in its pool if it has none. */
uk_request_t *uk_request_get(request_rec *r);

/** The state of the nearest request, of those that an internal redirect or a
 *  sub-request comes from, that has a principal or a refusal; NULL if none
 *  has. */
uk_request_t *uk_request_inherited(request_rec *r);

/** The state with the principal of a request: its own, or the inherited one
 *  unless another user was authenticated for this request. NULL if there is no
 *  principal. */
uk_request_t *uk_request_authenticated(request_rec *r);

/** The request that the client sent, from which this one comes by redirects and
 *  as a sub-request; possibly itself. */
request_rec *uk_request_of_client(request_rec *r);

#endif
