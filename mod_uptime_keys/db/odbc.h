/* SPDX-License-Identifier: Apache-2.0 */
/* What has to be said to a driver of ODBC, past apr_dbd. */
#ifndef UK_DB_ODBC_H
#define UK_DB_ODBC_H

#include "db/connection.h"

/**
 * Make PostgreSQL's ODBC driver prepare no statement in the server, as
 * UseServerSidePrepare=0 does in a connect string. It names them by addresses
 * of its own memory, which forked processes share: behind a pooler one process
 * would execute what another one has prepared under that name. Call it before
 * the first statement is prepared. Without effect on other drivers.
 */
void uk_odbc_prepare_nothing(const uk_connection_t *connection);

#endif
