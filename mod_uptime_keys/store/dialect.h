/* SPDX-License-Identifier: Apache-2.0 */
/* What differs between SQLite, PostgreSQL and MySQL, in one table. */
#ifndef UK_STORE_DIALECT_H
#define UK_STORE_DIALECT_H

#include "store/facts.h"

/* A row that uk_dialect_t.objects returns if the database does not show its
 * triggers to this user. */
#define UK_HIDDEN_TRIGGERS "hidden triggers"

/* One kind of database. All statements but facts return one column, and none
 * takes arguments. A statement whose sql is NULL is not needed there. */
typedef struct {
    const char *name;  /* "pgsql", as in conf/schema/pgsql/ */
    const char *title; /* "PostgreSQL" */
    const char *utf8;  /* what it calls UTF-8 */
    /* Returns a row if there is a schema, of whatever version. */
    uk_statement_t has_schema;
    /* Returns the objects of the schema that exist, as store/steps.h names
     * them: "KIND NAME", and after the name of a column its type. It may return
     * UK_HIDDEN_TRIGGERS too. Disabled triggers are left out. */
    uk_statement_t objects;
    uk_statement_t encoding; /* of strings, as the database calls it */
    uk_statement_t clock;    /* its time in ms since 1970 UTC */
    uk_statement_t journal;  /* the mode of its journal */
    /* What store/facts.h asks; any number of rows and columns. */
    uk_statement_t facts[UK_FACT_COUNT];
    /* 1, or 0 if it refuses this user all triggers, because of its binary log */
    uk_statement_t may_create_triggers;

    /* Run in a transaction before it looks for many rows: plans must suit a
     * table that is still empty and then grows. */
    uk_statement_t grow;

    /* Run before the schema is installed, outside of a transaction. */
    const char *prologue; /* returns one column, and must succeed; NULL: none */
    /* makes others that install wait until this session ends; if it is refused,
     * the schema is installed without it */
    uk_statement_t lock;
} uk_dialect_t;

/**
 * Find the dialect of a connection. Behind ODBC the database is asked.
 *
 * @param dialect receives a row of the table; NULL unless UK_OK
 * @return UK_OK; UK_NOT_FOUND: no row for this database; UK_UNAVAILABLE
 */
uk_outcome_e uk_dialect_find(uk_connection_t *connection,
                             const uk_dialect_t **dialect)
    __attribute__((warn_unused_result));

/** List the titles of all databases: "SQLite, PostgreSQL, …".
 *
 *  @return a string in the pool */
const char *uk_dialect_titles(apr_pool_t *pool);

#endif
