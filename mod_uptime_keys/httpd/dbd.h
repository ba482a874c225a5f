/* SPDX-License-Identifier: Apache-2.0 */
/* The database of a server: core's connections from mod_dbd's pool. */
#ifndef UK_HTTPD_DBD_H
#define UK_HTTPD_DBD_H

#include "db/database.h"
#include "httpd/module.h"

/** Find mod_dbd, once the configuration is read. @return 0 if it is not
 *  loaded: no database will ever answer then */
int uk_dbd_init(void);

/** Whether mod_dbd was found. */
int uk_dbd_is_there(void);

/** Get ready in a new child, for every server. */
void uk_dbd_child_init(apr_pool_t *pchild, server_rec *main_server);

/** A database for work on behalf of a request or of the server itself. */
void uk_dbd_open(uk_database_t *db, server_rec *server, apr_pool_t *pool);

/**
 * Say that a database gave no answer, and why. However many meet the same
 * trouble, each level says so once in a process, and reminds every ten minutes;
 * it is the same while it is met every five seconds.
 *
 * @param level APLOG_ERR: keys cannot be checked, so the operator must act;
 *              APLOG_WARNING: something else fails
 * @param what that, "keys cannot be checked"
 */
void uk_dbd_log_unavailable(const uk_database_t *db, server_rec *server,
                            int level, const char *what);

#endif
