/* SPDX-License-Identifier: Apache-2.0 */
/* The identity of a request, for the rest of httpd and for backends. */
#ifndef UK_HTTPD_IDENTITY_H
#define UK_HTTPD_IDENTITY_H

#include "httpd/request.h"

#define UK_IDENTITY_PREFIX "X-Uptime"

/**
 * Set REMOTE_USER, AUTH_TYPE, the UPTIME_… environment and, if configured, the
 * identity headers of a request, replacing what a client sent; and keep its
 * answer private (httpd/privacy.h).
 *
 * @param principal must live as long as the request: its strings are not copied
 */
void uk_identity_publish(request_rec *r, const uk_principal_t *principal);

/** Set the same headers of the answer, for a server that asks who the client is
 *  (httpd/verify_handler.h). Those without a value are sent empty, so that one
 *  that a client sent is replaced. Without UptimeKeysIdentityHeaders they begin
 *  with UK_IDENTITY_PREFIX.
 *  @param principal as above; NULL: nobody */
void uk_identity_answer(request_rec *r, const uk_principal_t *principal);

/** @return 1 if the environment of a request has the identity of a principal,
 *  else 0 */
int uk_identity_is_published(request_rec *r, const uk_principal_t *principal);

/** Remove identity headers that the client sent, and their names from its
 *  Connection header, which would make mod_proxy remove ours. */
void uk_identity_remove_spoofed(request_rec *r);

/** Hook header_parser: add a filter that removes such headers from the trailers
 *  of the body. @return DECLINED */
int uk_identity_guard_trailers(request_rec *r);

/** Register that filter, in register_hooks. */
void uk_identity_register(void);

#endif
