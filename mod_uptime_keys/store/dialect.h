/* SPDX-License-Identifier: Apache-2.0 */
/* What differs between databases, in one table. */
#ifndef UK_STORE_DIALECT_H
#define UK_STORE_DIALECT_H

#include "db/database.h"

/* A row of the objects of a dialect where triggers are hidden. */
#define UK_HIDDEN_TRIGGERS "hidden triggers"

/* A database. All statements return one column and take no arguments. */
typedef struct {
    const char *name;  /* "pgsql", as in conf/schema/pgsql/ */
    const char *title; /* "PostgreSQL" */
    const char *utf8;  /* what it calls UTF-8 */
    /* Returns a row if there is a schema, of whatever version. */
    uk_statement_t has_schema;
    /* What is there of ours, as store/steps.h names it: "KIND NAME", and after
     * the name of a column its type; UK_HIDDEN_TRIGGERS if this user of the
     * database is not told of triggers. A disabled trigger is not there. */
    uk_statement_t objects;
    uk_statement_t encoding; /* of strings, as the database calls it */
    uk_statement_t clock;    /* its time in ms since 1970 UTC */
    uk_statement_t journal;  /* the mode of its journal; no SQL: has no modes */

    /* Before the schema is installed, outside of a transaction; no SQL: not
     * needed. A prologue must succeed. A lock has other installers wait until
     * the session ends; where it is refused, installing goes on without. */
    uk_statement_t prologue;
    uk_statement_t lock;
} uk_dialect_t;

/**
 * Find the dialect of a connection. Behind ODBC the database is asked.
 *
 * @return UK_OK; UK_NOT_FOUND: a database that has no row; UK_UNAVAILABLE
 */
uk_outcome_e uk_dialect_find(uk_connection_t *connection, apr_pool_t *pool,
                             const uk_dialect_t **dialect)
    __attribute__((warn_unused_result));

/** List the titles of all databases: "SQLite, PostgreSQL, …".
 *
 *  @return a string in the pool */
const char *uk_dialect_titles(apr_pool_t *pool);

#endif
