/* SPDX-License-Identifier: Apache-2.0 */
/* A database connection as we want it: statements prepared on demand, failures
 * recovered a bounded number of times, results copied, nothing held for long. */
#ifndef UK_DB_DATABASE_H
#define UK_DB_DATABASE_H

#include "db/connection.h"

/* Attempts at one piece of work before the database counts as unavailable; where there
 * is a limit of time, those that met a lock do not count. */
#define UK_DATABASE_ATTEMPTS 5

/* Connections that turn out to be dead are no attempts, up to so many: after a
 * restart of the database they are all that a pool has. */
#define UK_DATABASE_DEAD_MAX 50

/* What became of a piece of work. */
typedef enum {
    UK_OK,
    UK_NOT_FOUND,  /* no such row */
    UK_EXISTS,     /* there is one already */
    UK_LIMIT,      /* no slot is free */
    UK_UNAVAILABLE /* the database gave no answer: see db->error */
} uk_outcome_e;

/* Where connections come from. */
typedef struct {
    /** Provide a connection. APR_EAGAIN: this one was stale, the next may do;
     *  any other failure: there is none to be had now, and connection->error
     *  may say why, with text in the pool. */
    apr_status_t (*acquire)(void *baton, apr_pool_t *pool,
                            uk_connection_t *connection);
    /** Take a connection back. */
    void (*release)(void *baton, uk_connection_t *connection);
} uk_connection_provider_t;

/* A database as one caller sees it; cheap to make, for one thread. */
typedef struct {
    const uk_connection_provider_t *provider;
    void *baton;
    apr_pool_t *pool; /* results live here */
    /* no attempt begins later than that after the first: whoever waits for it
     * is better told. 0: there is no hurry */
    apr_interval_time_t timeout;
    const char *error; /* after UK_UNAVAILABLE: why, for the operator */
} uk_database_t;

/** Some work on a connection. UK_UNAVAILABLE: a statement failed. */
typedef uk_outcome_e uk_work_t(uk_connection_t *connection, apr_pool_t *pool,
                               void *baton);

/**
 * Acquire a connection, do some work that changes nothing, or that may happen
 * twice, and give the connection back. If a statement fails the connection is
 * recovered or replaced and the work done again from its start, at most
 * UK_DATABASE_ATTEMPTS times, or for as long as its timeout lasts where a lock
 * was in the way.
 *
 * @return what the work returned, or UK_UNAVAILABLE
 */
uk_outcome_e uk_database_run(uk_database_t *db, uk_work_t *work, void *baton)
    __attribute__((warn_unused_result));

/**
 * Like uk_database_run(), in a transaction: committed if the work returns
 * UK_OK, else rolled back. It is done again only while it is known not to have
 * happened: a commit refused for a lock has not, any other that fails is
 * UK_UNAVAILABLE. Work in which a statement failed cannot be committed,
 * whatever it returns.
 *
 * @param attempts how often at most: work that loses races needs more
 */
uk_outcome_e uk_database_transact(uk_database_t *db, int attempts,
                                  uk_work_t *work, void *baton)
    __attribute__((warn_unused_result));

#endif
