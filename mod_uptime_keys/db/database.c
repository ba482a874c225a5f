/* SPDX-License-Identifier: Apache-2.0 */
/* A database connection as we want it: statements prepared on demand, failures
 * recovered a bounded number of times, results copied, nothing held for long. */
#include "db/database.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>
#include <unistr.h>

#include "db/driver.h"
#include "db/statements.h"
#include "store/sql.h"

/* Before a busy database is asked again: at first, and at most, as it doubles
 * each time. */
#define BUSY_PAUSE apr_time_from_msec(20)
#define BUSY_PAUSE_MAX apr_time_from_msec(320)

/* The driver's text is its own and gone with its next call, and it may have
 * several lines. */
static int fail(uk_connection_t *connection, int code)
{
    const char *text =
        apr_dbd_error(connection->driver, connection->handle, code);
    char *copy = apr_pstrdup(connection->caller_pool,
                             text && *text ? text : "no reason given");
    char *c;

    for (c = copy; *c; c++) {
        if (apr_iscntrl(*c)) {
            *c = ' ';
        }
    }
    connection->error = copy;
    connection->is_busy = uk_driver_is_busy(connection->traits, code);
    return -1;
}

/* 1 if the last call found no row, which a driver may call an error. */
static int met_no_row(const uk_connection_t *connection)
{
    const char *no_row = connection->traits->no_row;

    return no_row
           && strstr(apr_dbd_error(connection->driver, connection->handle, 0),
                     no_row)
                  != NULL;
}

static apr_dbd_prepared_t *prepare(uk_connection_t *connection,
                                   const uk_statement_t *statement)
{
    apr_dbd_prepared_t *prepared;
    int code = uk_prepared_find(connection, statement, &prepared);

    if (code != 0) {
        fail(connection, code);
    }
    return prepared;
}

/* What ODBC's driver gives where a column cannot be read. */
#define UNREADABLE ((const char *)-1)

static const char **copy_row(const uk_connection_t *connection,
                             apr_pool_t *pool, apr_dbd_row_t *row, int columns)
{
    const char **copy = apr_palloc(pool, sizeof(*copy) * (size_t)columns);
    int i;

    for (i = 0; i < columns; i++) {
        const char *text = apr_dbd_get_entry(connection->driver, row, i);

        if (text == UNREADABLE) {
            return NULL;
        }
        copy[i] = apr_pstrdup(pool, text);
    }
    return copy;
}

/* All of the rows, NULL if one could not be read. An error of ODBC's driver
 * looks like the end of the rows, but for its text. */
static apr_array_header_t *copy_rows(const uk_connection_t *connection,
                                     apr_pool_t *pool, apr_pool_t *scratch,
                                     apr_dbd_results_t *results, int columns)
{
    const uk_driver_t *driver = connection->traits;
    apr_array_header_t *rows = apr_array_make(pool, 1, sizeof(char **));
    apr_dbd_row_t *row = NULL;
    int number = driver->first_row;

    while (apr_dbd_get_row(connection->driver, scratch, results, &row, number)
           == 0) {
        const char **copy = copy_row(connection, pool, row, columns);

        if (!copy) {
            return NULL;
        }
        APR_ARRAY_PUSH(rows, const char **) = copy;
        number += driver->next_row;
        row = NULL;
    }
    return !driver->no_row || met_no_row(connection) ? rows : NULL;
}

/* 1 if all texts are UTF-8. One that is not stands in no row, and PostgreSQL
 * calls it an error: who sends it must not make trouble with that. */
static int are_utf8(const uk_statement_t *statement, const char **args)
{
    int i;

    for (i = 0; i < statement->args; i++) {
        const char *rest = args[i];

        while (rest && apr_isascii(*rest) && *rest) {
            rest++;
        }
        if (rest && u8_check((const uint8_t *)rest, strlen(rest))) {
            return 0;
        }
    }
    return 1;
}

