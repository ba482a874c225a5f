/* SPDX-License-Identifier: Apache-2.0 */
/* A database with the table of teams, for the tests of db/. */
#ifndef UK_TESTS_DATABASE_FIXTURE_H
#define UK_TESTS_DATABASE_FIXTURE_H

#include <apr_strings.h>
#include <string.h>

#include "db/database.h"
#include "db/driver.h"
#include "store/sql.h"
#include "fake.h"
#include "unit.h"

/* The tests use statements of store/sql.c, and a table of that name. */
#define INSERT_TEAM (&uk_sql[UK_SQL_TEAM_INSERT])
#define SELECT_TEAMS (&uk_sql[UK_SQL_TEAMS])
#define CREATE_TEAMS                                                           \
    "CREATE TABLE uptime_teams (id TEXT PRIMARY KEY, name TEXT, "              \
    "created_at BIGINT)"

/* Of the current test. */
extern fake_provider_t *provider;
extern uk_database_t *db;

static const uk_outcome_e outcomes[] = {UK_OK, UK_NOT_FOUND, UK_EXISTS,
                                        UK_LIMIT};

/* SQLITE_BUSY and SQLITE_LOCKED. */
static const int locks[] = {5, 6};

typedef struct {
    int calls;
    int wrong_until;          /* this many calls use a broken statement */
    uk_outcome_e outcome;     /* what the work returns if no statement fails */
    const char *between;      /* SQL to run after the first call has failed */
    apr_array_header_t *rows; /* receives the teams */
} task_t;

/** Select all teams. @param baton a task_t */
uk_work_t read_work;

/** Insert a team, then call read_work(). @param baton a task_t */
uk_work_t write_work;

/** @return the number of teams, as a string */
const char *team_count(void);

/** Create a group of tests, each with such a database. Afterwards each
 *  connection must have been released, and only one acquired at a time. */
TCase *database_case(Suite *suite, const char *name);

#endif
