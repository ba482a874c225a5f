/* SPDX-License-Identifier: Apache-2.0 */
/* Work on connections that fail. */
#include "unit.h"

#include <apr_strings.h>
#include <string.h>

#include "core/database.h"
#include "core/driver.h"
#include "core/store_sql.h"
#include "fake.h"

/* The statements of the product are the ones that are forgotten after a
 * failure, so these work on its tables. */
#define INSERT_TEAM (&uk_sql[UK_SQL_TEAM_INSERT])
#define SELECT_TEAMS (&uk_sql[UK_SQL_TEAMS])
#define CREATE_TEAMS                                                          \
    "CREATE TABLE uptime_teams (id TEXT PRIMARY KEY, name TEXT, "             \
    "created_at BIGINT)"

static fake_lender_t *lender;
static uk_database_t *db;

static void set_up_database(void)
{
    memset(&fake_faults, 0, sizeof(fake_faults));
    db = fake_database(unit_pool, ":memory:", &lender);
    fake_execute(lender, CREATE_TEAMS);
}

/* Whatever a test did, each connection went out alone and came back. */
static void check_loans(void)
{
    ck_assert_int_eq(lender->borrowed, lender->given_back);
    ck_assert_int_eq(lender->out, 0);
    ck_assert_int_le(lender->out_most, 1);
}

typedef struct {
    int calls;
    int wrong_until;            /* so many calls use a broken statement */
    uk_outcome_e outcome;       /* what it returns in the end */
    const char *between;        /* SQL that somebody runs after the first */
    apr_array_header_t *rows;
} task_t;

static const uk_statement_t broken = {
    "uk_broken", "SELECT name FROM nowhere", 0, 1};

static uk_outcome_e read_work(uk_connection_t *connection, apr_pool_t *pool,
                              void *baton)
{
    task_t *task = baton;
    int wrong = ++task->calls <= task->wrong_until;

    ck_assert_ptr_eq(pool, db->pool);
    if (uk_connection_select(connection, pool,
                             wrong ? &broken : SELECT_TEAMS, NULL,
                             &task->rows)) {
        if (task->between && task->calls == 1) {
            fake_execute(lender, task->between);
        }
        return UK_UNAVAILABLE;
    }
    return task->outcome;
}

static uk_outcome_e write_work(uk_connection_t *connection, apr_pool_t *pool,
                               void *baton)
{
    task_t *task = baton;
    int changed;

    if (uk_connection_write(connection, pool, INSERT_TEAM,
                            (const char *[]){"acme", "Acme", "1"}, &changed)) {
        task->calls++;
        return UK_UNAVAILABLE;
    }
    ck_assert_int_eq(changed, 1);
    return read_work(connection, pool, baton);
}

static const char *team_count(void)
{
    return fake_ask(lender, "SELECT COUNT(*) FROM uptime_teams");
}

static const uk_outcome_e outcomes[] = {UK_OK, UK_NOT_FOUND, UK_EXISTS,
                                        UK_LIMIT};

START_TEST(answer_is_given_at_once)
{
    task_t task = {.outcome = outcomes[_i]};

    ck_assert_int_eq(uk_database_run(db, read_work, &task), outcomes[_i]);
    ck_assert_int_eq(task.calls, 1);
    ck_assert_int_eq(lender->borrowed, 1);
    ck_assert_ptr_null(db->error);
}
END_TEST

START_TEST(stale_loans_are_tried_again)
{
    static const int stale[] = {0, 1, UK_DATABASE_ATTEMPTS,
                                UK_DATABASE_STALE_MAX - 1};
    task_t task = {0};

    lender->stale = stale[_i];
    ck_assert_int_eq(uk_database_run(db, read_work, &task), UK_OK);
    ck_assert_int_eq(task.calls, 1);
    ck_assert_ptr_null(db->error);
}
END_TEST

START_TEST(stale_loans_are_not_tried_for_ever)
{
    task_t task = {0};

    lender->stale = UK_DATABASE_STALE_MAX;
    ck_assert_int_eq(uk_database_run(db, read_work, &task), UK_UNAVAILABLE);
    ck_assert_int_eq(task.calls, 0);
    ck_assert_str_eq(db->error, "no connection to the database");
}
END_TEST

