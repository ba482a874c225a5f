/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of what is between httpd and the database, and of the session that
 * httpd has there. */
#ifndef UK_CHECK_CHECK_SESSION_H
#define UK_CHECK_CHECK_SESSION_H

#include "check/check.h"

/* Whether each DBDInitSQL succeeds: mod_dbd does not say, and leaves out those
 * after one that fails. */
uk_check_fn uk_check_init_sql;
/* Whether a pool gives each transaction another session, and what must not be
 * configured then. */
uk_check_fn uk_check_pooler;
/* Whether a proxy has dropped the options in DBDParams. */
uk_check_fn uk_check_proxy;
/* Whether the server takes writes, or is a standby. */
uk_check_fn uk_check_writes;
/* Whether a node of Galera waits until it has what other nodes have written. */
uk_check_fn uk_check_cluster;

#endif
