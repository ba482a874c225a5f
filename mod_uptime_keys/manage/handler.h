/* SPDX-License-Identifier: Apache-2.0 */
/* SetHandler uptime-keys: the management endpoints. */
#ifndef UK_MANAGE_HANDLER_H
#define UK_MANAGE_HANDLER_H

#include "httpd/module.h"

/** Hook handler: serve the management endpoints. */
int uk_manage_handle(request_rec *r);

/** Hook insert_error_filter: what every answer of these endpoints carries is on
 *  those too that httpd makes. */
void uk_manage_insert_error_filter(request_rec *r);

#endif