START_TEST(no_connection_is_not_asked_for_again)
{
    task_t task = {0};

    lender->away = 1;
    ck_assert_int_eq(uk_database_run(db, read_work, &task), UK_UNAVAILABLE);
    ck_assert_int_eq(task.calls, 0);
    ck_assert_str_eq(db->error, "no connection to the database");
}
END_TEST

START_TEST(lender_s_reason_is_carried)
{
    task_t task = {0};

    lender->away = 1;
    lender->away_error = "unable to open database file";
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
    ck_assert_int_eq(task.calls, _i < UK_DATABASE_ATTEMPTS
                                     ? _i + 1
                                     : UK_DATABASE_ATTEMPTS);
    ck_assert_pstr_eq(db->error, _i < UK_DATABASE_ATTEMPTS
                                     ? NULL
                                     : "no such table: nowhere");
    /* The connection was healed each time, never another one borrowed. */
    ck_assert_int_eq(lender->borrowed, 1);
    ck_assert_int_eq(fake_faults.checks, task.calls - (task.calls > _i));
}
END_TEST

START_TEST(table_made_in_between_is_found)
{
    task_t task = {.between = CREATE_TEAMS};

    fake_execute(lender, "DROP TABLE uptime_teams");
    ck_assert_int_eq(uk_database_run(db, read_work, &task), UK_OK);
    ck_assert_int_eq(task.calls, 2);
}
END_TEST

START_TEST(statement_of_an_older_schema_is_prepared_again)
{
    task_t task = {0};

    ck_assert_int_eq(uk_database_run(db, read_work, &task), UK_OK);
    fake_execute(lender, "ALTER TABLE uptime_teams ADD COLUMN plan TEXT");
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
    ck_assert_int_eq(lender->opened, 1);
}
END_TEST

START_TEST(broken_connection_is_replaced)
{
    task_t task = {.wrong_until = 1};

    lender->params = unit_file("other.db");
    fake_faults.broken = 1;
    ck_assert_int_eq(uk_database_run(db, read_work, &task), UK_UNAVAILABLE);
    /* The next one has no tables, but it is another one. */
    ck_assert_str_eq(db->error, "no such table: uptime_teams");
    ck_assert_int_eq(lender->borrowed, 2);
    ck_assert_int_eq(lender->opened, 2);
}
END_TEST

START_TEST(connections_that_break_all_the_time_are_given_up)
{
    task_t task = {.wrong_until = 1000};

    fake_faults.broken = 1000;
    ck_assert_int_eq(uk_database_run(db, read_work, &task), UK_UNAVAILABLE);
    ck_assert_int_eq(task.calls, UK_DATABASE_STALE_MAX);
    ck_assert_int_eq(lender->borrowed, UK_DATABASE_STALE_MAX);
}
END_TEST

/* Fails, and takes longer than the caller wants to wait. */
static uk_outcome_e slow_work(uk_connection_t *connection, apr_pool_t *pool,
                              void *baton)
{
    task_t *task = baton;

    apr_sleep(db->patience + 1);
    task->wrong_until = 1000;
    return read_work(connection, pool, baton);
}

START_TEST(nothing_is_tried_again_when_patience_is_over)
{
    task_t task = {0};

    db->patience = apr_time_from_msec(20);
    ck_assert_int_eq(uk_database_run(db, slow_work, &task), UK_UNAVAILABLE);
    ck_assert_int_eq(task.calls, 1);
    ck_assert_int_eq(uk_database_transact(db, 3, slow_work, &task),
                     UK_UNAVAILABLE);
    ck_assert_int_eq(task.calls, 2);
    ck_assert_str_eq(db->error, "no such table: nowhere");
}
END_TEST

/* SQLITE_BUSY and SQLITE_LOCKED. */
static const int locks[] = {5, 6};

START_TEST(lock_is_no_attempt_while_patience_lasts)
{
    task_t task = {0};

    db->patience = apr_time_from_sec(10);
    fake_faults.code = locks[_i];
    fake_faults.fail_selects = UK_DATABASE_ATTEMPTS;
    ck_assert_int_eq(uk_database_run(db, read_work, &task), UK_OK);
    ck_assert_int_eq(task.calls, UK_DATABASE_ATTEMPTS + 1);
}
END_TEST

