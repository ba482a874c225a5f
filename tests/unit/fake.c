/* SPDX-License-Identifier: Apache-2.0 */
/* A provider and a driver over real SQLite, which count, and fail on demand. */
#include "fake.h"

#include <apr_dbd.h>

#include <apr_strings.h>
#include <string.h>

#include "store/schema.h"
#include "unit.h"

/* --- The driver ------------------------------------------------------------
 *
 * APR-util's driver record is not in its public headers, but its binary form
 * cannot change within version 1: a name, and pointers in this order. All but
 * one (AT_FORMAT) are pointers to functions. */
typedef enum {
    /* clang-format off */
    AT_INIT, AT_NATIVE, AT_OPEN, AT_CHECK, AT_CLOSE, AT_SET_NAME, AT_BEGIN,
    AT_END, AT_QUERY, AT_SELECT, AT_COLUMNS, AT_ROWS, AT_GET_ROW, AT_GET_ENTRY,
    AT_ERROR, AT_ESCAPE, AT_PREPARE, AT_PVQUERY, AT_PVSELECT, AT_PQUERY,
    AT_PSELECT, AT_GET_NAME, AT_GET_MODE, AT_SET_MODE, AT_FORMAT, AT_PVBQUERY,
    AT_PVBSELECT, AT_PBQUERY, AT_PBSELECT, AT_DATUM, AT_END_OF_RECORD
    /* clang-format on */
} at_e;

typedef void function_t(void);

typedef struct {
    const char *name;
    function_t *at[AT_END_OF_RECORD];
} record_t;

typedef apr_status_t check_t(apr_pool_t *, apr_dbd_t *);
typedef int begin_t(apr_pool_t *, apr_dbd_t *, apr_dbd_transaction_t **);
typedef int end_t(apr_dbd_transaction_t *);
typedef const char *entry_t(const apr_dbd_row_t *, int);
typedef const char *message_t(apr_dbd_t *, int);
typedef int prepare_t(apr_pool_t *, apr_dbd_t *, const char *, const char *,
                      int, int, apr_dbd_type_e *, apr_dbd_prepared_t **);
typedef int query_t(apr_dbd_t *, int *, const char *);
typedef int select_t(apr_pool_t *, apr_dbd_t *, apr_dbd_results_t **,
                     const char *, int);
typedef int pquery_t(apr_pool_t *, apr_dbd_t *, int *, apr_dbd_prepared_t *,
                     const char **);
typedef int pselect_t(apr_pool_t *, apr_dbd_t *, apr_dbd_results_t **,
                      apr_dbd_prepared_t *, int, const char **);

/* The error code of a failure on demand. */
#define FAKE_CODE 4711

fake_faults_t fake_faults;

static const record_t *sqlite;
static record_t fake;
static int is_opening;
/* Overwritten by the next call, as in a real driver. */
static char error_text[128];

static void overwrite_error_text(void)
{
    strcpy(error_text, "this text is gone");
}

static int fails(int *times)
{
    overwrite_error_text();
    return *times > 0 && (*times)--;
}

static int code_of_failure(void)
{
    return fake_faults.code ? fake_faults.code : FAKE_CODE;
}

static apr_status_t fake_check(apr_pool_t *pool, apr_dbd_t *handle)
{
    if (is_opening) {
        return APR_SUCCESS;
    }
    overwrite_error_text();
    fake_faults.checks++;
    return fake_faults.broken ? APR_EGENERAL
                              : ((check_t *)sqlite->at[AT_CHECK])(pool, handle);
}

static int fake_begin(apr_pool_t *pool, apr_dbd_t *handle,
                      apr_dbd_transaction_t **transaction)
{
    fake_faults.begins++;
    if (fake_faults.on_begin) {
        fake_faults.on_begin();
    }
    return fails(&fake_faults.fail_begins)
               ? code_of_failure()
               : ((begin_t *)sqlite->at[AT_BEGIN])(pool, handle, transaction);
}

static int fake_end(apr_dbd_transaction_t *transaction)
{
    const apr_dbd_driver_t *driver =
        (const apr_dbd_driver_t *)(const void *)sqlite;
    int rollback = apr_dbd_transaction_mode_get(driver, transaction)
                   & APR_DBD_TRANSACTION_ROLLBACK;

    *(rollback ? &fake_faults.rollbacks : &fake_faults.commits) += 1;
    if (!rollback && fails(&fake_faults.fail_commits)) {
        return code_of_failure();
    }
    return ((end_t *)sqlite->at[AT_END])(transaction);
}

