/* SPDX-License-Identifier: Apache-2.0 */
/* The database of a server: core's connections from mod_dbd's pool. */
#ifndef UK_HTTPD_DBD_H
#define UK_HTTPD_DBD_H

#include "core/database.h"
#include "httpd/mod_uptime_keys.h"

/** Find mod_dbd, once the configuration is read. @return 0 if it is not
 *  loaded: no database will ever answer then */
int uk_dbd_init(void);

/** Get ready in a new child, for every server. */
void uk_dbd_child_init(apr_pool_t *pchild, server_rec *servers);

/** A database for work on behalf of a request or of the server itself. */
void uk_dbd_open(uk_database_t *db, server_rec *server, apr_pool_t *pool);

/**
 * Say that a database gave no answer, and why: at ERR, for the operator must
 * act, but not for every request that meets it.
 *
 * @param what "keys cannot be checked"
 */
void uk_dbd_log_away(const uk_database_t *db, server_rec *server,
                     const char *what);

#endif
