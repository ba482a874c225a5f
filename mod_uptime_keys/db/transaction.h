/* SPDX-License-Identifier: Apache-2.0 */
/* A transaction on a connection, begun and ended right on every driver. */
#ifndef UK_DB_TRANSACTION_H
#define UK_DB_TRANSACTION_H

#include "db/connection.h"

struct apr_dbd_transaction_t;

/**
 * Begin a transaction.
 *
 * @param transaction receives it, NULL before the call. It may be there
 *                    although this failed: then it must be rolled back
 * @return 0, or -1 with connection->error
 */
int uk_transaction_begin(uk_connection_t *connection, apr_pool_t *pool,
                         struct apr_dbd_transaction_t **transaction)
    __attribute__((warn_unused_result));

/** Commit. @return 0; else -1 with connection->error: with is_busy it was rolled
 *  back for a lock, without nobody knows whether it happened */
int uk_transaction_commit(uk_connection_t *connection, apr_pool_t *pool,
                          struct apr_dbd_transaction_t *transaction)
    __attribute__((warn_unused_result));

/** Roll back, also after a statement failed. */
void uk_transaction_roll_back(uk_connection_t *connection, apr_pool_t *pool,
                              struct apr_dbd_transaction_t *transaction);

#endif
