/* SPDX-License-Identifier: Apache-2.0 */
/* SetHandler uptime-keys: the management endpoints. */
#ifndef UK_MANAGE_HANDLER_H
#define UK_MANAGE_HANDLER_H

#include "httpd/module.h"

/** Hook handler: serve the management endpoints. @return DECLINED unless
 *  SetHandler uptime-keys is in effect */
int uk_manage_handle(request_rec *r);

/** Hook insert_error_filter: give errors that httpd answers at these endpoints
 *  a problem document, and the headers that all other responses there have. */
void uk_manage_insert_error_filter(request_rec *r);

#endif