int uk_connection_select(uk_connection_t *connection, apr_pool_t *pool,
                         const uk_statement_t *statement, const char **args,
                         apr_array_header_t **rows)
{
    apr_dbd_prepared_t *prepared = prepare(connection, statement);
    apr_dbd_results_t *results = NULL;
    apr_pool_t *scratch;
    int code;

    *rows = NULL;
    if (!prepared) {
        return -1;
    }
    if (!are_utf8(statement, args)) {
        *rows = apr_array_make(pool, 1, sizeof(char **));
        return 0;
    }
    apr_pool_create(&scratch, pool);
    code = apr_dbd_pselect(connection->driver, scratch, connection->handle,
                           &results, prepared, connection->traits->random,
                           statement->args, args);
    if (code == 0) {
        *rows =
            copy_rows(connection, pool, scratch, results, statement->columns);
    }
    if (!*rows) {
        fail(connection, code);
    }
    apr_pool_destroy(scratch);
    return *rows ? 0 : -1;
}

int uk_connection_write(uk_connection_t *connection, apr_pool_t *pool,
                        const uk_statement_t *statement, const char **args,
                        int *changed)
{
    apr_dbd_prepared_t *prepared = prepare(connection, statement);
    int code;

    *changed = 0;
    if (!prepared) {
        return -1;
    }
    code = apr_dbd_pquery(connection->driver, pool, connection->handle, changed,
                          prepared, statement->args, args);
    return code == 0 || met_no_row(connection) ? 0 : fail(connection, code);
}

int uk_connection_execute(uk_connection_t *connection, const char *sql)
{
    int changed;
    int code =
        apr_dbd_query(connection->driver, connection->handle, &changed, sql);

    return code == 0 || met_no_row(connection) ? 0 : fail(connection, code);
}

/* Work as uk_database_run() does it; @return 1 if it may be tried again. */
static int attempt_run(uk_connection_t *connection, apr_pool_t *pool,
                       uk_work_t *work, void *baton, uk_outcome_e *outcome)
{
    *outcome = work(connection, pool, baton);
    return *outcome == UK_UNAVAILABLE;
}

/* Begin with memory of ours: PostgreSQL's driver writes to the transaction when
 * it could not begin, too, and makes one only if it could. Sometimes it does
 * neither. */
static int start_given(uk_connection_t *connection, apr_pool_t *pool,
                       apr_size_t size, apr_dbd_transaction_t **transaction)
{
    void *given = apr_pcalloc(pool, size);
    int code;

    *transaction = given;
    code = apr_dbd_transaction_start(connection->driver, pool,
                                     connection->handle, transaction);
    if (code != 0 && memcmp(given, apr_pcalloc(pool, size), size) == 0) {
        *transaction = NULL;
    }
    return code;
}

/* The transaction may be there although it failed to start. */
static int start(uk_connection_t *connection, apr_pool_t *pool,
                 apr_dbd_transaction_t **transaction)
{
    apr_size_t size = connection->traits->transaction;
    apr_array_header_t *rows;
    int code;

    /* Few drivers say well why they could not begin: ask first. */
    if (uk_connection_select(connection, pool, &uk_sql[UK_SQL_PROBE], NULL,
                             &rows)) {
        return -1;
    }
    code = size > 0
               ? start_given(connection, pool, size, transaction)
               : apr_dbd_transaction_start(connection->driver, pool,
                                           connection->handle, transaction);
    return code == 0 ? 0 : fail(connection, code);
}

static void roll_back(uk_connection_t *connection, apr_pool_t *pool,
                      apr_dbd_transaction_t *transaction)
{
    apr_dbd_transaction_mode_set(connection->driver, transaction,
                                 APR_DBD_TRANSACTION_ROLLBACK);
    apr_dbd_transaction_end(connection->driver, pool, transaction);
}

static uk_outcome_e commit(uk_connection_t *connection, apr_pool_t *pool,
                           apr_dbd_transaction_t *transaction)
{
    const char *sql = connection->traits->commit;
    int code;

    if (sql && uk_connection_execute(connection, sql)) {
        roll_back(connection, pool, transaction);
        return UK_UNAVAILABLE;
    }
    code = apr_dbd_transaction_end(connection->driver, pool, transaction);
    /* After our own SQL there was nothing left that could fail to happen. */
    if (code == 0 || sql) {
        return UK_OK;
    }
    fail(connection, code);
    /* SQLite leaves it open if readers were in the way, and ODBC commits no
     * more by itself: whoever gets this connection next would be in it. */
    roll_back(connection, pool, transaction);
    return UK_UNAVAILABLE;
}

/* Work as uk_database_transact() does it; @return 1 if it has not happened and
 * may be tried again. */
