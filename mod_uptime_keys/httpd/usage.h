/* SPDX-License-Identifier: Apache-2.0 */
/* When a key was last used. */
#ifndef UK_HTTPD_USAGE_H
#define UK_HTTPD_USAGE_H

#include "httpd/mod_uptime_keys.h"

/** Hook log_transaction, after the answer was sent: note the use of the key
 *  that the request was authenticated by, once an interval. */
int uk_usage_note(request_rec *r);

#endif
