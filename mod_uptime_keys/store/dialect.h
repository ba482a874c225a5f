/* SPDX-License-Identifier: Apache-2.0 */
/* What differs between databases, in one table. */
#ifndef UK_STORE_DIALECT_H
#define UK_STORE_DIALECT_H

#include "store/sql.h"

typedef struct {
    const char *name;    /* "pgsql", as in conf/schema/pgsql/ */
    uk_sql_e prologue;   /* returns a row, and cannot be in a transaction */
    uk_sql_e lock;       /* has other installers wait; lasts for the session */
    uk_sql_e has_schema; /* a row if there is one, of whatever version */
    uk_sql_e objects;    /* what is there, as store/steps.h names it */
    uk_sql_e encoding;   /* of texts, as the database calls it */
    uk_sql_e clock;      /* its time in ms since 1970 UTC */
} uk_dialect_t;

/**
 * Find out what a connection leads to. Behind ODBC the database is asked.
 *
 * @return UK_OK; UK_NOT_FOUND: one that we know nothing of; UK_UNAVAILABLE
 */
uk_outcome_e uk_dialect_find(uk_connection_t *connection, apr_pool_t *pool,
                             const uk_dialect_t **dialect)
    __attribute__((warn_unused_result));

#endif
