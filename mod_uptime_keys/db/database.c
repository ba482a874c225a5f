/* SPDX-License-Identifier: Apache-2.0 */
/* Work on a database: its connections are acquired, recovered and released, and
 * it is tried again while that is safe. */
#include "db/database.h"

#include <apr_time.h>
#include <string.h>

#include "core/clock.h"
#include "db/driver.h"
#include "db/session.h"
#include "db/statements.h"
#include "db/transaction.h"

/* The pause before work that met a lock is tried again. It doubles each time,
 * up to the maximum. */
#define BUSY_PAUSE apr_time_from_msec(20)
#define BUSY_PAUSE_MAX apr_time_from_msec(320)

/* One attempt of uk_database_run(). @return 1 if another one may follow */
static int attempt_run(uk_connection_t *connection, apr_pool_t *pool,
                       uk_work_t *work, void *baton, uk_outcome_e *outcome)
{
    *outcome = work(connection, pool, baton);
    return *outcome == UK_UNAVAILABLE;
}

/* One attempt of uk_database_transact(). @return 1 if the work is known not to
 * have happened, and another attempt may follow */
static int attempt_transact(uk_connection_t *connection, apr_pool_t *pool,
                            uk_work_t *work, void *baton, uk_outcome_e *outcome)
{
    struct apr_dbd_transaction_t *transaction = NULL;

    *outcome = UK_UNAVAILABLE;
    if (uk_transaction_begin(connection, pool, &transaction) == 0) {
        *outcome = work(connection, pool, baton);
    }
    if (!transaction) {
        return 1;
    }
    /* After a failed statement drivers roll back, and report success. */
    if (connection->error) {
        *outcome = UK_UNAVAILABLE;
    }
    if (*outcome == UK_OK) {
        if (uk_transaction_commit(connection, pool, transaction)) {
            *outcome = UK_UNAVAILABLE;
        }
        /* Refused for a lock, it was rolled back; otherwise nobody knows. */
        return *outcome == UK_UNAVAILABLE && connection->is_busy;
    }
    uk_transaction_roll_back(connection, pool, transaction);
    return *outcome == UK_UNAVAILABLE;
}

typedef int attempt_t(uk_connection_t *, apr_pool_t *, uk_work_t *, void *,
                      uk_outcome_e *);

/* One call of uk_database_run() or uk_database_transact(). */
typedef struct {
    uk_database_t *db;
    uk_connection_t connection;
    int is_acquired;
    int attempts;        /* that remain */
    int dead;            /* connections found dead, or not available */
    int was_interrupted; /* see uk_work_done_t */
    uk_clock_ns_t start;
    apr_interval_time_t pause; /* after the next attempt that meets a lock */
} run_t;

static int may_try(const run_t *run)
{
    apr_interval_time_t timeout = run->db->timeout;

    return run->attempts > 0 && run->dead < UK_DATABASE_DEAD_MAX
           && (!timeout
               || uk_clock_now_ns() - run->start
                      < (uk_clock_ns_t)timeout * 1000);
}

/* @return APR_EAGAIN if the connection was dead, and another one may do */
static apr_status_t acquire(run_t *run)
{
    uk_database_t *db = run->db;
    uk_connection_t *connection = &run->connection;
    apr_status_t rv;

    memset(connection, 0, sizeof(*connection));
    rv = db->provider->acquire(db->baton, db->pool, connection);
    connection->caller_pool = db->pool;
    connection->allows_standby = db->allows_standby;
    if (rv == APR_SUCCESS) {
        connection->traits = uk_driver_of(connection->driver);
        run->is_acquired = 1;
    }
    else if (connection->error) {
        db->error = connection->error;
    }
    return rv;
}

static void release(run_t *run)
{
    run->db->provider->release(run->db->baton, &run->connection);
    run->is_acquired = 0;
}

/* After a failure the driver may have reconnected by itself, and a prepared
 * statement may belong to a session or a schema that no longer exists. */
