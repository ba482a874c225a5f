/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces of work that have ended are observed: how they ended, and why. */
#include <apr_errno.h>

#include "database_fixture.h"

static void assert_observed(uk_outcome_e outcome, int is_transaction)
{
    ck_assert_int_eq(provider->observed, 1);
    ck_assert_int_eq((int)provider->done.outcome, (int)outcome);
    ck_assert_int_eq(provider->done.is_transaction, is_transaction);
}

static void assert_failure(uk_failure_e failure)
{
    task_t task = {0};

    ck_assert_int_eq(uk_database_run(db, read_work, &task), UK_UNAVAILABLE);
    assert_observed(UK_UNAVAILABLE, 0);
    ck_assert_int_eq((int)provider->done.failure, (int)failure);
}

START_TEST(each_piece_is_observed_once_with_its_outcome)
{
    task_t task = {.outcome = outcomes[_i]};

    ck_assert_int_eq(uk_database_run(db, read_work, &task), outcomes[_i]);
    assert_observed(outcomes[_i], 0);
    ck_assert_int_eq((int)provider->done.failure, (int)UK_FAILURES);
    ck_assert_uint_lt(provider->done.microseconds, 60 * 1000000);
    ck_assert_int_eq(provider->done.was_interrupted, 0);
}
END_TEST

START_TEST(a_transaction_is_observed_as_one)
{
    task_t task = {0};

    ck_assert_int_eq(uk_database_transact(db, 3, write_work, &task), UK_OK);
    assert_observed(UK_OK, 1);
}
END_TEST

START_TEST(work_that_was_tried_again_is_no_failure)
{
    task_t task = {.wrong_until = 2};

    ck_assert_int_eq(uk_database_run(db, read_work, &task), UK_OK);
    assert_observed(UK_OK, 0);
    ck_assert_int_eq(provider->done.was_interrupted, 1);
}
END_TEST

START_TEST(another_connection_is_an_interruption)
{
    task_t task = {0};

    provider->dead = 1;
    ck_assert_int_eq(uk_database_run(db, read_work, &task), UK_OK);
    ck_assert_int_eq(provider->done.was_interrupted, 1);
}
END_TEST

START_TEST(no_connection)
{
    provider->unavailable = 1;
    assert_failure(UK_FAILURE_CONNECT);
}
END_TEST

START_TEST(dead_connections_only)
{
    provider->dead = UK_DATABASE_DEAD_MAX;
    assert_failure(UK_FAILURE_CONNECT);
}
END_TEST

START_TEST(no_connection_that_is_free)
{
    provider->unavailable = 1;
    provider->unavailable_status = APR_TIMEUP;
    assert_failure(UK_FAILURE_POOL);
}
END_TEST

START_TEST(a_lock)
{
    fake_faults.fail_selects = 1000;
    fake_faults.code = 5;
    db->timeout = apr_time_from_msec(50);
    assert_failure(UK_FAILURE_LOCK);
    ck_assert_int_eq(provider->done.was_interrupted, 0);
}
END_TEST

START_TEST(a_standby)
{
    fake_faults.fail_selects = 1000;
    fake_faults.error = "ERROR: " UK_STANDBY_ERROR "; PostgreSQL 15";
    assert_failure(UK_FAILURE_STANDBY);
}
END_TEST

START_TEST(another_error)
{
    fake_faults.fail_selects = 1000;
    assert_failure(UK_FAILURE_OTHER);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("observed");
    TCase *tests = database_case(suite, "observed");

    tcase_add_loop_test(tests, each_piece_is_observed_once_with_its_outcome, 0,
                        UNIT_COUNT(outcomes));
    tcase_add_test(tests, a_transaction_is_observed_as_one);
    tcase_add_test(tests, work_that_was_tried_again_is_no_failure);
    tcase_add_test(tests, another_connection_is_an_interruption);
    tcase_add_test(tests, no_connection);
    tcase_add_test(tests, dead_connections_only);
    tcase_add_test(tests, no_connection_that_is_free);
    tcase_add_test(tests, a_lock);
    tcase_add_test(tests, a_standby);
    tcase_add_test(tests, another_error);
    return unit_run(suite);
}
