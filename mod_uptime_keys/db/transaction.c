/* SPDX-License-Identifier: Apache-2.0 */
/* A transaction on a connection, begun and ended right on every driver. */
#include "db/transaction.h"

#include <apr_dbd.h>
#include <string.h>

#include "db/driver.h"

static const uk_statement_t probe = {"uk_probe", "SELECT 1", 0, 1};

/* Begin with memory of ours: PostgreSQL's driver writes to the transaction when
 * it could not begin, too, and makes one only if it could. Sometimes it does
 * neither. */
static int begin_given(uk_connection_t *connection, apr_pool_t *pool,
                       apr_size_t size, apr_dbd_transaction_t **transaction)
{
    void *given = apr_pcalloc(pool, size);
    int code;

    *transaction = given;
    code = apr_dbd_transaction_start(connection->driver, pool,
                                     connection->handle, transaction);
    if (code != 0 && memcmp(given, apr_pcalloc(pool, size), size) == 0) {
        *transaction = NULL;
    }
    return code;
}

int uk_transaction_begin(uk_connection_t *connection, apr_pool_t *pool,
                         apr_dbd_transaction_t **transaction)
{
    apr_size_t size = connection->traits->transaction_size;
    apr_array_header_t *rows;
    int code;

    /* Few drivers say well why they could not begin: ask first. */
    if (uk_connection_select(connection, pool, &probe, NULL, &rows)) {
        return -1;
    }
    code = size > 0
               ? begin_given(connection, pool, size, transaction)
               : apr_dbd_transaction_start(connection->driver, pool,
                                           connection->handle, transaction);
    return code == 0 ? 0 : uk_connection_fail(connection, code);
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
    /* After our own SQL there was nothing left that could fail to happen. */
    if (code == 0 || sql) {
        return 0;
    }
    uk_connection_fail(connection, code);
    /* SQLite leaves it open if readers were in the way, and ODBC commits no
     * more by itself: whoever gets this connection next would be in it. */
    uk_transaction_roll_back(connection, pool, transaction);
    return -1;
}
