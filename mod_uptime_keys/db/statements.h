/* SPDX-License-Identifier: Apache-2.0 */
/* The statements that are prepared in the session of a connection. */
#ifndef UK_DB_STATEMENTS_H
#define UK_DB_STATEMENTS_H

#include "db/connection.h"

struct apr_dbd_prepared_t;

/**
 * Find a prepared statement of a connection, or prepare it. A new session is
 * first set up (db/session.h).
 *
 * @return the statement, which lives until uk_statements_forget(); NULL with
 *         connection->error
 */
struct apr_dbd_prepared_t *uk_statements_find(uk_connection_t *connection,
                                              const uk_statement_t *statement);

/** Forget all statements of this module, because the session or the schema may
 *  be a new one. */
void uk_statements_forget(uk_connection_t *connection);

/** Record for the pool (db/naming.h) if an error says that a statement of this
 *  connection is not in the session that it met, or that its name is in use
 *  there. */
void uk_statements_note_error(uk_connection_t *connection, const char *error);

#endif
