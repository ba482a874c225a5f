/* SPDX-License-Identifier: Apache-2.0 */
/* Work on connections that fail, without transactions. */
#include "database_fixture.h"

START_TEST(outcome_is_returned_at_once)
{
    task_t task = {.outcome = outcomes[_i]};

    ck_assert_int_eq(uk_database_run(db, read_work, &task), outcomes[_i]);
    ck_assert_int_eq(task.calls, 1);
    ck_assert_int_eq(provider->acquired, 1);
    ck_assert_ptr_null(db->error);
}
END_TEST

START_TEST(dead_connections_are_passed_over)
{
    static const int dead[] = {0, 1, UK_DATABASE_ATTEMPTS,
                               UK_DATABASE_DEAD_MAX - 1};
    task_t task = {0};

    provider->dead = dead[_i];
    ck_assert_int_eq(uk_database_run(db, read_work, &task), UK_OK);
    ck_assert_int_eq(task.calls, 1);
    ck_assert_ptr_null(db->error);
}
END_TEST

START_TEST(dead_connections_are_not_passed_over_for_ever)
{
    task_t task = {0};

    provider->dead = UK_DATABASE_DEAD_MAX;
    ck_assert_int_eq(uk_database_run(db, read_work, &task), UK_UNAVAILABLE);
    ck_assert_int_eq(task.calls, 0);
    ck_assert_str_eq(db->error, "no connection to the database");
}
END_TEST

START_TEST(failed_acquire_is_not_tried_again)
{
    task_t task = {0};

    provider->unavailable = 1;
    ck_assert_int_eq(uk_database_run(db, read_work, &task), UK_UNAVAILABLE);
    ck_assert_int_eq(task.calls, 0);
    ck_assert_str_eq(db->error, "no connection to the database");
}
END_TEST

START_TEST(error_of_the_provider_is_reported)
{
    task_t task = {0};

    provider->unavailable = 1;
    provider->unavailable_error = "unable to open database file";
    ck_assert_int_eq(uk_database_transact(db, 3, write_work, &task),
                     UK_UNAVAILABLE);
    ck_assert_str_eq(db->error, "unable to open database file");
}
END_TEST

START_TEST(failed_statement_is_tried_again)
{
    task_t task = {.wrong_until = _i};

    ck_assert_int_eq(uk_database_run(db, read_work, &task),
                     _i < UK_DATABASE_ATTEMPTS ? UK_OK : UK_UNAVAILABLE);
    ck_assert_int_eq(task.calls,
                     _i < UK_DATABASE_ATTEMPTS ? _i + 1 : UK_DATABASE_ATTEMPTS);
    ck_assert_pstr_eq(
        db->error, _i < UK_DATABASE_ATTEMPTS ? NULL : "no such table: nowhere");
    /* The same connection was recovered each time. */
    ck_assert_int_eq(provider->acquired, 1);
    ck_assert_int_eq(fake_faults.checks, task.calls - (task.calls > _i));
}
END_TEST

START_TEST(table_created_between_two_attempts_is_found)
{
    task_t task = {.between = CREATE_TEAMS};

    fake_execute(provider, "DROP TABLE uptime_teams");
    ck_assert_int_eq(uk_database_run(db, read_work, &task), UK_OK);
    ck_assert_int_eq(task.calls, 2);
}
END_TEST

START_TEST(statement_of_an_older_schema_is_prepared_again)
{
    task_t task = {0};

    ck_assert_int_eq(uk_database_run(db, read_work, &task), UK_OK);
    fake_execute(provider, "ALTER TABLE uptime_teams ADD COLUMN plan TEXT");
    ck_assert_int_eq(uk_database_run(db, read_work, &task), UK_OK);
    ck_assert_int_eq(task.calls, 3);
    ck_assert_int_eq(fake_faults.prepares, 2);
}
END_TEST

START_TEST(statement_is_prepared_once)
{
    task_t task = {0};
    int i;

    for (i = 0; i < 10; i++) {
        ck_assert_int_eq(uk_database_run(db, read_work, &task), UK_OK);
    }
    ck_assert_int_eq(fake_faults.prepares, 1);
    ck_assert_int_eq(provider->opened, 1);
}
END_TEST

START_TEST(broken_connection_is_replaced)
{
    task_t task = {.wrong_until = 1};

    provider->params = unit_file("other.db");
    fake_faults.broken = 1;
    ck_assert_int_eq(uk_database_run(db, read_work, &task), UK_UNAVAILABLE);
    /* The new connection is to a file without tables. */
    ck_assert_str_eq(db->error, "no such table: uptime_teams");
    ck_assert_int_eq(provider->acquired, 2);
    ck_assert_int_eq(provider->opened, 2);
}
END_TEST

START_TEST(connections_that_always_break_are_given_up)
{
    task_t task = {.wrong_until = 1000};

    fake_faults.broken = 1000;
    ck_assert_int_eq(uk_database_run(db, read_work, &task), UK_UNAVAILABLE);
    ck_assert_int_eq(task.calls, UK_DATABASE_DEAD_MAX);
    ck_assert_int_eq(provider->acquired, UK_DATABASE_DEAD_MAX);
}
END_TEST

/* Fails, and takes longer than the timeout. */
static uk_outcome_e slow_work(uk_connection_t *connection, apr_pool_t *pool,
                              void *baton)
{
    task_t *task = baton;

    apr_sleep(db->timeout + 1);
    task->wrong_until = 1000;
    return read_work(connection, pool, baton);
}

