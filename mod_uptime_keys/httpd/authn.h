/* SPDX-License-Identifier: Apache-2.0 */
/* Who calls: AuthType uptime-key, and the provider for Basic. */
#ifndef UK_HTTPD_AUTHN_H
#define UK_HTTPD_AUTHN_H

#include <mod_auth.h>

#include "httpd/module.h"

/** Begin in a child. */
void uk_authn_child_init(apr_pool_t *pchild);

/** Hook check_authn: authenticate a request by its key. */
int uk_authenticate(request_rec *r);

/** The AuthBasicProvider: the key is the password. */
extern const authn_provider uk_authn_provider;

/** 1 for a CORS preflight that may pass without a key, else 0. */
int uk_authn_is_free_preflight(request_rec *r);

#endif
