/* SPDX-License-Identifier: Apache-2.0 */
/* The checks of the databases when httpd starts. */
#ifndef UK_HTTPD_STARTUP_H
#define UK_HTTPD_STARTUP_H

#include "httpd/module.h"

/** In post_config: create what children share, so that one of them checks. */
void uk_startup_init(apr_pool_t *pconf, server_rec *main_server);

/** Hook child_init, after uk_dbd_child_init(): log what is wrong with the
 *  databases, and what to do about it, unless another child of this start does.
 *  A thread of its own does so: requests are served meanwhile, however long a
 *  database takes to answer. A child that ends waits for the check of one
 *  database, for as long as the driver's time-outs let it take. */
void uk_startup_child_init(apr_pool_t *pchild, server_rec *main_server);

#endif
