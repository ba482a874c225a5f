/* SPDX-License-Identifier: Apache-2.0 */
/* Inserts many rows, in as few statements as the driver allows. */
#ifndef UK_DB_BULK_H
#define UK_DB_BULK_H

#include "db/connection.h"

/* Where rows go. Like a statement it must live as long as the connections that
 * it is used with, which know it by the name of the table. */
typedef struct {
    const char *table;        /* with "@", as in uk_statement_t.sql */
    const char *columns;      /* "id, name" */
    const char *placeholders; /* "%s, %s": of one row */
    int count;                /* of columns */
} uk_bulk_table_t;

typedef struct uk_bulk_t uk_bulk_t;

/**
 * Begin to insert rows into a table, in a transaction that has to be rolled
 * back if anything fails: part of the rows may have been inserted. Nothing else
 * may use the connection until uk_bulk_end().
 *
 * @param bulk receives it, in the pool; NULL on failure
 * @return 0, or -1 with connection->error
 */
int uk_bulk_begin(uk_connection_t *connection, apr_pool_t *pool,
                  const uk_bulk_table_t *table, uk_bulk_t **bulk)
    __attribute__((warn_unused_result));

/** The values of one row, to be filled in before uk_bulk_add(): count of them;
 *  NULL is SQL's NULL. They must stay as they are until the row was inserted:
 *  what is in uk_bulk_pool() does. */
const char **uk_bulk_row(uk_bulk_t *bulk);

/** A pool for values. What is in it after uk_bulk_row() stays as long as that
 *  row needs it. */
apr_pool_t *uk_bulk_pool(const uk_bulk_t *bulk);

/** Add the row of the last uk_bulk_row(). @return 0, or -1 with
 *  connection->error */
int uk_bulk_add(uk_bulk_t *bulk) __attribute__((warn_unused_result));

/** Insert what is left; call it also after uk_bulk_add() has failed. @return 0,
 *  or -1 with connection->error */
int uk_bulk_end(uk_bulk_t *bulk) __attribute__((warn_unused_result));

#endif
