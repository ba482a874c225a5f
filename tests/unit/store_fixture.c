/* SPDX-License-Identifier: Apache-2.0 */
/* A database with the schema and two teams, for the tests of store/. */
#include "store_fixture.h"

#include <apr_strings.h>
#include <stdarg.h>
#include <string.h>

#include "core/keyid.h"

const uk_actor_t store_actor = {"olga", "192.0.2.7", NOW};

fake_provider_t *store_provider;
uk_database_t *store_db;

void store_make_team(const char *id)
{
    uk_team_t team = {id, "Some team", NOW};

    ck_assert_int_eq(uk_store_team_create(store_db, &store_actor, &team, NULL),
                     UK_OK);
}

static void set_up_store(void)
{
    store_db =
        fake_database_with_schema(unit_pool, ":memory:", &store_provider);
    store_make_team("acme");
    store_make_team("other");
    memset(&fake_faults, 0, sizeof(fake_faults));
}

static void check_releases(void)
{
    ck_assert_int_eq(store_provider->acquired, store_provider->released);
    ck_assert_int_le(store_provider->out_most, 1);
}

const char *store_hash(apr_pool_t *pool, const char *string)
{
    char hash[UK_HASH_LEN + 1];

    uk_secret_hash(string, strlen(string), hash);
    return apr_pstrdup(pool, hash);
}

uk_key_t *store_new_key(apr_pool_t *pool, const char *team, const char *name)
{
    uk_key_t *key = apr_pcalloc(pool, sizeof(*key));
    apr_array_header_t *scopes = apr_array_make(pool, 1, sizeof(char *));
    char id[UK_KEYID_LEN + 1];

    uk_keyid_make(NOW, id);
    APR_ARRAY_PUSH(scopes, const char *) = "alerts:read";
    key->id = apr_pstrdup(pool, id);
    key->team = team;
    key->name = name;
    key->prefix = "uptime_a1b2c3d4";
    key->scopes = scopes;
    return key;
}

uk_outcome_e store_try_create(const char *team, const char *name)
{
    return uk_store_key_create(store_db, &store_actor,
                               store_new_key(unit_pool, team, name),
                               store_hash(unit_pool, name), UK_KEYS_PER_TEAM);
}

uk_key_t *store_create(const char *team, const char *name)
{
    uk_key_t *key = store_new_key(unit_pool, team, name);

    ck_assert_int_eq(uk_store_key_create(store_db, &store_actor, key,
                                         store_hash(unit_pool, name),
                                         UK_KEYS_PER_TEAM),
                     UK_OK);
    return key;
}

uk_outcome_e store_use(uk_database_t *db, const char *id, uk_instant_t at)
{
    apr_array_header_t *uses = apr_array_make(unit_pool, 1, sizeof(uk_use_t));

    APR_ARRAY_PUSH(uses, uk_use_t) = (uk_use_t){id, "uptime_a1b2c3d4", at};
    return uk_store_keys_used(db, uses, MINUTE);
}

const char *store_ask(const char *sql)
{
    return fake_ask(store_provider, sql);
}

uk_key_t *store_find(const char *name)
{
    const char *id =
        store_ask(apr_psprintf(unit_pool,
                               "SELECT id FROM uptime_keys WHERE key_hash = "
                               "'%s'",
                               store_hash(unit_pool, name)));
    uk_key_t *key;

    return id && uk_store_key_by_id(store_db, id, &key) == UK_OK ? key : NULL;
}

void store_execute(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fake_execute(store_provider, apr_pvsprintf(unit_pool, format, args));
    va_end(args);
}

TCase *store_case(Suite *suite, const char *name)
{
    TCase *tcase = unit_case(suite, name);

    tcase_add_checked_fixture(tcase, set_up_store, check_releases);
    return tcase;
}
