/* SPDX-License-Identifier: Apache-2.0 */
/* What has to be said to SQLite, past apr_dbd. */
#ifndef UK_DB_SQLITE_H
#define UK_DB_SQLITE_H

#include "db/connection.h"

/**
 * Run no trigger on this connection any more, if the database has none but our
 * own. Of these an INSERT that replaces nothing needs none, and one that looks
 * whether it does (uptime_keys_replaced) costs as much as the INSERT. Only for a
 * connection that changes and deletes no key. Without effect on other drivers.
 */
void uk_sqlite_skip_triggers(uk_connection_t *connection);

#endif
