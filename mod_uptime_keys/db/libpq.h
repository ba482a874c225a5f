/* SPDX-License-Identifier: Apache-2.0 */
/* What has to be asked of PostgreSQL's client library, past apr_dbd. */
#ifndef UK_DB_LIBPQ_H
#define UK_DB_LIBPQ_H

#include "db/connection.h"

/* How long a new connection may take to answer its first question. */
#define UK_FIRST_ANSWER_MS 5000

/**
 * Wait for the first answer on a connection, with a limit of time: a pooler may
 * let a client in and have no session for it, and none of the timeouts of
 * libpq and PostgreSQL covers that. Other drivers are left alone.
 *
 * @return 0; -1 with connection->error if there was no answer: the connection
 *         is then broken, and its driver connects again
 */
int uk_libpq_first_answer(uk_connection_t *connection)
    __attribute__((warn_unused_result));

#endif
