/* SPDX-License-Identifier: Apache-2.0 */
/* When a key was last used. */
#ifndef UK_HTTPD_USAGE_H
#define UK_HTTPD_USAGE_H

#include "core/principal.h"
#include "httpd/module.h"

/** Make ready to note uses; what is still to be written when the child ends is
 *  written then. */
void uk_usage_child_init(apr_pool_t *pchild);

/** 1 where the last use that is known of a key is an interval before this
 *  request, or more; else 0. */
int uk_usage_is_due(const uk_principal_t *principal, request_rec *r);

/** Hook log_transaction, after the answer was sent: have the use of the key
 *  noted that the request was authenticated by, once an interval. Never waits
 *  for the database. */
int uk_usage_note(request_rec *r);

#endif
