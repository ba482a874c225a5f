/* SPDX-License-Identifier: Apache-2.0 */
/* DBDInitSQL in the tool, as mod_dbd runs it. */
#ifndef UK_CLI_INIT_SQL_H
#define UK_CLI_INIT_SQL_H

#include "db/database.h"

/**
 * From now on each new connection of a database runs DBDInitSQL before anything
 * else. As in mod_dbd, one that fails is the last one, and is no error.
 *
 * @param init_sql one a line; NULL: none; must live as long as the pool
 */
void cli_init_sql_run(apr_pool_t *pool, uk_database_t *db,
                      const char *init_sql);

#endif
