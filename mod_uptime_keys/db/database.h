/* SPDX-License-Identifier: Apache-2.0 */
/* Work on a database: acquires a connection for each piece of work and, after a
 * failure, does the work again on this or another connection, a bounded number
 * of times. mod_uptime_keys/docs/DATABASE.md explains what happens on which
 * failure. */
#ifndef UK_DB_DATABASE_H
#define UK_DB_DATABASE_H

#include "db/connection.h"

/* Attempts at one piece of work before the database counts as unavailable. If
 * there is a timeout, attempts that met a lock do not count. */
#define UK_DATABASE_ATTEMPTS 5

/* Connections found dead do not count as attempts, up to this number: after a
 * restart of the database a pool contains nothing else. */
#define UK_DATABASE_DEAD_MAX 50

/* The outcome of a piece of work. */
typedef enum {
    UK_OK,
    UK_NOT_FOUND,  /* there is no such row */
    UK_EXISTS,     /* there is such a row already */
    UK_LIMIT,      /* the team has as many keys as it may have */
    UK_CONFLICT,   /* the key is not as it must be for this */
    UK_REFUSED,    /* whoever asks may not do this */
    UK_UNAVAILABLE /* the database is unavailable: see db->error */
} uk_outcome_e;

/* Why a piece of work ended in UK_UNAVAILABLE, as far as that is known. */
typedef enum {
    UK_FAILURE_CONNECT, /* there is no connection */
    UK_FAILURE_POOL,    /* no connection of the pool was free in time */
    UK_FAILURE_LOCK,    /* another transaction has a lock */
    UK_FAILURE_STANDBY, /* the server is a standby */
    UK_FAILURE_OTHER,   /* a statement failed for another reason */
    UK_FAILURES         /* their number */
} uk_failure_e;

/* A piece of work that has ended, with all its attempts. */
typedef struct {
    apr_uint64_t microseconds; /* since it began */
    int is_transaction;        /* of uk_database_transact() */
    uk_outcome_e outcome;
    uk_failure_e failure; /* if the outcome is UK_UNAVAILABLE */
    /* 1: an attempt failed for another reason than a lock, though a later one may
     * have succeeded: the database may be another one by now */
    int was_interrupted;
} uk_work_done_t;

/* Where connections come from. */
typedef struct {
    /**
     * Acquire a connection.
     *
     * @param pool       db->pool
     * @param connection all zeros; receives driver, handle, pool, prepared,
     *                   provider_data and endpoint; on failure, error may be
     *                   set to a string that lives as long as the pool
     * @return APR_SUCCESS; APR_EAGAIN: this connection was dead, another
     *         attempt may succeed; APR_TIMEUP: none was free in time; any other
     *         status: no connection is available now
     */
    apr_status_t (*acquire)(void *baton, apr_pool_t *pool,
                            uk_connection_t *connection);
    /** Release a connection. If it is dead (uk_connection_is_alive()),
     *  acquire() must not provide it again. */
    void (*release)(void *baton, uk_connection_t *connection);
    /** Observe each piece of work that has ended, before its connection is
     *  released. NULL: nobody does. */
    void (*observe)(void *baton, const uk_work_done_t *done);
} uk_connection_provider_t;

/* A database, for one thread and one request or command. It holds no connection
 * between two pieces of work. */
typedef struct {
    const uk_connection_provider_t *provider;
    void *baton;      /* for the provider */
    apr_pool_t *pool; /* for results and errors */
    /* in microseconds: no attempt begins later than this after the first one;
     * 0: none, and the number of attempts is the only limit */
    apr_interval_time_t timeout;
    int allows_standby; /* 1: look-ups may be answered by a standby */
    /* after UK_UNAVAILABLE: why, for the operator, never NULL; else NULL */
    const char *error;
} uk_database_t;

/**
 * A piece of work on a connection. It may be called again from its start, so it
 * must not rely on what an earlier call has left in the baton.
 *
 * @param pool db->pool
 * @return the outcome; UK_UNAVAILABLE if a statement failed
 */
typedef uk_outcome_e uk_work_t(uk_connection_t *connection, apr_pool_t *pool,
                               void *baton);

/**
 * Acquire a connection, do a piece of work, and release the connection. The
 * work must change nothing, or must be safe to do twice. If it returns
 * UK_UNAVAILABLE, it is done again, on another connection if this one is dead:
 * UK_DATABASE_ATTEMPTS times in all, or after a lock until db->timeout ends.
 *
 * @return what the work returned, or UK_UNAVAILABLE if no connection could be
 *         acquired
 */
uk_outcome_e uk_database_run(uk_database_t *db, uk_work_t *work, void *baton)
    __attribute__((warn_unused_result));

/**
 * Like uk_database_run(), in a transaction that is committed if the work
 * returns UK_OK, and rolled back otherwise. Work in which a statement failed
 * cannot be committed, whatever it returns. Work is done again only if it is
 * certain that nothing was committed, as when a commit is refused for a lock.
 * After any other failed commit UK_UNAVAILABLE is returned, and the work may
 * have been committed.
 *
 * @param attempts the maximum, like UK_DATABASE_ATTEMPTS: work that loses races
 *                 needs more
 */
uk_outcome_e uk_database_transact(uk_database_t *db, int attempts,
                                  uk_work_t *work, void *baton)
    __attribute__((warn_unused_result));

#endif
