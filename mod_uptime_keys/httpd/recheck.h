/* SPDX-License-Identifier: Apache-2.0 */
/* UptimeKeysRecheck: a key may end while the answer to it is under way. */
#ifndef UK_HTTPD_RECHECK_H
#define UK_HTTPD_RECHECK_H

#include "httpd/module.h"

/**
 * Hook insert_filter, after uk_authn_adopt(): where UptimeKeysRecheck is on and
 * a key authenticated the request, insert the filters that look whether the key
 * still holds while the answer goes out, and end the answer if not.
 *
 * The management endpoints have no such filters: who deletes or rotates the key
 * that asks is still to get the answer.
 */
void uk_recheck_insert_filter(request_rec *r);

/** Register these filters, in register_hooks. */
void uk_recheck_register(void);

#endif
