/* SPDX-License-Identifier: Apache-2.0 */
/* Inserts many rows, in as few statements as the driver allows. */
#include "db/bulk.h"

#include <apr_strings.h>

#include "db/copy.h"
#include "db/driver.h"

/* The statements of a table, for one connection. */
typedef struct {
    uk_statement_t many; /* as many rows as the driver takes at once */
    uk_statement_t one;  /* for the rest */
} statements_t;

struct uk_bulk_t {
    uk_connection_t *connection;
    const uk_bulk_table_t *table;
    uk_copy_t *copy; /* NULL: by statements */
    const statements_t *statements;
    apr_pool_t *pool; /* of the rows that are not inserted yet */
    const char **values;
    int rows;    /* that are not inserted yet */
    int at_once; /* the most of them */
};

static const char *insert_sql(apr_pool_t *pool, const uk_bulk_table_t *table,
                              int rows)
{
    const char *sql = apr_pstrcat(pool, UK_INSERT_MANY " ", table->table, " (",
                                  table->columns, ") VALUES ", NULL);
    const char *row = apr_pstrcat(pool, ", (", table->placeholders, ")", NULL);
    apr_array_header_t *parts = apr_array_make(pool, rows, sizeof(char *));
    int i;

    for (i = 0; i < rows; i++) {
        /* The first one has no comma before it. */
        APR_ARRAY_PUSH(parts, const char *) = i == 0 ? row + 2 : row;
    }
    return apr_pstrcat(pool, sql, apr_array_pstrcat(pool, parts, 0), NULL);
}

static const statements_t *statements_of(uk_connection_t *connection,
                                         const uk_bulk_table_t *table)
{
    const uk_driver_t *driver = connection->traits;
    statements_t *found =
        apr_hash_get(connection->prepared, table->table, APR_HASH_KEY_STRING);

    if (!found) {
        found = apr_pcalloc(connection->pool, sizeof(*found));
        found->many.sql =
            insert_sql(connection->pool, table, driver->bulk_rows);
        found->many.args = table->count * driver->bulk_rows;
        found->one.sql = insert_sql(connection->pool, table, 1);
        found->one.args = table->count;
        apr_hash_set(connection->prepared, table->table, APR_HASH_KEY_STRING,
                     found);
    }
    return found;
}

int uk_bulk_begin(uk_connection_t *connection, apr_pool_t *pool,
                  const uk_bulk_table_t *table, uk_bulk_t **bulk)
{
    uk_bulk_t *begun = apr_pcalloc(pool, sizeof(*begun));
    int count = table->count;

    *bulk = NULL;
    begun->connection = connection;
    begun->table = table;
    apr_pool_create(&begun->pool, pool);
    if (uk_copy_begin(connection, pool, table->table, table->columns, count,
                      &begun->copy)) {
        return -1;
    }
    begun->at_once = begun->copy ? 1 : connection->traits->bulk_rows;
    if (!begun->copy) {
        begun->statements = statements_of(connection, table);
    }
    begun->values = apr_palloc(pool, sizeof(*begun->values) * (apr_size_t)count
                                         * (apr_size_t)begun->at_once);
    *bulk = begun;
    return 0;
}

static const char **values_of(const uk_bulk_t *bulk, int row)
{
    return bulk->values + (apr_size_t)row * (apr_size_t)bulk->table->count;
}

const char **uk_bulk_row(uk_bulk_t *bulk)
{
    return values_of(bulk, bulk->rows);
}

apr_pool_t *uk_bulk_pool(const uk_bulk_t *bulk)
{
    return bulk->pool;
}

static int insert_one_by_one(uk_bulk_t *bulk)
{
    int i, changed;

    for (i = 0; i < bulk->rows; i++) {
        if (uk_connection_write(bulk->connection, bulk->pool,
                                &bulk->statements->one, values_of(bulk, i),
                                &changed)) {
            return -1;
        }
    }
    return 0;
}

static int insert_rows(uk_bulk_t *bulk)
{
    int changed;

    if (bulk->copy) {
        return uk_copy_row(bulk->copy, bulk->values);
    }
    return bulk->rows == bulk->at_once
               ? uk_connection_write(bulk->connection, bulk->pool,
                                     &bulk->statements->many, bulk->values,
                                     &changed)
               : insert_one_by_one(bulk);
}

static int flush_rows(uk_bulk_t *bulk)
{
    int failed = insert_rows(bulk);

    bulk->rows = 0;
    apr_pool_clear(bulk->pool);
    return failed;
}

int uk_bulk_add(uk_bulk_t *bulk)
{
    bulk->rows++;
    return bulk->rows == bulk->at_once ? flush_rows(bulk) : 0;
}

int uk_bulk_end(uk_bulk_t *bulk)
{
    int failed = bulk->connection->error != NULL;

    if (bulk->copy) {
        return uk_copy_end(bulk->copy);
    }
    return failed || (bulk->rows > 0 && flush_rows(bulk)) ? -1 : 0;
}
