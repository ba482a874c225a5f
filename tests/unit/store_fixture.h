/* SPDX-License-Identifier: Apache-2.0 */
/* A store with two teams, for the tests of what is in it. */
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

/* Of the test that runs: a database with the teams acme and other. */
extern fake_provider_t *store_provider;
extern uk_database_t *store_db;

/** A group of tests with such a database each; afterwards every connection must
 *  have been given back, and have been the only one. */
TCase *store_case(Suite *suite, const char *name);

void store_make_team(const char *id);

/** The hash of a text. */
const char *store_hash(apr_pool_t *pool, const char *text);

/** A key to be created, with an id. */
uk_key_t *store_new_key(apr_pool_t *pool, const char *team, const char *name);

/** Create a key whose hash is that of its name. */
uk_outcome_e store_try_create(const char *team, const char *name);

/** The same, and it succeeds. */
uk_key_t *store_create(const char *team, const char *name);

/** Find a key by its name's hash; NULL if it is not there. */
uk_key_t *store_find(const char *name);

/** Note the use of one key. */
uk_outcome_e store_use(uk_database_t *db, const char *id, uk_instant_t at);

/** fake_ask() on the store. */
const char *store_ask(const char *sql);

/** fake_execute() on the store. */
void store_execute(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

#endif
