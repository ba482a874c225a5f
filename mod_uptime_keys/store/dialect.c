/* SPDX-License-Identifier: Apache-2.0 */
/* What differs between databases, in one table. */
#include "store/dialect.h"

#include <string.h>

#include "db/driver.h"

static const uk_dialect_t dialects[] = {
    /* In WAL mode readers and a writer do not wait for each other; the file
     * remembers it. A transaction keeps other writers away, in PostgreSQL by a
     * lock that its first step takes. */
    {"sqlite3", UK_SQL_SQLITE3_WAL, UK_SQL_PROBE, UK_SQL_SQLITE3_HAS_SCHEMA,
     UK_SQL_SQLITE3_OBJECTS, UK_SQL_SQLITE3_ENCODING, UK_SQL_SQLITE3_CLOCK},
    {"pgsql", UK_SQL_PROBE, UK_SQL_PROBE, UK_SQL_PGSQL_HAS_SCHEMA,
     UK_SQL_PGSQL_OBJECTS, UK_SQL_PGSQL_ENCODING, UK_SQL_PGSQL_CLOCK},
    {"mysql", UK_SQL_PROBE, UK_SQL_MYSQL_LOCK, UK_SQL_MYSQL_HAS_SCHEMA,
     UK_SQL_MYSQL_OBJECTS, UK_SQL_MYSQL_ENCODING, UK_SQL_MYSQL_CLOCK},
};

static uk_outcome_e find_by_name(const char *name, const uk_dialect_t **dialect)
{
    size_t i;

    for (i = 0; i < sizeof(dialects) / sizeof(dialects[0]); i++) {
        if (name && strcmp(name, dialects[i].name) == 0) {
            *dialect = &dialects[i];
            return UK_OK;
        }
    }
    return UK_NOT_FOUND;
}

uk_outcome_e uk_dialect_find(uk_connection_t *connection, apr_pool_t *pool,
                             const uk_dialect_t **dialect)
{
    const uk_driver_t *driver = connection->traits;
    apr_array_header_t *rows;

    *dialect = NULL;
    if (driver->dialect || !driver->name) {
        return find_by_name(driver->dialect, dialect);
    }
    if (uk_connection_select(connection, pool, &uk_sql[UK_SQL_DIALECT], NULL,
                             &rows)
        || rows->nelts != 1) {
        return UK_UNAVAILABLE;
    }
    return find_by_name(APR_ARRAY_IDX(rows, 0, const char **)[0], dialect);
}