START_TEST(lock_is_an_attempt_where_there_is_no_hurry)
{
    task_t task = {0};

    fake_faults.code = locks[_i];
    fake_faults.fail_selects = UK_DATABASE_ATTEMPTS;
    ck_assert_int_eq(uk_database_run(db, read_work, &task), UK_UNAVAILABLE);
    ck_assert_int_eq(task.calls, UK_DATABASE_ATTEMPTS);
}
END_TEST

START_TEST(error_text_outlives_the_driver_s)
{
    task_t task = {0};

    fake_faults.fail_selects = 1000;
    fake_faults.error = "FATAL:  gone\nDETAIL:\t\x1b[31mred\r\n";
    ck_assert_int_eq(uk_database_run(db, read_work, &task), UK_UNAVAILABLE);
    ck_assert_str_eq(db->error, "FATAL:  gone DETAIL:  [31mred  ");
    fake_disconnect(lender);
    ck_assert_str_eq(db->error, "FATAL:  gone DETAIL:  [31mred  ");
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
    fake_execute(lender, "ALTER TABLE uptime_teams ADD COLUMN plan TEXT");
    ck_assert_int_eq(uk_database_run(db, read_work, &task), UK_UNAVAILABLE);
    ck_assert_str_eq(db->error, "made up to fail");
}
END_TEST

/* SQLite's driver keeps what was prepared until its connection ends; others
 * free it with its pool. */
START_TEST(failing_for_ever_takes_no_memory_for_ever)
{
    int is_sqlite = _i, i;

    fake_faults.is_odbc = !is_sqlite;
    fake_disconnect(lender);
    fake_execute(lender, CREATE_TEAMS);
    for (i = 0; i < 100; i++) {
        task_t task = {0};

        /* The first half cannot be prepared, the other half cannot be run. */
        *(i < 50 ? &fake_faults.fail_prepares : &fake_faults.fail_selects) =
            UK_DATABASE_ATTEMPTS;
        ck_assert_int_eq(uk_database_run(db, read_work, &task),
                         UK_UNAVAILABLE);
        ck_assert_int_eq(fake_faults.kept, is_sqlite && i >= 50);
    }
    ck_assert_int_eq(fake_faults.prepares,
                     is_sqlite ? 50 * UK_DATABASE_ATTEMPTS + 1
                               : 100 * UK_DATABASE_ATTEMPTS);
}
END_TEST

START_TEST(work_in_order_is_committed)
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

START_TEST(transaction_is_done_again_from_its_start)
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
static uk_outcome_e careless_work(uk_connection_t *connection,
                                  apr_pool_t *pool, void *baton)
{
    task_t *task = baton;

    task->wrong_until = 1000;
    ck_assert_int_eq(write_work(connection, pool, task), UK_UNAVAILABLE);
    return UK_OK;
}

START_TEST(transaction_with_a_failed_statement_is_not_done)
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

    /* PostgreSQL's driver would crash. */
    fake_faults.fail_selects = 1;
    fake_faults.broken = 1;
    lender->params = unit_file("other.db");
    ck_assert_int_eq(uk_database_transact(db, 1, write_work, &task),
                     UK_UNAVAILABLE);
    ck_assert_int_eq(fake_faults.begins, 1);
    ck_assert_int_eq(lender->opened, 2);
}
END_TEST

START_TEST(transaction_that_somebody_left_open_is_ended)
{
    task_t task = {0};

    fake_execute(lender, "BEGIN");
    fake_execute(lender, "INSERT INTO uptime_teams VALUES ('left', 'x', 1)");
    ck_assert_int_eq(uk_database_transact(db, 2, write_work, &task), UK_OK);
    ck_assert_str_eq(team_count(), "1");
    /* Not inside of anything. */
    fake_execute(lender, "BEGIN");
}
END_TEST

