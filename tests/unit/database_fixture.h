/* SPDX-License-Identifier: Apache-2.0 */
/* A database with a table of teams, for the tests of work on connections. */
#ifndef UK_TESTS_DATABASE_FIXTURE_H
#define UK_TESTS_DATABASE_FIXTURE_H

#include <apr_strings.h>
#include <string.h>

#include "db/database.h"
#include "db/driver.h"
#include "store/sql.h"
#include "fake.h"
#include "unit.h"

/* The statements of the product are the ones that are forgotten after a
 * failure, so these work on its tables. */
#define INSERT_TEAM (&uk_sql[UK_SQL_TEAM_INSERT])
#define SELECT_TEAMS (&uk_sql[UK_SQL_TEAMS])
#define CREATE_TEAMS                                                           \
    "CREATE TABLE uptime_teams (id TEXT PRIMARY KEY, name TEXT, "              \
    "created_at BIGINT)"

/* Of the test that runs. */
extern fake_provider_t *provider;
extern uk_database_t *db;

static const uk_outcome_e outcomes[] = {UK_OK, UK_NOT_FOUND, UK_EXISTS,
                                        UK_LIMIT};

/* SQLITE_BUSY and SQLITE_LOCKED. */
static const int locks[] = {5, 6};

typedef struct {
    int calls;
    int wrong_until;      /* so many calls use a broken statement */
    uk_outcome_e outcome; /* what it returns in the end */
    const char *between;  /* SQL that somebody runs after the first */
    apr_array_header_t *rows;
} task_t;

/** Select all teams. @param baton a task_t */
uk_work_t read_work;

/** Insert a team, then the same. */
uk_work_t write_work;

const char *team_count(void);

/** A group of tests with such a database each; whatever a test does, each
 *  connection must have gone out alone and come back. */
TCase *database_case(Suite *suite, const char *name);

#endif
