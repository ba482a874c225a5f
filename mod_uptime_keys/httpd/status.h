/* SPDX-License-Identifier: Apache-2.0 */
/* The figures on the page of mod_status (UptimeKeysServerStatus). */
#ifndef UK_HTTPD_STATUS_H
#define UK_HTTPD_STATUS_H

#include "httpd/module.h"

/** In register_hooks: add a block to the page of mod_status, if that is
 *  loaded. */
void uk_status_register(void);

#endif
