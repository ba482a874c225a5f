/* SPDX-License-Identifier: Apache-2.0 */
/* PostgreSQL's COPY, by its client library and past apr_dbd: the fastest way to
 * insert many rows. */
#ifndef UK_DB_COPY_H
#define UK_DB_COPY_H

#include "db/connection.h"

typedef struct uk_copy_t uk_copy_t;

/**
 * Begin to copy rows into a table. Nothing else may use the connection until
 * uk_copy_end().
 *
 * @param table   with "@" before its name, as in uk_statement_t.sql
 * @param columns their names, separated by commas
 * @param count   how many they are
 * @param copy    receives it, in the pool; NULL if this driver has no COPY, or
 *                on failure
 * @return 0, or -1 with connection->error
 */
int uk_copy_begin(uk_connection_t *connection, apr_pool_t *pool,
                  const char *table, const char *columns, int count,
                  uk_copy_t **copy) __attribute__((warn_unused_result));

/** Add a row. @param values one for each column; NULL is SQL's NULL. They are
 *  not needed after the call. @return 0, or -1 with connection->error */
int uk_copy_row(uk_copy_t *copy, const char **values)
    __attribute__((warn_unused_result));

/** Insert what is left, also after uk_copy_row() has failed. @return 0, or -1
 *  with connection->error: then no row was inserted */
int uk_copy_end(uk_copy_t *copy) __attribute__((warn_unused_result));

#endif
