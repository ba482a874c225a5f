/* SPDX-License-Identifier: Apache-2.0 */
/* A transaction on a connection, begun and ended correctly with any driver. */
#ifndef UK_DB_TRANSACTION_H
#define UK_DB_TRANSACTION_H

#include "db/connection.h"

struct apr_dbd_transaction_t;

/**
 * Begin a transaction on a connection whose session need not be set up yet.
 *
 * @param transaction as for uk_transaction_begin()
 * @return 0, or -1 with connection->error, which may give no reason
 */
int uk_transaction_start(uk_connection_t *connection, apr_pool_t *pool,
                         struct apr_dbd_transaction_t **transaction)
    __attribute__((warn_unused_result));

/**
 * Begin a transaction.
 *
 * @param transaction NULL before the call; receives the transaction, in the
 *                    pool. It may be set even on failure: it must then be
 *                    rolled back
 * @return 0, or -1 with connection->error
 */
int uk_transaction_begin(uk_connection_t *connection, apr_pool_t *pool,
                         struct apr_dbd_transaction_t **transaction)
    __attribute__((warn_unused_result));

/**
 * Commit. The transaction has ended in any case, and must not be rolled back.
 *
 * @return 0, or -1 with connection->error: if connection->is_busy, it was
 *         rolled back for a lock; otherwise it is not known whether it has
 *         happened
 */
int uk_transaction_commit(uk_connection_t *connection, apr_pool_t *pool,
                          struct apr_dbd_transaction_t *transaction)
    __attribute__((warn_unused_result));

/** Roll back, also after a statement has failed. Errors are ignored. */
void uk_transaction_roll_back(uk_connection_t *connection, apr_pool_t *pool,
                              struct apr_dbd_transaction_t *transaction);

#endif
