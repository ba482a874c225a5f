/* SPDX-License-Identifier: Apache-2.0 */
/* The session of a connection, and the statements that are prepared in it. */
#ifndef UK_DB_STATEMENTS_H
#define UK_DB_STATEMENTS_H

#include "db/connection.h"

struct apr_dbd_prepared_t;

/**
 * Find a prepared statement of a connection, or prepare it. A new session is
 * first set up with the SQL of its driver (uk_driver_t.session).
 *
 * @param prepared receives the statement; it lives until uk_statements_forget()
 * @return 0, or the driver's error code with *prepared NULL; connection->error
 *         is not set
 */
int uk_statements_find(uk_connection_t *connection,
                       const uk_statement_t *statement,
                       struct apr_dbd_prepared_t **prepared)
    __attribute__((warn_unused_result));

/** Forget all statements of this module and the session's set-up, because the
 *  session or the schema may be a new one. */
void uk_statements_forget(uk_connection_t *connection);

#endif
