/* SPDX-License-Identifier: Apache-2.0 */
/* One database connection: statements, rows and errors. */
#ifndef UK_DB_CONNECTION_H
#define UK_DB_CONNECTION_H

#include <apr_hash.h>
#include <apr_pools.h>
#include <apr_tables.h>

#include "db/naming.h"

/* Types of apr_dbd.h, which only db/ includes. */
struct apr_dbd_driver_t;
struct apr_dbd_t;

/* Ends the WHERE clause of a SELECT whose result decides something. On
 * PostgreSQL the statement then fails on a standby, which may lag, with an error
 * that contains UK_STANDBY_ERROR; and a pooler that sends SELECTs to standbys
 * (Pgpool-II) sends it to the primary. Elsewhere it is left out. */
#define UK_ON_PRIMARY " AND @primary"
#define UK_STANDBY_ERROR "this server is a standby"

/* Stands at the beginning of a statement for INSERT INTO, in the way that is
 * fastest for many rows. If it fails, some of its rows may be there: the
 * transaction must be rolled back. */
#define UK_INSERT_MANY "@insert"

/* An SQL statement; %s is a string parameter, %lld a BIGINT. "@" before the name
 * of a table of ours stands for its schema and a dot, where that is needed;
 * see also UK_ON_PRIMARY and UK_INSERT_MANY. The statement must live as long as the
 * connections that prepared it, which know it by its address. */
typedef struct {
    const char *sql;
    int args;    /* the number of parameters */
    int columns; /* 0: returns no rows */
} uk_statement_t;

/* What connections have in common that lead to the same place: a pool's, or the
 * one of the tool. */
typedef struct {
    const char *params;   /* DBDParams; NULL: unknown */
    const char *init_sql; /* all DBDInitSQL, one a line; NULL: none */
    uk_naming_t *naming;  /* of the pool; NULL: statements always have names */
} uk_endpoint_t;

/* A connection while it is acquired, for one thread. The provider (see
 * db/database.h) sets driver, handle, pool, prepared, provider_data and
 * endpoint. */
typedef struct {
    const struct apr_dbd_driver_t *driver;
    const struct uk_driver_t *traits; /* of the driver; by db/database.c */
    struct apr_dbd_t *handle;
    apr_pool_t *pool;     /* lives as long as the connection */
    apr_hash_t *prepared; /* likewise; other modules may have entries too */
    void *provider_data;  /* for the provider; NULL: none */
    const uk_endpoint_t *endpoint; /* by the provider; NULL: unknown */
    int allows_standby;      /* 1: UK_ON_PRIMARY is left out; by database.c */
    apr_pool_t *caller_pool; /* where error lives; by db/database.c */
    const char *error; /* NULL, or the first failure since the attempt began */
    int is_busy;       /* 1: that failure was a lock that may be gone soon */
} uk_connection_t;

/** @return 1 if the connection's statements have names now, so that each is
 *  parsed once; 0 if each is parsed whenever it runs (db/naming.h) */
int uk_connection_has_names(const uk_connection_t *connection);

/**
 * Load a driver of apr_dbd. In httpd, mod_dbd does this.
 *
 * @param name   as in DBDriver
 * @param driver receives the driver, which outlives the pool
 * @return APR_SUCCESS, or the status of apr_dbd_init() or apr_dbd_get_driver()
 */
apr_status_t uk_connection_load_driver(apr_pool_t *pool, const char *name,
                                       const struct apr_dbd_driver_t **driver)
    __attribute__((warn_unused_result));

/**
 * Open a connection, which is closed with its pool. In httpd, mod_dbd does
 * this.
 *
 * @param connection receives driver, handle, pool and prepared; must live as
 *                   long as the pool, whose cleanup zeroes all of it
 * @param pool       a new pool for this connection alone
 * @param params     as in DBDParams
 * @param error      receives why it failed, in the pool; NULL if it did not
 *                   fail, or if the driver does not say
 * @return APR_SUCCESS, or the status of apr_dbd_open_ex()
 */
apr_status_t uk_connection_open(uk_connection_t *connection, apr_pool_t *pool,
                                const struct apr_dbd_driver_t *driver,
                                const char *params, const char **error)
    __attribute__((warn_unused_result));

/** @return 1 if the connection is usable, 0 if it is dead. The driver may have
 *  reconnected by itself: the session is then a new one. */
int uk_connection_is_alive(const uk_connection_t *connection);

/**
 * Run a statement that returns rows.
 *
 * @param args statement->args strings; NULL is SQL's NULL. If one is not valid
 *             UTF-8, the statement is not run and the result has no rows
 * @param rows receives an array of const char **, each with statement->columns
 *             strings, all in the pool; NULL is SQL's NULL, but some drivers
 *             return "" for it. NULL on failure
 * @return 0, or -1 with connection->error
 */
int uk_connection_select(uk_connection_t *connection, apr_pool_t *pool,
                         const uk_statement_t *statement, const char **args,
                         apr_array_header_t **rows)
    __attribute__((warn_unused_result));

/**
 * Run a statement that changes rows.
 *
 * @param args    as for uk_connection_select(), but not checked for UTF-8
 * @param changed receives the number of rows; 0 on failure
 * @return 0, also if no row was changed; -1 with connection->error
 */
int uk_connection_write(uk_connection_t *connection, apr_pool_t *pool,
                        const uk_statement_t *statement, const char **args,
                        int *changed) __attribute__((warn_unused_result));

/** Run an SQL string that returns rows, without preparing it. No session is set
 *  up for it. The parameters are those of uk_connection_select(). @return 0, or
 *  -1 with connection->error */
int uk_connection_query(uk_connection_t *connection, apr_pool_t *pool,
                        const char *sql, int columns, apr_array_header_t **rows)
    __attribute__((warn_unused_result));

/** Run an SQL string that returns no rows, without preparing it. @return 0, or
 *  -1 with connection->error */
int uk_connection_execute(uk_connection_t *connection, const char *sql)
    __attribute__((warn_unused_result));

/** Run an SQL string, and discard its rows and any error. */
void uk_connection_try(const uk_connection_t *connection, const char *sql);

/** Record in error, as one line, and in is_busy why a function of apr_dbd
 *  failed, unless an earlier failure of this attempt is recorded: what follows
 *  is often only its consequence.
 *
 *  @param code what it returned
 *  @return -1 */
int uk_connection_fail(uk_connection_t *connection, int code);

#endif
