/* SPDX-License-Identifier: Apache-2.0 */
/* The database of a server: connections from mod_dbd's pool. */
#ifndef UK_HTTPD_DBD_H
#define UK_HTTPD_DBD_H

#include "db/database.h"
#include "httpd/module.h"

/** Find mod_dbd, once the configuration is read. @return 0 if it is not
 *  loaded: no database will ever answer then */
int uk_dbd_init(void);

/** Whether mod_dbd was found. */
int uk_dbd_is_there(void);

/* Which servers share a database, or a pool of mod_dbd. */

/** The first server with the same database as this one, which may be itself:
 *  the directives say the same about it, DBDInitSQL included. */
server_rec *uk_dbd_first_with_database(server_rec *main_server,
                                       server_rec *server);

/** The first server whose pool of connections mod_dbd gives to this one, which
 *  may be itself. */
server_rec *uk_dbd_first_with_pool(server_rec *main_server, server_rec *server);

/** @return 1 if mod_dbd runs this server's own DBDInitSQL on its connections,
 *  else 0: they are another server's, whose DBDInitSQL differs */
int uk_dbd_runs_init_sql(server_rec *main_server, server_rec *server);

/** Prepare a new child, for every server. */
void uk_dbd_child_init(apr_pool_t *pchild, server_rec *main_server);

/** A database for work on behalf of a request or of the server itself. */
void uk_dbd_open(uk_database_t *db, server_rec *server, apr_pool_t *pool);

/**
 * Log that a database is unavailable, and why. However many requests meet the
 * same outage, each level is logged once in a process, and again every ten
 * minutes while the outage lasts: until nothing has met it for five seconds.
 *
 * @param level APLOG_ERR: keys cannot be checked, so the operator must act;
 *              APLOG_WARNING: something else fails
 * @param what  that, "keys cannot be checked"
 */
void uk_dbd_log_unavailable(const uk_database_t *db, server_rec *server,
                            int level, const char *what);

#endif