static const char *fake_entry(const apr_dbd_row_t *row, int column)
{
    const char *entry = ((entry_t *)sqlite->at[AT_GET_ENTRY])(row, column);

    if (fails(&fake_faults.fail_entries)) {
        return (const char *)-1;
    }
    return !entry && fake_faults.nulls_are_empty ? "" : entry;
}

static const char *fake_error(apr_dbd_t *handle, int code)
{
    if (fake_faults.is_odbc && code == 0) {
        return fake_faults.odbc_says ? fake_faults.odbc_says
                                     : "SQLFetch returned SQL_NO_DATA (100)";
    }
    if (code != FAKE_CODE) {
        return ((message_t *)sqlite->at[AT_ERROR])(handle, code);
    }
    apr_cpystrn(error_text,
                fake_faults.error ? fake_faults.error : "made up to fail",
                sizeof(error_text));
    return error_text;
}

static apr_status_t count_down(void *counter)
{
    --*(int *)counter;
    return APR_SUCCESS;
}

static int fake_prepare(apr_pool_t *pool, apr_dbd_t *handle, const char *sql,
                        const char *label, int args, int values,
                        apr_dbd_type_e *types, apr_dbd_prepared_t **prepared)
{
    fake_faults.prepares++;
    fake_faults.kept++;
    apr_pool_cleanup_register(pool, &fake_faults.kept, count_down,
                              apr_pool_cleanup_null);
    return fails(&fake_faults.fail_prepares)
               ? code_of_failure()
               : ((prepare_t *)sqlite->at[AT_PREPARE])(
                   pool, handle, sql, label, args, values, types, prepared);
}

static int statement_fails(void)
{
    int number = ++fake_faults.statements, at = fake_faults.fail_at;

    overwrite_error_text();
    return at && (number == at || (number > at && fake_faults.fail_after));
}

static int fake_query(apr_dbd_t *handle, int *changed, const char *sql)
{
    return statement_fails()
               ? code_of_failure()
               : ((query_t *)sqlite->at[AT_QUERY])(handle, changed, sql);
}

static int fake_select(apr_pool_t *pool, apr_dbd_t *handle,
                       apr_dbd_results_t **results, const char *sql, int random)
{
    return statement_fails() ? code_of_failure()
                             : ((select_t *)sqlite->at[AT_SELECT])(
                                 pool, handle, results, sql, random);
}

static int fake_pquery(apr_pool_t *pool, apr_dbd_t *handle, int *changed,
                       apr_dbd_prepared_t *prepared, const char **values)
{
    return statement_fails() || fails(&fake_faults.fail_writes)
               ? code_of_failure()
               : ((pquery_t *)sqlite->at[AT_PQUERY])(pool, handle, changed,
                                                     prepared, values);
}

static int fake_pselect(apr_pool_t *pool, apr_dbd_t *handle,
                        apr_dbd_results_t **results,
                        apr_dbd_prepared_t *prepared, int random,
                        const char **values)
{
    return statement_fails() || fails(&fake_faults.fail_selects)
                   || (random && fake_faults.is_odbc)
               ? code_of_failure()
               : ((pselect_t *)sqlite->at[AT_PSELECT])(
                   pool, handle, results, prepared, random, values);
}

static const apr_dbd_driver_t *real_driver(void)
{
    const apr_dbd_driver_t *driver;

    ck_assert_int_eq(apr_dbd_get_driver(unit_pool, "sqlite3", &driver),
                     APR_SUCCESS);
    return driver;
}

static const apr_dbd_driver_t *fake_driver(void)
{
    sqlite = (const void *)real_driver();
    fake = *sqlite;
    fake.name = fake_faults.is_unknown ? "oracle"
                : fake_faults.is_odbc  ? "ODBC_DRIVER_NAME"
                                       : sqlite->name;
    fake.at[AT_CHECK] = (function_t *)fake_check;
    fake.at[AT_BEGIN] = (function_t *)fake_begin;
    fake.at[AT_END] = (function_t *)fake_end;
    fake.at[AT_GET_ENTRY] = (function_t *)fake_entry;
    fake.at[AT_ERROR] = (function_t *)fake_error;
    fake.at[AT_PREPARE] = (function_t *)fake_prepare;
    fake.at[AT_QUERY] = (function_t *)fake_query;
    fake.at[AT_SELECT] = (function_t *)fake_select;
    fake.at[AT_PQUERY] = (function_t *)fake_pquery;
    fake.at[AT_PSELECT] = (function_t *)fake_pselect;
    return (const void *)&fake;
}

/* --- The provider --------------------------------------------------------- */

static apr_status_t close_connection(void *data)
{
    const uk_connection_t *connection = data;

    return apr_dbd_close(connection->driver, connection->handle);
}

