/* SPDX-License-Identifier: Apache-2.0 */
/* Work in transactions that fail. */
#include "database_fixture.h"

START_TEST(successful_work_is_committed)
{
    task_t task = {0};

    ck_assert_int_eq(uk_database_transact(db, 3, write_work, &task), UK_OK);
    ck_assert_str_eq(team_count(), "1");
    ck_assert_int_eq(task.rows->nelts, 1);
    ck_assert_int_eq(fake_faults.commits, 1);
    ck_assert_int_eq(fake_faults.rollbacks, 0);
}
END_TEST

START_TEST(any_other_outcome_is_rolled_back)
{
    task_t task = {.outcome = outcomes[_i]};

    ck_assert_int_eq(uk_database_transact(db, 3, write_work, &task),
                     outcomes[_i]);
    ck_assert_int_eq(task.calls, 1);
    ck_assert_str_eq(team_count(), "0");
    ck_assert_int_eq(fake_faults.commits, 0);
    ck_assert_int_eq(fake_faults.rollbacks, 1);
}
END_TEST

START_TEST(transaction_is_tried_again_from_its_start)
{
    task_t task = {.wrong_until = _i};

    ck_assert_int_eq(uk_database_transact(db, 3, write_work, &task),
                     _i < 3 ? UK_OK : UK_UNAVAILABLE);
    ck_assert_int_eq(task.calls, _i < 3 ? _i + 1 : 3);
    ck_assert_str_eq(team_count(), _i < 3 ? "1" : "0");
    ck_assert_int_eq(fake_faults.rollbacks, _i < 3 ? _i : 3);
}
END_TEST

/* Ignores that a statement failed. */
static uk_outcome_e careless_work(uk_connection_t *connection, apr_pool_t *pool,
                                  void *baton)
{
    task_t *task = baton;

    task->wrong_until = 1000;
    ck_assert_int_eq(write_work(connection, pool, task), UK_UNAVAILABLE);
    return UK_OK;
}

START_TEST(transaction_with_a_failed_statement_is_not_committed)
{
    task_t task = {0};

    ck_assert_int_eq(uk_database_transact(db, 2, careless_work, &task),
                     UK_UNAVAILABLE);
    ck_assert_str_eq(db->error, "no such table: nowhere");
    ck_assert_str_eq(team_count(), "0");
}
END_TEST

START_TEST(transaction_that_cannot_begin_is_tried_again)
{
    task_t task = {0};

    fake_faults.fail_begins = 2;
    ck_assert_int_eq(uk_database_transact(db, 3, write_work, &task), UK_OK);
    ck_assert_int_eq(task.calls, 1);
    ck_assert_int_eq(fake_faults.begins, 3);
    ck_assert_str_eq(team_count(), "1");
}
END_TEST

START_TEST(transaction_that_never_begins_is_given_up)
{
    task_t task = {0};

    fake_faults.fail_begins = 1000;
    ck_assert_int_eq(uk_database_transact(db, 3, write_work, &task),
                     UK_UNAVAILABLE);
    ck_assert_int_eq(task.calls, 0);
    ck_assert_str_eq(db->error, "made up to fail");
}
END_TEST

START_TEST(nothing_begins_on_a_dead_connection)
{
    task_t task = {0};

    /* Here PostgreSQL's driver would crash. */
    fake_faults.fail_selects = 1;
    fake_faults.broken = 1;
    provider->params = unit_file("other.db");
    ck_assert_int_eq(uk_database_transact(db, 1, write_work, &task),
                     UK_UNAVAILABLE);
    ck_assert_int_eq(fake_faults.begins, 1);
    ck_assert_int_eq(provider->opened, 2);
}
END_TEST

START_TEST(transaction_that_was_left_open_is_ended)
{
    task_t task = {0};

    fake_execute(provider, "BEGIN");
    fake_execute(provider, "INSERT INTO uptime_teams VALUES ('left', 'x', 1)");
    ck_assert_int_eq(uk_database_transact(db, 2, write_work, &task), UK_OK);
    ck_assert_str_eq(team_count(), "1");
    /* This fails inside a transaction. */
    fake_execute(provider, "BEGIN");
}
END_TEST

