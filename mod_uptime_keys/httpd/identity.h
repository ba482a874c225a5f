/* SPDX-License-Identifier: Apache-2.0 */
/* Telling the rest of httpd, and backends, who called. */
#ifndef UK_HTTPD_IDENTITY_H
#define UK_HTTPD_IDENTITY_H

#include "httpd/request.h"

/**
 * Set REMOTE_USER, AUTH_TYPE, the UPTIME_… environment and, where configured,
 * the identity headers of a request, in the place of what a client sent; and
 * mark its answer as meant for the caller alone.
 */
void uk_identity_publish(request_rec *r, const uk_principal_t *principal);

/** Remove identity headers that a client sent, and their names from Connection,
 *  by which it could have ours removed. */
void uk_identity_remove_spoofed(request_rec *r);

/** Hook, before anybody reads the body: remove such headers from its trailers
 *  too. */
int uk_identity_guard_trailers(request_rec *r);

void uk_identity_register(void);

#endif