START_TEST(error_of_a_failed_begin_is_not_that_of_its_rollback)
{
    task_t task = {0};

    fake_execute(lender, "BEGIN");
    ck_assert_int_eq(uk_database_transact(db, 1, write_work, &task),
                     UK_UNAVAILABLE);
    ck_assert_str_eq(db->error,
                     "cannot start a transaction within a transaction");
}
END_TEST

START_TEST(failed_commit_is_not_done_again)
{
    task_t task = {0};

    fake_faults.fail_commits = 1;
    ck_assert_int_eq(uk_database_transact(db, 3, write_work, &task),
                     UK_UNAVAILABLE);
    ck_assert_int_eq(task.calls, 1);
    ck_assert_str_eq(db->error, "made up to fail");
}
END_TEST

START_TEST(commit_refused_for_a_lock_is_done_again)
{
    task_t task = {0};

    fake_faults.code = locks[_i];
    fake_faults.fail_commits = 1;
    ck_assert_int_eq(uk_database_transact(db, 3, write_work, &task), UK_OK);
    ck_assert_int_eq(task.calls, 2);
    ck_assert_str_eq(team_count(), "1");
}
END_TEST

/* A commit that SQLite refuses, because of a constraint that it looks at only
 * then; the transaction is still open, as after one that readers blocked. */