static int attempt_transact(uk_connection_t *connection, apr_pool_t *pool,
                            uk_work_t *work, void *baton, uk_outcome_e *outcome)
{
    apr_dbd_transaction_t *transaction = NULL;

    *outcome = UK_UNAVAILABLE;
    if (start(connection, pool, &transaction) == 0) {
        *outcome = work(connection, pool, baton);
    }
    if (!transaction) {
        return 1;
    }
    /* A driver rolls back after a failed statement, and calls it success. */
    if (connection->error) {
        *outcome = UK_UNAVAILABLE;
    }
    if (*outcome == UK_OK) {
        *outcome = commit(connection, pool, transaction);
        /* Refused for a lock, it was rolled back; else nobody knows. */
        return *outcome == UK_UNAVAILABLE && connection->is_busy;
    }
    roll_back(connection, pool, transaction);
    return *outcome == UK_UNAVAILABLE;
}

typedef int attempt_t(uk_connection_t *, apr_pool_t *, uk_work_t *, void *,
                      uk_outcome_e *);

/* After a failure: a driver may have reconnected by itself, and a prepared
 * statement may be of a session or a schema that is gone. Returns 1 if the
 * connection can be used on. */
static int recover(uk_database_t *db, uk_connection_t *connection)
{
    apr_status_t rv;

    db->error = connection->error ? connection->error : "no reason given";
    if (uk_driver_invalidates(connection->traits, db->error)) {
        uk_prepared_forget(connection);
    }
    rv = apr_dbd_check_conn(connection->driver, db->pool, connection->handle);
    return rv == APR_SUCCESS || rv == APR_ENOTIMPL;
}

static apr_status_t acquire(uk_database_t *db, uk_connection_t *connection)
{
    apr_status_t rv;

    memset(connection, 0, sizeof(*connection));
    rv = db->provider->acquire(db->baton, db->pool, connection);
    connection->caller_pool = db->pool;
    if (rv == APR_SUCCESS) {
        connection->traits = uk_driver_of(connection->driver);
    }
    if (rv != APR_SUCCESS && connection->error) {
        db->error = connection->error;
    }
    return rv;
}

static uk_outcome_e run(uk_database_t *db, int attempts, attempt_t *attempt,
                        uk_work_t *work, void *baton)
{
    uk_outcome_e outcome = UK_UNAVAILABLE;
    uk_connection_t connection;
    apr_interval_time_t pause = BUSY_PAUSE;
    apr_time_t start = apr_time_now();
    int again = 1, acquired = 0, dead = 0;

    db->error = NULL;
    while (again && attempts > 0 && dead < UK_DATABASE_DEAD_MAX
           && (!db->timeout || apr_time_now() - start < db->timeout)) {
        if (!acquired) {
            apr_status_t rv = acquire(db, &connection);

            if (APR_STATUS_IS_EAGAIN(rv)) {
                dead++;
                continue;
            }
            if (rv != APR_SUCCESS) {
                break;
            }
            acquired = 1;
        }
        connection.error = NULL;
        connection.is_busy = 0;
        again = attempt(&connection, db->pool, work, baton, &outcome);
        if (again && connection.is_busy) {
            apr_sleep(pause);
            pause = pause * 2 < BUSY_PAUSE_MAX ? pause * 2 : BUSY_PAUSE_MAX;
        }
        if (outcome == UK_UNAVAILABLE && !recover(db, &connection)) {
            db->provider->release(db->baton, &connection);
            acquired = 0;
            dead++;
        }
        else if (!connection.is_busy || !db->timeout) {
            attempts--;
        }
    }
    if (acquired) {
        db->provider->release(db->baton, &connection);
    }
    if (outcome != UK_UNAVAILABLE) {
        db->error = NULL;
    }
    else if (!db->error) {
        db->error = "no connection to the database";
    }
    return outcome;
}

uk_outcome_e uk_database_run(uk_database_t *db, uk_work_t *work, void *baton)
{
    return run(db, UK_DATABASE_ATTEMPTS, attempt_run, work, baton);
}

uk_outcome_e uk_database_transact(uk_database_t *db, int attempts,
                                  uk_work_t *work, void *baton)
{
    return run(db, attempts, attempt_transact, work, baton);
}