START_TEST(nothing_is_tried_again_after_the_timeout)
{
    task_t task = {0};

    db->timeout = apr_time_from_msec(20);
    ck_assert_int_eq(uk_database_run(db, slow_work, &task), UK_UNAVAILABLE);
    ck_assert_int_eq(task.calls, 1);
    ck_assert_int_eq(uk_database_transact(db, 3, slow_work, &task),
                     UK_UNAVAILABLE);
    ck_assert_int_eq(task.calls, 2);
    ck_assert_str_eq(db->error, "no such table: nowhere");
}
END_TEST

START_TEST(lock_is_no_attempt_before_the_timeout)
{
    task_t task = {0};

    db->timeout = apr_time_from_sec(10);
    fake_faults.code = locks[_i];
    fake_faults.fail_selects = UK_DATABASE_ATTEMPTS;
    ck_assert_int_eq(uk_database_run(db, read_work, &task), UK_OK);
    ck_assert_int_eq(task.calls, UK_DATABASE_ATTEMPTS + 1);
}
END_TEST

START_TEST(lock_is_an_attempt_if_there_is_no_timeout)
{
    task_t task = {0};

    fake_faults.code = locks[_i];
    fake_faults.fail_selects = UK_DATABASE_ATTEMPTS;
    ck_assert_int_eq(uk_database_run(db, read_work, &task), UK_UNAVAILABLE);
    ck_assert_int_eq(task.calls, UK_DATABASE_ATTEMPTS);
}
END_TEST

START_TEST(error_is_copied_from_the_driver)
{
    task_t task = {0};

    fake_faults.fail_selects = 1000;
    fake_faults.error = "FATAL:  gone\nDETAIL:\t\x1b[31mred\r\n";
    ck_assert_int_eq(uk_database_run(db, read_work, &task), UK_UNAVAILABLE);
    ck_assert_str_eq(db->error, "FATAL: gone; DETAIL: [31mred");
    fake_disconnect(provider);
    ck_assert_str_eq(db->error, "FATAL: gone; DETAIL: [31mred");
}
END_TEST

START_TEST(failure_without_a_reason_says_so)
{
    task_t task = {0};

    fake_faults.fail_selects = 1000;
    fake_faults.error = "";
    ck_assert_int_eq(uk_database_run(db, read_work, &task), UK_UNAVAILABLE);
    ck_assert_str_eq(db->error, "no reason given");
}
END_TEST

START_TEST(failed_prepare_is_a_failure)
{
    task_t task = {0};

    fake_faults.fail_prepares = 1;
    ck_assert_int_eq(uk_database_run(db, read_work, &task), UK_OK);
    ck_assert_int_eq(task.calls, 2);
    fake_faults.fail_prepares = 1000;
    fake_execute(provider, "ALTER TABLE uptime_teams ADD COLUMN plan TEXT");
    ck_assert_int_eq(uk_database_run(db, read_work, &task), UK_UNAVAILABLE);
    ck_assert_str_eq(db->error, "made up to fail");
}
END_TEST

/* SQLite's driver keeps a prepared statement until its connection ends; other
 * drivers free it with its pool. */
START_TEST(repeated_failures_leak_no_memory)
{
    int is_sqlite = _i, i;

    fake_faults.is_odbc = !is_sqlite;
    fake_disconnect(provider);
    fake_execute(provider, CREATE_TEAMS);
    for (i = 0; i < 100; i++) {
        task_t task = {0};

        /* In the first half of the loop prepare fails, in the second select. */
        *(i < 50 ? &fake_faults.fail_prepares : &fake_faults.fail_selects) =
            UK_DATABASE_ATTEMPTS;
        ck_assert_int_eq(uk_database_run(db, read_work, &task), UK_UNAVAILABLE);
        ck_assert_int_eq(fake_faults.kept, is_sqlite && i >= 50);
    }
    ck_assert_int_eq(fake_faults.prepares, is_sqlite
                                               ? 50 * UK_DATABASE_ATTEMPTS + 1
                                               : 100 * UK_DATABASE_ATTEMPTS);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("database");
    TCase *run = database_case(suite, "run");

    tcase_add_loop_test(run, outcome_is_returned_at_once, 0,
                        UNIT_COUNT(outcomes));
    tcase_add_loop_test(run, dead_connections_are_passed_over, 0, 4);
    tcase_add_test(run, dead_connections_are_not_passed_over_for_ever);
    tcase_add_test(run, failed_acquire_is_not_tried_again);
    tcase_add_test(run, error_of_the_provider_is_reported);
    tcase_add_loop_test(run, failed_statement_is_tried_again, 0, 7);
    tcase_add_test(run, table_created_between_two_attempts_is_found);
    tcase_add_test(run, statement_of_an_older_schema_is_prepared_again);
    tcase_add_test(run, statement_is_prepared_once);
    tcase_add_test(run, broken_connection_is_replaced);
    tcase_add_test(run, connections_that_always_break_are_given_up);
    tcase_add_test(run, nothing_is_tried_again_after_the_timeout);
    tcase_add_loop_test(run, lock_is_no_attempt_before_the_timeout, 0,
                        UNIT_COUNT(locks));
    tcase_add_loop_test(run, lock_is_an_attempt_if_there_is_no_timeout, 0,
                        UNIT_COUNT(locks));
    tcase_add_test(run, error_is_copied_from_the_driver);
    tcase_add_test(run, failure_without_a_reason_says_so);
    tcase_add_test(run, failed_prepare_is_a_failure);
    tcase_add_loop_test(run, repeated_failures_leak_no_memory, 0, 2);
    return unit_run(suite);
}
