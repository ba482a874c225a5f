/* SPDX-License-Identifier: Apache-2.0 */
/* What has to be said to SQLite, past apr_dbd. */
#include "db/sqlite.h"

#include <apr_dbd.h>
#include <string.h>

#include "db/driver.h"
#include "db/statements.h"
#include "db/symbols.h"

/* SQLITE_DBCONFIG_ENABLE_TRIGGER of sqlite3.h. */
#define ENABLE_TRIGGER 1003

/* As sqlite3.h has it. */
typedef int db_config_t(void *handle, int option, ...);

static const char others[] =
    "SELECT COUNT(*) FROM sqlite_master WHERE type = 'trigger' "
    "AND name NOT LIKE 'uptime!_%' ESCAPE '!'";

static int has_other_triggers(uk_connection_t *connection)
{
    apr_array_header_t *rows;

    return uk_connection_query(connection, connection->pool, others, 1, &rows)
           || rows->nelts != 1
           || strcmp(APR_ARRAY_IDX(rows, 0, const char **)[0], "0") != 0;
}

void uk_sqlite_skip_triggers(uk_connection_t *connection)
{
    static const char *const names[] = {"sqlite3_db_config"};
    db_config_t *configure;

    if (!connection->traits->is_file || has_other_triggers(connection)) {
        return;
    }
    if (uk_symbols_find(names, 1, &configure)) {
        configure(apr_dbd_native_handle(connection->driver, connection->handle),
                  ENABLE_TRIGGER, 0, NULL);
        /* They were prepared with triggers. */
        uk_statements_forget(connection);
    }
}
