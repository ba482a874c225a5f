/* SPDX-License-Identifier: Apache-2.0 */
/* A database with the schema and two teams, for the tests of store/. */
#ifndef UK_TESTS_STORE_FIXTURE_H
#define UK_TESTS_STORE_FIXTURE_H

#include "store/keys.h"
#include "store/principals.h"
#include "store/servers.h"
#include "store/teams.h"
#include "fake.h"
#include "unit.h"

/* 2026-11-23T06:15:00Z */
#define NOW APR_INT64_C(1795414500000)
#define MINUTE 60000

/* "olga", from "192.0.2.7", at NOW. */
extern const uk_actor_t store_actor;

/* Of the current test: a database with the teams acme and other. */
extern fake_provider_t *store_provider;
extern uk_database_t *store_db;

/** Create a group of tests, each with such a database. Afterwards each
 *  connection must have been released, and only one acquired at a time. */
TCase *store_case(Suite *suite, const char *name);

/** Create a team without an owner. */
void store_make_team(const char *id);

/** @return uk_secret_hash() of a string, in the pool */
const char *store_hash(apr_pool_t *pool, const char *string);

/** @return the record of a key with a new id, not stored yet */
uk_key_t *store_new_key(apr_pool_t *pool, const char *team, const char *name);

/** Create a key whose hash is that of its name. */
uk_outcome_e store_try_create(const char *team, const char *name);

/** The same, but a failure fails the test. */
uk_key_t *store_create(const char *team, const char *name);

/** @return the key whose hash is that of its name; NULL if there is none */
uk_key_t *store_find(const char *name);

/** Record the use of one key. */
uk_outcome_e store_use(uk_database_t *db, const char *id, uk_instant_t at);

/** fake_ask() with store_provider. */
const char *store_ask(const char *sql);

/** fake_execute() with store_provider, and a format. */
void store_execute(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

#endif
