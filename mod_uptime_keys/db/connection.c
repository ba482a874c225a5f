/* SPDX-License-Identifier: Apache-2.0 */
/* One database connection: statements, rows and errors. */
#include "db/connection.h"

#include <apr_dbd.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>
#include <unistr.h>

#include "core/one_line.h"
#include "db/driver.h"
#include "db/statements.h"

apr_status_t uk_connection_load_driver(apr_pool_t *pool, const char *name,
                                       const apr_dbd_driver_t **driver)
{
    apr_status_t rv = apr_dbd_init(pool);

    return rv == APR_SUCCESS ? apr_dbd_get_driver(pool, name, driver) : rv;
}

static apr_status_t close_connection(void *data)
{
    uk_connection_t *connection = data;

    apr_dbd_close(connection->driver, connection->handle);
    memset(connection, 0, sizeof(*connection));
    return APR_SUCCESS;
}

apr_status_t uk_connection_open(uk_connection_t *connection, apr_pool_t *pool,
                                const apr_dbd_driver_t *driver,
                                const char *params, const char **error)
{
    apr_status_t rv;

    *error = NULL;
    rv = apr_dbd_open_ex(driver, pool, params, &connection->handle, error);
    if (rv == APR_SUCCESS) {
        connection->driver = driver;
        connection->pool = pool;
        connection->prepared = apr_hash_make(pool);
        apr_pool_cleanup_register(pool, connection, close_connection,
                                  apr_pool_cleanup_null);
    }
    return rv;
}

int uk_connection_is_alive(const uk_connection_t *connection)
{
    apr_status_t rv = apr_dbd_check_conn(connection->driver, connection->pool,
                                         connection->handle);

    return rv == APR_SUCCESS || rv == APR_ENOTIMPL;
}

int uk_connection_has_names(const uk_connection_t *connection)
{
    const uk_endpoint_t *endpoint = connection->endpoint;

    return uk_naming_is_on(endpoint ? endpoint->naming : NULL);
}

/* What a driver says, as one line; but what a statement makes PostgreSQL say is
 * put into words. */
static const char *plain_error(apr_pool_t *pool, const char *message)
{
    return strstr(message, UK_STANDBY_ERROR) ? UK_STANDBY_ERROR
               ", whose data may be old"
                                             : uk_one_line(pool, message);
}

/* The driver's message is in memory that its next call overwrites, and may have
 * several lines. */
int uk_connection_fail(uk_connection_t *connection, int code)
{
    const char *message =
        apr_dbd_error(connection->driver, connection->handle, code);

    if (!message || !*message) {
        message = "no reason given";
    }
    uk_statements_note_error(connection, message);
    if (!connection->error) {
        connection->error = plain_error(connection->caller_pool, message);
        connection->is_busy =
            uk_driver_is_busy(connection->traits, code, connection->error);
    }
    return -1;
}

/* @return 1 if the last call met no row, which some drivers report as an
 * error */
static int met_no_row(const uk_connection_t *connection)
{
    const char *no_row = connection->traits->no_row;

    return no_row
           && strstr(apr_dbd_error(connection->driver, connection->handle, 0),
                     no_row)
                  != NULL;
}

/* What ODBC's driver returns for a column that cannot be read. */
#define UNREADABLE ((const char *)-1)

static const char **copy_row(const uk_connection_t *connection,
                             apr_pool_t *pool, apr_dbd_row_t *row, int columns)
{
    const char **copy = apr_palloc(pool, sizeof(*copy) * (size_t)columns);
    int i;

    for (i = 0; i < columns; i++) {
        const char *value = apr_dbd_get_entry(connection->driver, row, i);

        if (value == UNREADABLE) {
            return NULL;
        }
        copy[i] = apr_pstrdup(pool, value);
    }
    return copy;
}

/* @return all rows; NULL if one could not be read. With ODBC's driver only the
 * message tells an error from the end of the rows. */
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
        number += driver->row_step;
        row = NULL;
    }
    return !driver->no_row || met_no_row(connection) ? rows : NULL;
}

/* Most arguments are ASCII, and u8_check() takes one byte after another. @return
 * the bytes of as many whole words as are ASCII */
static size_t ascii_words(const char *string, size_t len)
{
    size_t at = 0;
    apr_uint64_t word;

    for (; at + sizeof(word) <= len; at += sizeof(word)) {
        memcpy(&word, string + at, sizeof(word));
        if (word & APR_UINT64_C(0x8080808080808080)) {
            break;
        }
    }
    return at;
}

/* A string that is not valid UTF-8 is in no row, and PostgreSQL calls it an
 * error: a client must not be able to cause one. @return 1 if all are valid,
 * else 0 */
static int are_utf8(const uk_statement_t *statement, const char **args)
{
    int i;

    for (i = 0; i < statement->args; i++) {
        const char *arg = args[i] ? args[i] : "";
        size_t len = strlen(arg);
        size_t start = ascii_words(arg, len);

        if (u8_check((const uint8_t *)arg + start, len - start)) {
            return 0;
        }
    }
    return 1;
}

int uk_connection_query(uk_connection_t *connection, apr_pool_t *pool,
                        const char *sql, int columns, apr_array_header_t **rows)
{
    apr_dbd_results_t *results = NULL;
    apr_pool_t *scratch;
    int code;

    *rows = NULL;
    apr_pool_create(&scratch, pool);
    code = apr_dbd_select(connection->driver, scratch, connection->handle,
                          &results, sql, connection->traits->random_access);
    if (code == 0) {
        *rows = copy_rows(connection, pool, scratch, results, columns);
    }
    if (!*rows) {
        uk_connection_fail(connection, code);
    }
    apr_pool_destroy(scratch);
    return *rows ? 0 : -1;
}

int uk_connection_select(uk_connection_t *connection, apr_pool_t *pool,
                         const uk_statement_t *statement, const char **args,
                         apr_array_header_t **rows)
{
    apr_dbd_prepared_t *prepared = uk_statements_find(connection, statement);
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
    code = apr_dbd_pselect(
        connection->driver, scratch, connection->handle, &results, prepared,
        connection->traits->random_access, statement->args, args);
    if (code == 0) {
        *rows =
            copy_rows(connection, pool, scratch, results, statement->columns);
    }
    if (!*rows) {
        uk_connection_fail(connection, code);
    }
    apr_pool_destroy(scratch);
    return *rows ? 0 : -1;
}

int uk_connection_write(uk_connection_t *connection, apr_pool_t *pool,
                        const uk_statement_t *statement, const char **args,
                        int *changed)
{
    apr_dbd_prepared_t *prepared = uk_statements_find(connection, statement);
    int code;

    *changed = 0;
    if (!prepared) {
        return -1;
    }
    code = apr_dbd_pquery(connection->driver, pool, connection->handle, changed,
                          prepared, statement->args, args);
    return code == 0 || met_no_row(connection)
               ? 0
               : uk_connection_fail(connection, code);
}

int uk_connection_execute(uk_connection_t *connection, const char *sql)
{
    int changed;
    int code =
        apr_dbd_query(connection->driver, connection->handle, &changed, sql);

    return code == 0 || met_no_row(connection)
               ? 0
               : uk_connection_fail(connection, code);
}

void uk_connection_try(const uk_connection_t *connection, const char *sql)
{
    apr_dbd_results_t *results = NULL;

    apr_dbd_select(connection->driver, connection->pool, connection->handle,
                   &results, sql, 1);
}