static void refuse_commits(void)
{
    fake_execute(lender, "PRAGMA foreign_keys=ON");
    fake_execute(lender, "DROP TABLE uptime_teams");
    fake_execute(lender, "CREATE TABLE parents (name TEXT PRIMARY KEY)");
    fake_execute(lender, "CREATE TABLE uptime_teams (id TEXT PRIMARY KEY, "
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
    fake_execute(lender, "INSERT INTO parents VALUES ('Acme')");
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

/* 0: SQLite's way; 1: NULL as an empty text; 2: ODBC's way of reading. */
START_TEST(rows_are_copied_in_order_with_their_nulls)
{
    static const char *const want[] = {
        "a,x,1;b,NULL,2;c,,NULL;", "a,x,1;b,,2;c,,;",
        "a,x,1;b,NULL,2;c,,NULL;"};
    task_t task = {0};

    fake_faults.nulls_are_empty = _i == 1;
    fake_faults.is_odbc = _i == 2;
    fake_disconnect(lender);
    fake_execute(lender, CREATE_TEAMS);
    fake_execute(lender, "INSERT INTO uptime_teams VALUES "
                         "('c', '', NULL), ('a', 'x', 1), ('b', NULL, 2)");
    ck_assert_int_eq(uk_database_run(db, read_work, &task), UK_OK);
    fake_disconnect(lender);
    ck_assert_str_eq(rows_as_text(task.rows, 3), want[_i]);
}
END_TEST

START_TEST(rows_that_end_in_an_error_are_no_answer)
{
    task_t task = {0};

    fake_faults.is_odbc = 1;
    fake_disconnect(lender);
    fake_execute(lender, CREATE_TEAMS);
    ck_assert_int_eq(uk_database_run(db, read_work, &task), UK_OK);
    fake_faults.odbc_says = "SQLFetch returned SQL_ERROR (-1)";
    ck_assert_int_eq(uk_database_run(db, read_work, &task), UK_UNAVAILABLE);
    ck_assert_str_eq(db->error, fake_faults.odbc_says);
}
END_TEST

START_TEST(row_with_a_column_that_cannot_be_read_is_no_answer)
{
    task_t task = {0};

    fake_execute(lender, "INSERT INTO uptime_teams VALUES ('a', 'x', 1)");
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

    ck_assert_int_eq(db->lender->borrow(lender, unit_pool, &connection), 0);
    connection.borrower = unit_pool;
    connection.traits = uk_driver_of(connection.driver);
    ck_assert_int_eq(
        uk_connection_write(&connection, unit_pool, INSERT_TEAM,
                            (const char *[]){hostile, NULL, "1"}, &changed),
        0);
    ck_assert_int_eq(
        uk_connection_select(&connection, unit_pool,
                             &uk_sql[UK_SQL_TEAM_BY_ID],
                             (const char *[]){hostile}, &rows),
        0);
    db->lender->give_back(lender, &connection);
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
    /* A name for SQL's PREPARE that no other user of the connection has. */
    ck_assert_int_eq(strncmp(statement->label, "uk_", 3), 0);
    ck_assert_uint_eq(strspn(statement->label,
                             "abcdefghijklmnopqrstuvwxyz0123456789_"),
                      strlen(statement->label));
}
END_TEST

START_TEST(statements_have_labels_of_their_own)
{
    int i, j;

    for (i = 0; i < UK_SQL_COUNT; i++) {
        for (j = 0; j < i; j++) {
            ck_assert_str_ne(uk_sql[i].label, uk_sql[j].label);
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("database");
    TCase *run = unit_case(suite, "run");
    TCase *transact = unit_case(suite, "transact");
    TCase *rows = unit_case(suite, "rows");

    tcase_add_checked_fixture(run, set_up_database, check_loans);
    tcase_add_checked_fixture(transact, set_up_database, check_loans);
    tcase_add_checked_fixture(rows, set_up_database, check_loans);
    tcase_add_loop_test(run, answer_is_given_at_once, 0, UNIT_COUNT(outcomes));
    tcase_add_loop_test(run, stale_loans_are_tried_again, 0, 4);
    tcase_add_test(run, stale_loans_are_not_tried_for_ever);
    tcase_add_test(run, no_connection_is_not_asked_for_again);
    tcase_add_test(run, lender_s_reason_is_carried);
    tcase_add_loop_test(run, failed_statement_is_tried_again, 0, 7);
    tcase_add_test(run, table_made_in_between_is_found);
    tcase_add_test(run, statement_of_an_older_schema_is_prepared_again);
    tcase_add_test(run, statement_is_prepared_once);
    tcase_add_test(run, broken_connection_is_replaced);
    tcase_add_test(run, connections_that_break_all_the_time_are_given_up);
    tcase_add_test(run, nothing_is_tried_again_when_patience_is_over);
    tcase_add_loop_test(run, lock_is_no_attempt_while_patience_lasts, 0,
                        UNIT_COUNT(locks));
    tcase_add_loop_test(run, lock_is_an_attempt_where_there_is_no_hurry, 0,
                        UNIT_COUNT(locks));
    tcase_add_test(run, error_text_outlives_the_driver_s);
    tcase_add_test(run, failure_without_a_reason_says_so);
    tcase_add_test(run, failed_prepare_is_a_failure);
    tcase_add_loop_test(run, failing_for_ever_takes_no_memory_for_ever, 0, 2);
    tcase_add_test(transact, work_in_order_is_committed);
    tcase_add_loop_test(transact, any_other_outcome_is_rolled_back, 1,
                        UNIT_COUNT(outcomes));
    tcase_add_loop_test(transact, transaction_is_done_again_from_its_start, 0,
                        5);
    tcase_add_test(transact, transaction_with_a_failed_statement_is_not_done);
    tcase_add_test(transact, transaction_that_cannot_begin_is_tried_again);
    tcase_add_test(transact, transaction_that_never_begins_is_given_up);
    tcase_add_test(transact, nothing_begins_on_a_dead_connection);
    tcase_add_test(transact, transaction_that_somebody_left_open_is_ended);
    tcase_add_test(transact,
                   error_of_a_failed_begin_is_not_that_of_its_rollback);
    tcase_add_test(transact, failed_commit_is_not_done_again);
    tcase_add_loop_test(transact, commit_refused_for_a_lock_is_done_again, 0,
                        UNIT_COUNT(locks));
    tcase_add_test(transact, failed_commit_leaves_no_transaction_open);
    tcase_add_test(transact, plain_sql_is_executed);
    tcase_add_loop_test(rows, rows_are_copied_in_order_with_their_nulls, 0, 3);
    tcase_add_test(rows, rows_that_end_in_an_error_are_no_answer);
    tcase_add_test(rows, row_with_a_column_that_cannot_be_read_is_no_answer);
    tcase_add_test(rows, arguments_are_values_and_never_sql);
    tcase_add_loop_test(rows, statement_knows_its_arguments_and_columns, 0,
                        UK_SQL_COUNT);
    tcase_add_test(rows, statements_have_labels_of_their_own);
    return unit_run(suite);
}
