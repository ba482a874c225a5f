/* SPDX-License-Identifier: Apache-2.0 */
/* What is said about databases when httpd starts. */
#ifndef UK_HTTPD_STARTUP_H
#define UK_HTTPD_STARTUP_H

#include "httpd/module.h"

/** Prepare, once the configuration is read. */
void uk_startup_init(apr_pool_t *pconf);

/** In a new child: log what is wrong with the databases, and what to do about
 *  it, unless another child of this start does. A thread of its own does so:
 *  requests are served meanwhile, however long a database takes to answer. It
 *  ends before the child does. */
void uk_startup_child_init(apr_pool_t *pchild, server_rec *main_server);

#endif
