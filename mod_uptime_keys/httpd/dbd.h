/* SPDX-License-Identifier: Apache-2.0 */
/* The database of a server: connections from the pools of mod_dbd. */
#ifndef UK_HTTPD_DBD_H
#define UK_HTTPD_DBD_H

#include "db/database.h"
#include "httpd/module.h"

/** In post_config: find out which servers share what, and find mod_dbd.
 *  @return 1, or 0 if it is not loaded: then all work on a database ends in
 *  UK_UNAVAILABLE */
int uk_dbd_init(apr_pool_t *ptemp, server_rec *main_server);

/** @return what uk_dbd_init() returned */
int uk_dbd_is_there(void);

/* Which servers share a database, or a pool of mod_dbd. */

/** The first server, possibly this one, that has the same database: DBDriver,
 *  DBDParams, DBDInitSQL and UptimeKeysAllowStandby are the same. */
server_rec *uk_dbd_first_with_database(server_rec *server);

/** @return 1 if this server is the first one with its database, else 0 */
int uk_dbd_is_first(server_rec *server);

/** @return 1 if mod_dbd executes the DBDInitSQL of this server on the
 *  connections that it gets, else 0: it shares the pool of another server,
 *  whose DBDInitSQL differs */
int uk_dbd_runs_init_sql(server_rec *server);

/** Hook child_init, after that of mod_dbd: create the health of each pool
 *  (httpd/state.h). */
void uk_dbd_child_init(apr_pool_t *pchild, server_rec *main_server);

/**
 * Initialize a database for work on behalf of a request, or of the server
 * itself. Nothing is acquired yet: each piece of work acquires a connection and
 * releases it. No attempt at some work begins later than two seconds after the
 * first. Before uk_dbd_child_init() all work ends in UK_UNAVAILABLE.
 *
 * @param pool for results and db->error
 */
void uk_dbd_open(uk_database_t *db, server_rec *server, apr_pool_t *pool);

/**
 * Log UK0011: the database is unavailable, and why (db->error). A process logs
 * this once for each level and pool during an outage, however many requests
 * meet it, and again every ten minutes. An outage ends when nothing has met it
 * for five seconds.
 *
 * @param level APLOG_ERR: keys cannot be checked, so the operator must act;
 *              APLOG_WARNING: something else fails
 * @param what  what fails, as the line begins: "keys cannot be checked"
 */
void uk_dbd_log_unavailable(const uk_database_t *db, server_rec *server,
                            int level, const char *what);

#endif