static void open_connection(fake_provider_t *provider)
{
    uk_connection_t *connection = &provider->connection;
    const char *error = NULL;

    memset(connection, 0, sizeof(*connection));
    apr_pool_create(&connection->pool, provider->pool);
    connection->driver = provider->is_plain ? real_driver() : fake_driver();
    if (!provider->is_plain) {
        is_opening = 1;
    }
    ck_assert_msg(apr_dbd_open_ex(connection->driver, connection->pool,
                                  provider->params, &connection->handle, &error)
                      == APR_SUCCESS,
                  "%s: %s", provider->params, error);
    if (!provider->is_plain) {
        is_opening = 0;
    }
    connection->prepared = apr_hash_make(connection->pool);
    connection->provider_data = provider;
    apr_pool_cleanup_register(connection->pool, connection, close_connection,
                              apr_pool_cleanup_null);
    provider->opened++;
}

static apr_status_t acquire_fake(void *baton, apr_pool_t *pool,
                                 uk_connection_t *connection)
{
    fake_provider_t *provider = baton;

    (void)pool;
    if (provider->unavailable) {
        connection->error = provider->unavailable_error;
        return provider->unavailable_status ? provider->unavailable_status
                                            : APR_EGENERAL;
    }
    if (provider->dead > 0) {
        provider->dead--;
        return APR_EAGAIN;
    }
    if (!provider->connection.handle) {
        open_connection(provider);
    }
    provider->acquired++;
    provider->out++;
    provider->out_most =
        provider->out > provider->out_most ? provider->out : provider->out_most;
    *connection = provider->connection;
    return APR_SUCCESS;
}

void fake_disconnect(fake_provider_t *provider)
{
    apr_pool_destroy(provider->connection.pool);
    provider->connection.handle = NULL;
}

/* A connection that would fail its check is closed, as by mod_dbd's pool. */
static void release_fake(void *baton, uk_connection_t *connection)
{
    fake_provider_t *provider = baton;

    ck_assert_ptr_eq(connection->provider_data, provider);
    ck_assert_int_eq(provider->out, 1);
    provider->released++;
    provider->out--;
    if (fake_faults.broken) {
        fake_disconnect(provider);
        fake_faults.broken--;
    }
}

static void observe_fake(void *baton, const uk_work_done_t *done)
{
    fake_provider_t *provider = baton;

    provider->observed++;
    provider->done = *done;
}

static const uk_connection_provider_t fake_provider = {
    acquire_fake, release_fake, observe_fake};

uk_database_t *fake_database(apr_pool_t *pool, const char *params,
                             fake_provider_t **provider)
{
    uk_database_t *db = apr_pcalloc(pool, sizeof(*db));
    fake_provider_t *created = apr_pcalloc(pool, sizeof(*created));

    created->params = params;
    created->pool = pool;
    db->provider = &fake_provider;
    db->baton = created;
    db->pool = pool;
    if (provider) {
        *provider = created;
    }
    return db;
}

uk_database_t *fake_database_with_schema(apr_pool_t *pool, const char *params,
                                         fake_provider_t **provider)
{
    uk_database_t *db = fake_database(pool, params, provider);

    ck_assert_msg(uk_schema_install(db) == UK_OK, "%s", db->error);
    memset(&fake_faults, 0, sizeof(fake_faults));
    return db;
}

static void ensure_open(fake_provider_t *provider)
{
    if (!provider->connection.handle) {
        open_connection(provider);
    }
}

void fake_execute(fake_provider_t *provider, const char *sql)
{
    const uk_connection_t *connection = &provider->connection;
    int changed, code;

    ensure_open(provider);
    code = apr_dbd_query(connection->driver, connection->handle, &changed, sql);
    ck_assert_msg(code == 0, "%s: %s", sql,
                  apr_dbd_error(connection->driver, connection->handle, code));
}

const char *fake_ask(fake_provider_t *provider, const char *sql)
{
    const uk_connection_t *connection = &provider->connection;
    apr_dbd_results_t *results = NULL;
    apr_dbd_row_t *row = NULL;
    const char *entry;
    int code;

    ensure_open(provider);
    code = apr_dbd_select(connection->driver, unit_pool, connection->handle,
                          &results, sql, 1);
    ck_assert_msg(code == 0, "%s: %s", sql,
                  apr_dbd_error(connection->driver, connection->handle, code));
    if (apr_dbd_get_row(connection->driver, unit_pool, results, &row, 1)) {
        return "none";
    }
    entry = apr_dbd_get_entry(connection->driver, row, 0);
    return entry ? entry : "NULL";
}
