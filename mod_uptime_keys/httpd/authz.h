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

/** Hook check_access_ex, before all others: httpd begins to authorize the
 *  request. If it presents a key, a user name that was set before, for a client
 *  certificate for example, is put aside: the key is what counts.
 *  @return DECLINED */
int uk_authz_begin(request_rec *r);

/**
 * Hook check_authz, before all others: a module has authenticated the request.
 * If it was authenticated by a key, the other hooks decide now, and their 401
 * becomes 403, as if AuthzSendForbiddenOnFailure were on. Other requests are
 * left alone.
 *
 * @return DECLINED, or what they return
 */
int uk_authz_decide(request_rec *r);

/** In fixups, when authorization has granted access: forget which Require lines
 *  denied access (httpd/denials.h), and give a user name back that was put
 *  aside, if no key was needed. */
void uk_authz_end(request_rec *r);

#endif
