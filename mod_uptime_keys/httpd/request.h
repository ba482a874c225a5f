/* SPDX-License-Identifier: Apache-2.0 */
/* What the module knows of a request: who calls, and why it is refused. */
#ifndef UK_HTTPD_REQUEST_H
#define UK_HTTPD_REQUEST_H

#include "core/principal.h"
#include "store/verify.h"
#include "httpd/module.h"

/* denials.c's */
typedef struct uk_denial_t uk_denial_t;

typedef struct {
    /* who calls, and what he may do; NULL while nobody is known */
    const uk_principal_t *principal;
    /* why the request is refused, if it is in the end; UK_ACCEPTED: no reason
     * so far */
    uk_verdict_e refusal;
    const char *subject; /* of the refusal, for the log: id, prefix or "" */
    /* scopes of which one was needed, space separated; NULL: none */
    const char *missing;
    /* Require lines that made it so, the last one first; NULL: none */
    const uk_denial_t *denials;
    const char *instance; /* UUID of the problem, once it was answered */
    /* on a client's own request, in its pool: what was found; that use is to
     * be noted when the answer is sent */
    const uk_principal_t *used;
    const char *used_value;           /* what that key was presented as */
    int is_private;                   /* privacy.c's: its filter is there */
    ap_conf_vector_t *per_dir_config; /* to be put back after authorization */
    ap_conf_vector_t *forced_config;  /* in the place of this one */
    /* credential.c's: headers that are out of sight */
    apr_array_header_t *hidden;
} uk_request_t;

/** The state of this very request, NULL while there is none. */
uk_request_t *uk_request_find(request_rec *r);

/** The state of this very request, made if need be. */
uk_request_t *uk_request_get(request_rec *r);

/** The state with the decision that an internal redirect or a sub-request
 *  inherits from where it came from; NULL while there is none. */
uk_request_t *uk_request_inherited(request_rec *r);

/** Who calls: this request's own key, or the inherited one unless this request
 *  has been authenticated otherwise; NULL: no key. */
uk_request_t *uk_request_authenticated(request_rec *r);

/** The request that the client sent, whatever became of it inside. */
request_rec *uk_request_of_client(request_rec *r);

#endif
