/* SPDX-License-Identifier: Apache-2.0 */
/* Results and parameters of statements. */
#include "database_fixture.h"

static const char *rows_as_text(const apr_array_header_t *rows, int columns)
{
    const char *all = "";
    int i, j;

    for (i = 0; i < rows->nelts; i++) {
        const char **row = APR_ARRAY_IDX(rows, i, const char **);

        for (j = 0; j < columns; j++) {
            all = apr_pstrcat(unit_pool, all, row[j] ? row[j] : "NULL",
                              j < columns - 1 ? "," : ";", NULL);
        }
    }
    return all;
}

/* 0: as SQLite returns them; 1: NULL as an empty string; 2: as with ODBC. */
START_TEST(rows_are_copied_in_order_with_their_nulls)
{
    static const char *const want[] = {"a,x,1;b,NULL,2;c,,NULL;",
                                       "a,x,1;b,,2;c,,;",
                                       "a,x,1;b,NULL,2;c,,NULL;"};
    task_t task = {0};

    fake_faults.nulls_are_empty = _i == 1;
    fake_faults.is_odbc = _i == 2;
    fake_disconnect(provider);
    fake_execute(provider, CREATE_TEAMS);
    fake_execute(provider, "INSERT INTO uptime_teams VALUES "
                           "('c', '', NULL), ('a', 'x', 1), ('b', NULL, 2)");
    ck_assert_int_eq(uk_database_run(db, read_work, &task), UK_OK);
    fake_disconnect(provider);
    ck_assert_str_eq(rows_as_text(task.rows, 3), want[_i]);
}
END_TEST

START_TEST(rows_that_end_in_an_error_are_a_failure)
{
    task_t task = {0};

    fake_faults.is_odbc = 1;
    fake_disconnect(provider);
    fake_execute(provider, CREATE_TEAMS);
    ck_assert_int_eq(uk_database_run(db, read_work, &task), UK_OK);
    fake_faults.odbc_says = "SQLFetch returned SQL_ERROR (-1)";
    ck_assert_int_eq(uk_database_run(db, read_work, &task), UK_UNAVAILABLE);
    ck_assert_str_eq(db->error, fake_faults.odbc_says);
}
END_TEST

START_TEST(row_with_an_unreadable_column_is_a_failure)
{
    task_t task = {0};

    fake_execute(provider, "INSERT INTO uptime_teams VALUES ('a', 'x', 1)");
    fake_faults.fail_entries = 1;
    ck_assert_int_eq(uk_database_run(db, read_work, &task), UK_OK);
    ck_assert_int_eq(task.calls, 2);
    fake_faults.fail_entries = 1000;
    ck_assert_int_eq(uk_database_run(db, read_work, &task), UK_UNAVAILABLE);
}
END_TEST

START_TEST(arguments_are_values_and_never_sql)
{
    static const char hostile[] = "'; DROP TABLE uptime_teams; -- %s \"\\";
    uk_connection_t connection;
    apr_array_header_t *rows;
    int changed;

    ck_assert_int_eq(db->provider->acquire(provider, unit_pool, &connection),
                     0);
    connection.caller_pool = unit_pool;
    connection.traits = uk_driver_of(connection.driver);
    ck_assert_int_eq(uk_connection_write(&connection, unit_pool, INSERT_TEAM,
                                         (const char *[]){hostile, NULL, "1"},
                                         &changed),
                     0);
    ck_assert_int_eq(uk_connection_select(&connection, unit_pool,
                                          &uk_sql[UK_SQL_TEAM_BY_ID],
                                          (const char *[]){hostile}, &rows),
                     0);
    db->provider->release(provider, &connection);
    ck_assert_str_eq(rows_as_text(rows, 3),
                     apr_pstrcat(unit_pool, hostile, ",NULL,1;", NULL));
}
END_TEST

START_TEST(statement_knows_its_arguments_and_columns)
{
    const uk_statement_t *statement = &uk_sql[_i];
    const char *c;
    int args = 0;

    ck_assert_ptr_nonnull(statement->sql);
    for (c = statement->sql; *c; c++) {
        args += *c == '%';
        ck_assert(*c != '%' || strncmp(c, "%s", 2) == 0
                  || strncmp(c, "%lld", 4) == 0);
    }
    ck_assert_int_eq(args, statement->args);
    ck_assert_int_eq(strncmp(statement->sql, "SELECT", 6) == 0
                         || strncmp(statement->sql, "PRAGMA", 6) == 0,
                     statement->columns > 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rows");
    TCase *rows = database_case(suite, "rows");

    tcase_add_loop_test(rows, rows_are_copied_in_order_with_their_nulls, 0, 3);
    tcase_add_test(rows, rows_that_end_in_an_error_are_a_failure);
    tcase_add_test(rows, row_with_an_unreadable_column_is_a_failure);
    tcase_add_test(rows, arguments_are_values_and_never_sql);
    tcase_add_loop_test(rows, statement_knows_its_arguments_and_columns, 0,
                        UK_SQL_COUNT);
    return unit_run(suite);
}