static void recover(run_t *run)
{
    uk_connection_t *connection = &run->connection;

    run->db->error = connection->error ? connection->error : "no reason given";
    run->was_interrupted |= !connection->is_busy;
    if (uk_driver_invalidates(connection->traits, run->db->error)) {
        uk_statements_forget(connection);
        uk_session_forget(connection);
    }
    if (!uk_connection_is_alive(connection)) {
        release(run);
        run->dead++;
    }
    else if (!connection->is_busy || !run->db->timeout) {
        run->attempts--;
    }
}

static void pause_if_busy(run_t *run)
{
    if (run->connection.is_busy) {
        apr_sleep(run->pause);
        run->pause =
            run->pause * 2 < BUSY_PAUSE_MAX ? run->pause * 2 : BUSY_PAUSE_MAX;
    }
}

/* @return 1 if another attempt may follow */
static int attempt_once(run_t *run, attempt_t *attempt, uk_work_t *work,
                        void *baton, uk_outcome_e *outcome)
{
    int again;

    run->connection.error = NULL;
    run->connection.is_busy = 0;
    again = attempt(&run->connection, run->db->pool, work, baton, outcome);
    if (again) {
        pause_if_busy(run);
    }
    if (*outcome == UK_UNAVAILABLE) {
        recover(run);
    }
    return again;
}

/* @param rv of the last attempt to acquire a connection */
static uk_failure_e failure_of(const run_t *run, apr_status_t rv)
{
    if (rv != APR_SUCCESS) {
        return APR_STATUS_IS_TIMEUP(rv) ? UK_FAILURE_POOL : UK_FAILURE_CONNECT;
    }
    if (run->connection.is_busy) {
        return UK_FAILURE_LOCK;
    }
    return strstr(run->db->error, UK_STANDBY_ERROR) ? UK_FAILURE_STANDBY
                                                    : UK_FAILURE_OTHER;
}

static void observe_end(const run_t *run, attempt_t *attempt,
                        uk_outcome_e outcome, apr_status_t rv)
{
    const uk_database_t *db = run->db;

    if (db->provider->observe) {
        db->provider->observe(
            db->baton,
            &(const uk_work_done_t){
                (uk_clock_now_ns() - run->start) / 1000,
                attempt == attempt_transact, outcome,
                outcome == UK_UNAVAILABLE ? failure_of(run, rv) : UK_FAILURES,
                run->was_interrupted});
    }
}

static uk_outcome_e run_work(uk_database_t *db, int attempts,
                             attempt_t *attempt, uk_work_t *work, void *baton)
{
    run_t run = {.db = db,
                 .attempts = attempts,
                 .start = uk_clock_now_ns(),
                 .pause = BUSY_PAUSE};
    uk_outcome_e outcome = UK_UNAVAILABLE;
    apr_status_t rv = APR_SUCCESS;
    int again = 1;

    db->error = NULL;
    while (again && may_try(&run)) {
        rv = run.is_acquired ? APR_SUCCESS : acquire(&run);
        if (rv == APR_SUCCESS) {
            again = attempt_once(&run, attempt, work, baton, &outcome);
        }
        else {
            again = APR_STATUS_IS_EAGAIN(rv);
            run.was_interrupted = 1;
            run.dead++;
        }
    }
    if (outcome != UK_UNAVAILABLE) {
        db->error = NULL;
    }
    else if (!db->error) {
        db->error = "no connection to the database";
    }
    observe_end(&run, attempt, outcome, rv);
    if (run.is_acquired) {
        release(&run);
    }
    return outcome;
}

uk_outcome_e uk_database_run(uk_database_t *db, uk_work_t *work, void *baton)
{
    return run_work(db, UK_DATABASE_ATTEMPTS, attempt_run, work, baton);
}

uk_outcome_e uk_database_transact(uk_database_t *db, int attempts,
                                  uk_work_t *work, void *baton)
{
    return run_work(db, attempts, attempt_transact, work, baton);
}
