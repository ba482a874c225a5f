/* SPDX-License-Identifier: Apache-2.0 */
/* Authorization: Require uptime-scope and Require uptime-team. */
#ifndef UK_HTTPD_AUTHZ_H
#define UK_HTTPD_AUTHZ_H

#include <mod_auth.h>

#include "httpd/module.h"

/** The providers. Without a key they deny, with AUTHZ_DENIED_NO_USER unless
 *  another module has authenticated a user; but they grant a preflight request
 *  that needs no key. An expression that fails gives AUTHZ_GENERAL_ERROR. */
extern const authz_provider uk_authz_scope_provider; /* "uptime-scope" */
extern const authz_provider uk_authz_team_provider;  /* "uptime-team" */

/** Prepare uk_authz_force_forbidden(), in post_config.
 *  @return NULL, or an error message */
const char *uk_authz_init(server_rec *server, apr_pool_t *pconf,
                          apr_pool_t *ptemp);

/**
 * Hook check_authz, before all others: turn AuthzSendForbiddenOnFailure on for
 * a request that was authenticated by a key, so that a missing scope is
 * answered 403. It does so by another r->per_dir_config, until
 * uk_authz_restore(). Other requests are left alone.
 *
 * @return DECLINED
 */
int uk_authz_force_forbidden(request_rec *r);

/** In fixups, when authorization has granted access: undo
 *  uk_authz_force_forbidden(), and forget which Require lines denied access
 *  (httpd/denials.h). */
void uk_authz_restore(request_rec *r);

#endif
