/* SPDX-License-Identifier: Apache-2.0 */
/* The tool's connection, and the file of a database that is one. */
#ifndef UK_CLI_CONNECTION_H
#define UK_CLI_CONNECTION_H

#include "db/single.h"

typedef struct cli_connection_t cli_connection_t;

/**
 * Load a driver. The connection is opened when it is first needed.
 *
 * @param driver     as DBDriver has it
 * @param params     as DBDParams has them; must live as long as the pool
 * @param init_sql   DBDInitSQL for each connection, one a line; NULL: none; must
 *                   live as long, too
 * @param connection receives it
 * @return NULL, or why there is no such driver and what to do
 */
const char *cli_connection_create(apr_pool_t *pool, const char *driver,
                                  const char *params, const char *init_sql,
                                  cli_connection_t **connection)
    __attribute__((warn_unused_result));

/** Let a database get its connections from here. */
void cli_connection_use(cli_connection_t *connection, uk_database_t *db);

/** The provider of the connection. */
const uk_single_t *cli_connection_single(const cli_connection_t *connection);

/** The path of the database's file; NULL if the database is a server. */
const char *cli_connection_file(const cli_connection_t *connection);

/** The folder that cli_connection_file() is in, which must not be NULL. */
const char *cli_connection_folder(apr_pool_t *pool,
                                  const cli_connection_t *connection);

/**
 * Create an empty file for the database, with mode 0660 and less by the umask,
 * unless there is one or the database is a server. root gives it to the owner
 * of its folder, so that httpd, which must also write to that folder, can use
 * it.
 *
 * Until this process ends, other processes that call this for the same folder
 * wait for it, up to ten seconds.
 *
 * @return NULL, or why it cannot be created
 */
const char *cli_connection_make_file(apr_pool_t *pool,
                                     const cli_connection_t *connection)
    __attribute__((warn_unused_result));

/**
 * From now on, insert much into SQLite: a power failure may undo the last
 * transactions, and nothing else; and triggers are not run (db/sqlite.h). No
 * effect on other databases.
 */
void cli_connection_bulk_mode(cli_connection_t *connection);

#endif
