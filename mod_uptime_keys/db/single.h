/* SPDX-License-Identifier: Apache-2.0 */
/* A connection provider for db/database.h: one connection of one's own, opened
 * when it is first needed, and again after it was lost. */
#ifndef UK_DB_SINGLE_H
#define UK_DB_SINGLE_H

#include "db/database.h"

/* The provider: see uk_single_use(). */
typedef struct {
    apr_pool_t *pool; /* the connection does not outlive it */
    const struct apr_dbd_driver_t *driver;
    uk_endpoint_t endpoint; /* params must not be NULL */
    /* Called with each connection that was opened, before its first use; NULL:
     * nothing is done. */
    void (*opened)(void *baton, uk_connection_t *connection);
    void *baton;                /* for opened() */
    uk_connection_t connection; /* connection.pool is NULL: not open */
    /* why it could not be opened, as one line; NULL: it could */
    const char *error;
    /* why DBDInitSQL failed, as one line; NULL: it did not. Like mod_dbd, this
     * does not run the lines that follow, and goes on */
    const char *init_error;
    int init_failed; /* the number of the line that failed; 0: none */
} uk_single_t;

/**
 * Initialize a provider. Nothing is opened yet.
 *
 * @param endpoint without a naming, which this adds; its strings must live as
 *                 long as the pool
 * @return APR_SUCCESS, or why the driver cannot be loaded
 */
apr_status_t uk_single_create(uk_single_t *single, apr_pool_t *pool,
                              const char *driver, const uk_endpoint_t *endpoint)
    __attribute__((warn_unused_result));

/** Let a database get its connections from here. */
void uk_single_use(uk_single_t *single, uk_database_t *db);

#endif
