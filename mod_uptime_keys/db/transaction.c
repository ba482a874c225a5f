/* SPDX-License-Identifier: Apache-2.0 */
/* A transaction on a connection, begun and ended correctly with any driver. */
#include "db/transaction.h"

#include <apr_dbd.h>

#include "db/driver.h"

static const uk_statement_t probe = {"SELECT 1", 0, 1};

/* The transaction of PostgreSQL's driver. Source: apr_dbd_pgsql.c. */
typedef struct {
    int mode;
    int errnum;
    struct apr_dbd_t *handle;
} pgsql_transaction_t;

/* Begin with memory of ours. PostgreSQL's driver allocates a transaction only
 * if it could begin one, and writes to it even if it could not, unless the
 * connection was dead. In any case apr_dbd ends it with the pool, which would
 * crash without the handle; so it has one, and always has to be rolled back. */
static int begin_in_memory(uk_connection_t *connection, apr_pool_t *pool,
                           apr_size_t size, apr_dbd_transaction_t **transaction)
{
    pgsql_transaction_t *memory = apr_pcalloc(pool, size);

    memory->handle = connection->handle;
    *transaction = (void *)memory;
    return apr_dbd_transaction_start(connection->driver, pool,
                                     connection->handle, transaction);
}

int uk_transaction_start(uk_connection_t *connection, apr_pool_t *pool,
                         apr_dbd_transaction_t **transaction)
{
    apr_size_t size = connection->traits->transaction_size;
    int code = size > 0
                   ? begin_in_memory(connection, pool, size, transaction)
                   : apr_dbd_transaction_start(connection->driver, pool,
                                               connection->handle, transaction);

    return code == 0 ? 0 : uk_connection_fail(connection, code);
}

int uk_transaction_begin(uk_connection_t *connection, apr_pool_t *pool,
                         apr_dbd_transaction_t **transaction)
{
    apr_array_header_t *rows;

    /* Few drivers report why they could not begin a transaction, but all report
     * why a statement failed. */
    return uk_connection_select(connection, pool, &probe, NULL, &rows)
               ? -1
               : uk_transaction_start(connection, pool, transaction);
}

void uk_transaction_roll_back(uk_connection_t *connection, apr_pool_t *pool,
                              apr_dbd_transaction_t *transaction)
{
    apr_dbd_transaction_mode_set(connection->driver, transaction,
                                 APR_DBD_TRANSACTION_ROLLBACK);
    apr_dbd_transaction_end(connection->driver, pool, transaction);
}

int uk_transaction_commit(uk_connection_t *connection, apr_pool_t *pool,
                          apr_dbd_transaction_t *transaction)
{
    const char *sql = connection->traits->commit;
    int code;

    if (sql && uk_connection_execute(connection, sql)) {
        uk_transaction_roll_back(connection, pool, transaction);
        return -1;
    }
    code = apr_dbd_transaction_end(connection->driver, pool, transaction);
    /* After our own SQL there is nothing left to commit. */
    if (code == 0 || sql) {
        return 0;
    }
    uk_connection_fail(connection, code);
    /* SQLite's driver leaves it open if readers blocked it, and ODBC's leaves
     * autocommit off: the next work on this connection would be in it. */
    uk_transaction_roll_back(connection, pool, transaction);
    return -1;
}
