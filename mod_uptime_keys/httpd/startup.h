/* SPDX-License-Identifier: Apache-2.0 */
/* What is said about databases when httpd starts. */
#ifndef UK_HTTPD_STARTUP_H
#define UK_HTTPD_STARTUP_H

#include "httpd/module.h"

/** Get ready, once the configuration is read. */
void uk_startup_init(apr_pool_t *pconf);

/** In a new child: log what is wrong with databases, and what to do, unless
 *  another child of this start has. It never keeps httpd from serving. */
void uk_startup_check(apr_pool_t *pchild, server_rec *main_server);

#endif
