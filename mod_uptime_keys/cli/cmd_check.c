/* SPDX-License-Identifier: Apache-2.0 */
/* uptime-keys check: a table of things that are right or wrong. */
#include <apr_strings.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "cli/command.h"
#include "core/schema.h"
#include "core/store_sql.h"

typedef enum {
    RIGHT,
    WRONG,
    HOPELESS,           /* wrong, and nothing after it makes sense */
    NOT_APPLICABLE      /* to this kind of database */
} finding_e;

static uk_outcome_e select_work(uk_connection_t *connection, apr_pool_t *pool,
                                void *baton)
{
    const char **value = baton;
    apr_array_header_t *rows;

    /* In: a statement's label. Out: what its first row says. */
    if (uk_connection_select(connection, pool,
                             *value ? &uk_sql[UK_SQL_SQLITE3_JOURNAL]
                                    : &uk_sql[UK_SQL_PROBE],
                             NULL, &rows)) {
        return UK_UNAVAILABLE;
    }
    *value = rows->nelts ? APR_ARRAY_IDX(rows, 0, const char **)[0] : "";
    return UK_OK;
}
