/* SPDX-License-Identifier: Apache-2.0 */
/* The statements that a connection has prepared, and its session. */
#ifndef UK_DB_STATEMENTS_H
#define UK_DB_STATEMENTS_H

#include "db/connection.h"

struct apr_dbd_prepared_t;

/**
 * Find a prepared statement of a connection, or prepare it. A new session is set
 * up first, by the driver's own SQL.
 *
 * @param prepared receives it; it lives until uk_statements_forget()
 * @return 0; else the driver's code, and *prepared is NULL
 */
int uk_statements_find(uk_connection_t *connection,
                       const uk_statement_t *statement,
                       struct apr_dbd_prepared_t **prepared)
    __attribute__((warn_unused_result));

/** Forget all statements: the session may be another one, or the tables. */
void uk_statements_forget(uk_connection_t *connection);

#endif