START_TEST(error_of_a_failed_begin_is_not_that_of_its_rollback)
{
    task_t task = {0};

    fake_execute(provider, "BEGIN");
    ck_assert_int_eq(uk_database_transact(db, 1, write_work, &task),
                     UK_UNAVAILABLE);
    ck_assert_str_eq(db->error,
                     "cannot start a transaction within a transaction");
}
END_TEST

START_TEST(failed_commit_is_not_tried_again)
{
    task_t task = {0};

    fake_faults.fail_commits = 1;
    ck_assert_int_eq(uk_database_transact(db, 3, write_work, &task),
                     UK_UNAVAILABLE);
    ck_assert_int_eq(task.calls, 1);
    ck_assert_str_eq(db->error, "made up to fail");
}
END_TEST

START_TEST(commit_refused_for_a_lock_is_tried_again)
{
    task_t task = {0};

    fake_faults.code = locks[_i];
    fake_faults.fail_commits = 1;
    ck_assert_int_eq(uk_database_transact(db, 3, write_work, &task), UK_OK);
    ck_assert_int_eq(task.calls, 2);
    ck_assert_str_eq(team_count(), "1");
}
END_TEST

/* Make SQLite refuse a commit because of a deferred constraint. The transaction
 * is still open then, as after a commit that readers blocked. */
static void refuse_commits(void)
{
    fake_execute(provider, "PRAGMA foreign_keys=ON");
    fake_execute(provider, "DROP TABLE uptime_teams");
    fake_execute(provider, "CREATE TABLE parents (name TEXT PRIMARY KEY)");
    fake_execute(provider, "CREATE TABLE uptime_teams (id TEXT PRIMARY KEY, "
                           "name TEXT REFERENCES parents DEFERRABLE INITIALLY "
                           "DEFERRED, created_at BIGINT)");
}

START_TEST(failed_commit_leaves_no_transaction_open)
{
    task_t task = {0};

    refuse_commits();
    ck_assert_int_eq(uk_database_transact(db, 3, write_work, &task),
                     UK_UNAVAILABLE);
    ck_assert_int_eq(task.calls, 1);
    ck_assert_str_eq(db->error, "FOREIGN KEY constraint failed");
    ck_assert_str_eq(team_count(), "0");
    fake_execute(provider, "INSERT INTO parents VALUES ('Acme')");
    ck_assert_int_eq(uk_database_transact(db, 1, write_work, &task), UK_OK);
    ck_assert_str_eq(team_count(), "1");
}
END_TEST

static uk_outcome_e execute_work(uk_connection_t *connection, apr_pool_t *pool,
                                 void *baton)
{
    (void)pool;
    return uk_connection_execute(connection, baton) ? UK_UNAVAILABLE : UK_OK;
}

START_TEST(plain_sql_is_executed)
{
    char good[] = "INSERT INTO uptime_teams VALUES ('a', 'b', 1)";
    char bad[] = "INSERT INTO nowhere VALUES (1)";

    ck_assert_int_eq(uk_database_transact(db, 1, execute_work, good), UK_OK);
    ck_assert_str_eq(team_count(), "1");
    ck_assert_int_eq(uk_database_transact(db, 1, execute_work, bad),
                     UK_UNAVAILABLE);
    ck_assert_str_eq(db->error, "no such table: nowhere");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("transact");
    TCase *transact = database_case(suite, "transact");

    tcase_add_test(transact, successful_work_is_committed);
    tcase_add_loop_test(transact, any_other_outcome_is_rolled_back, 1,
                        UNIT_COUNT(outcomes));
    tcase_add_loop_test(transact, transaction_is_tried_again_from_its_start, 0,
                        5);
    tcase_add_test(transact,
                   transaction_with_a_failed_statement_is_not_committed);
    tcase_add_test(transact, transaction_that_cannot_begin_is_tried_again);
    tcase_add_test(transact, transaction_that_never_begins_is_given_up);
    tcase_add_test(transact, nothing_begins_on_a_dead_connection);
    tcase_add_test(transact, transaction_that_was_left_open_is_ended);
    tcase_add_test(transact,
                   error_of_a_failed_begin_is_not_that_of_its_rollback);
    tcase_add_test(transact, failed_commit_is_not_tried_again);
    tcase_add_loop_test(transact, commit_refused_for_a_lock_is_tried_again, 0,
                        UNIT_COUNT(locks));
    tcase_add_test(transact, failed_commit_leaves_no_transaction_open);
    tcase_add_test(transact, plain_sql_is_executed);
    return unit_run(suite);
}
