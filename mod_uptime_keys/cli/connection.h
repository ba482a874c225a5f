/* SPDX-License-Identifier: Apache-2.0 */
/* Where core/database.h gets its connection from: one, opened when it is first
 * asked for and again when it broke. */
#ifndef UK_CLI_CONNECTION_H
#define UK_CLI_CONNECTION_H

#include "db/database.h"

typedef struct cli_connection_t cli_connection_t;

extern const uk_connection_provider_t cli_connection_provider;

/**
 * Load a driver. No connection is made yet.
 *
 * @param connection receives the baton for cli_connection_provider
 * @return NULL, or why there is no such driver and what to do
 */
const char *cli_connection_create(apr_pool_t *pool, const char *driver,
                                  const char *params,
                                  cli_connection_t **connection)
    __attribute__((warn_unused_result));

/**
 * The file that holds the database, for a driver that works on one.
 *
 * @return NULL where the database is a server
 */
const char *cli_connection_file(const cli_connection_t *connection);

/** The folder that cli_connection_file() is in. */
const char *cli_connection_folder(apr_pool_t *pool,
                                  const cli_connection_t *connection);

/**
 * Make an empty file for the database, unless there is one: nobody but the
 * owner and the group may use it. root gives it to the owner of its folder, so
 * that httpd, which needs that folder as well, can use it. Until this process
 * ends, others who ask for the same wait, up to ten seconds.
 *
 * @return NULL, or why it cannot be made
 */
const char *cli_connection_make_file(apr_pool_t *pool,
                                     const cli_connection_t *connection)
    __attribute__((warn_unused_result));

/**
 * From now on write much and fast: a power cut may take back what was last
 * committed, never more.
 */
void cli_connection_bulk_mode(cli_connection_t *connection);

#endif
