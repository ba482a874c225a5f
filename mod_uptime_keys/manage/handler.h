/* SPDX-License-Identifier: Apache-2.0 */
/* SetHandler uptime-keys and uptime-keys-leaked: the management endpoints, and
 * that for reports of leaked secrets. */
#ifndef UK_MANAGE_HANDLER_H
#define UK_MANAGE_HANDLER_H

#include "httpd/module.h"

/** In the hook handler: serve these endpoints. @return DECLINED unless one of these
 *  SetHandler is in effect */
int uk_manage_handle(request_rec *r);

/** Hook insert_error_filter: give errors that httpd answers at these endpoints
 *  a problem document, and the headers that all other responses there have. */
void uk_manage_insert_error_filter(request_rec *r);

#endif
