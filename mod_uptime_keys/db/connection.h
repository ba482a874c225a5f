/* SPDX-License-Identifier: Apache-2.0 */
/* One connection to a database: statements, rows, and why they failed. */
#ifndef UK_DB_CONNECTION_H
#define UK_DB_CONNECTION_H

#include <apr_hash.h>
#include <apr_pools.h>
#include <apr_tables.h>

/* apr_dbd's, whose header only db/ includes. */
struct apr_dbd_driver_t;
struct apr_dbd_t;

/* A statement; %s stands for a string, %lld for a BIGINT. */
typedef struct {
    const char *label; /* lower case: a name for SQL's PREPARE begins with it */
    const char *sql;
    int args;
    int columns; /* 0: returns no rows */
} uk_statement_t;

/* A connection while it is acquired. */
typedef struct {
    const struct apr_dbd_driver_t *driver;
    const struct uk_driver_t *traits; /* of the driver */
    struct apr_dbd_t *handle;
    apr_pool_t *pool;        /* lives as long as the connection */
    apr_hash_t *prepared;    /* likewise; other modules have entries too */
    void *provider_data;     /* the provider's own */
    apr_pool_t *caller_pool; /* for the next field */
    const char *error; /* NULL, or why the last attempt failed: one line */
    int is_busy;       /* the last failure was a lock, not trouble */
} uk_connection_t;

/**
 * Load a driver of apr_dbd. In httpd, mod_dbd does it.
 *
 * @param name   as DBDriver has it
 * @param driver receives it
 * @return APR_SUCCESS, or why there is no such driver
 */
apr_status_t uk_connection_load_driver(apr_pool_t *pool, const char *name,
                                       const struct apr_dbd_driver_t **driver)
    __attribute__((warn_unused_result));

/**
 * Open a connection, which is closed with its pool. In httpd, mod_dbd does it.
 *
 * @param connection receives driver, handle, pool and prepared
 * @param pool       a new one for this connection alone
 * @param params     as DBDParams has them
 * @param error      receives why it failed, in the pool; NULL: the driver does
 *                   not say
 */
apr_status_t uk_connection_open(uk_connection_t *connection, apr_pool_t *pool,
                                const struct apr_dbd_driver_t *driver,
                                const char *params, const char **error)
    __attribute__((warn_unused_result));

/** @return 1 if the connection can be used on, else 0: it is dead. A driver may
 *  have connected again by itself, to a new session. */
int uk_connection_is_alive(const uk_connection_t *connection);

/**
 * Run a statement that returns rows.
 *
 * @param args statement->args strings; NULL is SQL's NULL
 * @param rows receives const char **s, each with statement->columns strings in
 *             the pool; NULL is SQL's NULL
 * @return 0, or -1 with connection->error
 */
int uk_connection_select(uk_connection_t *connection, apr_pool_t *pool,
                         const uk_statement_t *statement, const char **args,
                         apr_array_header_t **rows)
    __attribute__((warn_unused_result));

/**
 * Run a statement that changes rows.
 *
 * @param changed receives their number
 * @return 0, or -1 with connection->error
 */
int uk_connection_write(uk_connection_t *connection, apr_pool_t *pool,
                        const uk_statement_t *statement, const char **args,
                        int *changed) __attribute__((warn_unused_result));

/** Run SQL as it is, without results. @return 0, or -1 with
 *  connection->error */
int uk_connection_execute(uk_connection_t *connection, const char *sql)
    __attribute__((warn_unused_result));

/** Run SQL as it is; rows that it returns are dropped, and so are errors. */
void uk_connection_try(const uk_connection_t *connection, const char *sql);

/** Note why a call of the driver failed. @return -1 */
int uk_connection_fail(uk_connection_t *connection, int code);

#endif
