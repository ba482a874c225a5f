/* SPDX-License-Identifier: Apache-2.0 */
/* A database with the table of teams, for the tests of db/. */
#include "database_fixture.h"

fake_provider_t *provider;
uk_database_t *db;

static void set_up_database(void)
{
    memset(&fake_faults, 0, sizeof(fake_faults));
    db = fake_database(unit_pool, ":memory:", &provider);
    fake_execute(provider, CREATE_TEAMS);
}

/* Each connection has been released, and only one was acquired at a time. */
static void check_releases(void)
{
    ck_assert_int_eq(provider->acquired, provider->released);
    ck_assert_int_eq(provider->out, 0);
    ck_assert_int_le(provider->out_most, 1);
}

TCase *database_case(Suite *suite, const char *name)
{
    TCase *tcase = unit_case(suite, name);

    tcase_add_checked_fixture(tcase, set_up_database, check_releases);
    return tcase;
}

static const uk_statement_t broken = {"SELECT name FROM nowhere", 0, 1};

uk_outcome_e read_work(uk_connection_t *connection, apr_pool_t *pool,
                       void *baton)
{
    task_t *task = baton;
    int wrong = ++task->calls <= task->wrong_until;

    ck_assert_ptr_eq(pool, db->pool);
    if (uk_connection_select(connection, pool, wrong ? &broken : SELECT_TEAMS,
                             NULL, &task->rows)) {
        if (task->between && task->calls == 1) {
            fake_execute(provider, task->between);
        }
        return UK_UNAVAILABLE;
    }
    return task->outcome;
}

uk_outcome_e write_work(uk_connection_t *connection, apr_pool_t *pool,
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

const char *team_count(void)
{
    return fake_ask(provider, "SELECT COUNT(*) FROM uptime_teams");
}
