/* SPDX-License-Identifier: Apache-2.0 */
/* The last use of keys: recorded after an answer, written by a thread. */
#ifndef UK_HTTPD_USAGE_H
#define UK_HTTPD_USAGE_H

#include "core/principal.h"
#include "httpd/module.h"

/** Hook child_init. What is not yet written when the child ends is written
 *  then, if the database is available. */
void uk_usage_child_init(apr_pool_t *pchild);

/** @return 1 if principal->last_used_at is UptimeKeysLastUsedInterval before
 *  this request, or longer, so that its use must be written; else 0 */
int uk_usage_is_due(const uk_principal_t *principal, request_rec *r);

/** In log_transaction, which runs after the answer: if the use of the key
 *  that authenticated the request is due, record it for a thread that writes
 *  it. This never waits for the database. @return DECLINED */
int uk_usage_note(request_rec *r);

#endif
