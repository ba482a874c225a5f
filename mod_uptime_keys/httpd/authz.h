/* SPDX-License-Identifier: Apache-2.0 */
/* What a key may do: Require uptime-scope and Require uptime-team. */
#ifndef UK_HTTPD_AUTHZ_H
#define UK_HTTPD_AUTHZ_H

#include <mod_auth.h>

#include "httpd/module.h"

extern const authz_provider uk_authz_scope_provider;
extern const authz_provider uk_authz_team_provider;

/** Prepare uk_authz_force_forbidden(), once the configuration is read.
 *  @return NULL, or why that failed */
const char *uk_authz_init(server_rec *server, apr_pool_t *pconf,
                          apr_pool_t *ptemp);

/** Hook check_authz, before all others: a good key that may not do something
 *  gets 403, whatever AuthzSendForbiddenOnFailure says; whoever is known
 *  otherwise gets what it says. Declines. */
int uk_authz_force_forbidden(request_rec *r);

/** After authorization: undo uk_authz_force_forbidden(), forget the denials of
 *  branches that did not decide. */
void uk_authz_restore(request_rec *r);

#endif
