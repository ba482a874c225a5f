/* SPDX-License-Identifier: Apache-2.0 */
/* The statements that a connection has prepared, and its session. */
#ifndef UK_DB_STATEMENTS_H
#define UK_DB_STATEMENTS_H

#include "db/database.h"

/**
 * Find a statement of store_sql.c, or prepare it; a new session is set up
 * first.
 *
 * @param prepared receives it; NULL on failure
 * @return 0, or the driver's code
 */
int uk_prepared_find(uk_connection_t *connection,
                     const uk_statement_t *statement,
                     apr_dbd_prepared_t **prepared)
    __attribute__((warn_unused_result));

/** Forget all of them: the session may be another one. */
void uk_prepared_forget(uk_connection_t *connection);

#endif
