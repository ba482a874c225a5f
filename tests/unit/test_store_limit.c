/* SPDX-License-Identifier: Apache-2.0 */
/* The limit of keys in a team, also with concurrent creations. */
#include "store_fixture.h"

#include <apr_strings.h>
#include <pthread.h>
#include <string.h>

static uk_key_t *fill_team(int count)
{
    uk_key_t *last = NULL;
    int i;

    for (i = 0; i < count; i++) {
        last = store_create("acme", apr_psprintf(unit_pool, "key %d", i));
    }
    return last;
}

START_TEST(team_has_ten_keys_at_most)
{
    fill_team(10);
    ck_assert_int_eq(store_try_create("acme", "k"), UK_LIMIT);
    ck_assert_str_eq(
        store_ask("SELECT group_concat(slot) FROM (SELECT slot FROM "
                  "uptime_keys ORDER BY slot)"),
        "1,2,3,4,5,6,7,8,9,10");
    /* Each team has its own limit. */
    store_create("other", "k");
}
END_TEST

START_TEST(freed_slot_is_reused)
{
    uk_key_t *last = fill_team(10);

    ck_assert_int_eq(
        uk_store_key_delete(store_db, &store_actor, "acme", last->id), UK_OK);
    store_create("acme", "k");
    ck_assert_int_eq(store_try_create("acme", "more"), UK_LIMIT);
}
END_TEST

START_TEST(expired_keys_count)
{
    fill_team(10);
    store_execute("UPDATE uptime_keys SET expires_at = 1");
    ck_assert_int_eq(store_try_create("acme", "k"), UK_LIMIT);
}
END_TEST

static const struct {
    const char *slots; /* that are in use */
    int limit;
    const char *free; /* that may be used */
} slot_rows[] = {
    {"", 1, "1"},
    {"", 3, "1,2,3"},
    {"2", 3, "1,3"},
    {"1,2,3", 3, ""},
    {"", 0, ""},
    {"", -7, ""},
    /* Imported over the limit, or created under a higher one. */
    {"1,2,3,4", 3, ""},
    {"4,5,6", 3, ""},
    {"1,2,5", 3, ""},
    {"1,5", 3, "2"},
    {"3,5", 3, "1"},
    {"5,6", 3, "1"},
    {"2,3,4,5,6,7,8,10,15", 10, "1"},
    {"1,2,3,4,5,6,7,10,15", 10, "8"},
    {"10000", 3, "1,2"},
};

START_TEST(only_slots_within_the_limit_are_filled)
{
    apr_array_header_t *seen = unit_strings(NULL);
    const char *free = "";
    char *slots = apr_pstrdup(unit_pool, slot_rows[_i].slots), *slot, *state;
    int i, j;

    for (slot = apr_strtok(slots, ",", &state); slot;
         slot = apr_strtok(NULL, ",", &state)) {
        store_create("acme", slot);
        store_execute("UPDATE uptime_keys SET slot = %s + 20000 "
                      "WHERE name = '%s'",
                      slot, slot);
    }
    store_execute("UPDATE uptime_keys SET slot = slot - 20000");
    for (i = 0; i < 40; i++) {
        uk_key_t *key = store_new_key(unit_pool, "acme", "k");

        if (uk_store_key_create(store_db, &store_actor, key,
                                store_hash(unit_pool, "k"), slot_rows[_i].limit)
            == UK_OK) {
            APR_ARRAY_PUSH(seen, const char *) =
                store_ask("SELECT slot FROM uptime_keys WHERE name = 'k'");
            ck_assert_int_eq(
                uk_store_key_delete(store_db, &store_actor, "acme", key->id),
                UK_OK);
        }
    }
    for (i = 1; i <= 10; i++) {
        const char *number = apr_itoa(unit_pool, i);

        for (j = 0; j < seen->nelts; j++) {
            if (strcmp(APR_ARRAY_IDX(seen, j, const char *), number) == 0) {
                free = apr_pstrcat(unit_pool, free, *free ? "," : "", number,
                                   NULL);
                break;
            }
        }
    }
    ck_assert_str_eq(free, slot_rows[_i].free);
}
END_TEST

START_TEST(database_refuses_a_slot_that_is_in_use)
{
    store_create("acme", "k");
    store_execute("INSERT OR IGNORE INTO uptime_keys (id, team_id, slot, name, "
                  "key_hash, key_prefix, scopes, created_at) SELECT 'x', "
                  "team_id, slot, 'x', 'x', 'x', '[]', 1 FROM uptime_keys");
    ck_assert_str_eq(store_ask("SELECT COUNT(*) FROM uptime_keys"), "1");
}
END_TEST

/* Another server is always a little faster. */
static void take_slot_first(void)
{
    static int count;

    if (++count <= 10) {
        store_execute("INSERT INTO uptime_keys (id, team_id, slot, name, "
                      "key_hash, key_prefix, scopes, created_at) VALUES "
                      "('fast %d', 'acme', %d, 'x', 'hash %d', 'x', '[]', 1)",
                      count, count, count);
    }
}

START_TEST(losing_every_race_ends_at_the_limit)
{
    fake_faults.on_begin = take_slot_first;
    fake_faults.fail_writes = 1000;
    ck_assert_int_eq(store_try_create("acme", "k"), UK_LIMIT);
    ck_assert_int_eq(fake_faults.begins, 10);
}
END_TEST

/* Another server has taken the slot, and freed one. */
static void move_to_other_slot(void)
{
    static int count;

    store_execute("UPDATE uptime_keys SET slot = %d", count++ % 9 + 1);
    fake_faults.fail_writes = count < 3 * UK_DATABASE_ATTEMPTS;
}

START_TEST(losing_races_ends_with_a_slot_that_was_freed)
{
    store_create("acme", "fast");
    fake_faults.begins = 0;
    fake_faults.on_begin = move_to_other_slot;
    ck_assert_int_eq(store_try_create("acme", "k"), UK_OK);
    ck_assert_int_eq(fake_faults.begins, 3 * UK_DATABASE_ATTEMPTS);
}
END_TEST

static void move_to_other_slot_for_ever(void)
{
    move_to_other_slot();
    fake_faults.fail_writes = 1;
}

START_TEST(races_are_not_lost_for_ever)
{
    store_create("acme", "fast");
    fake_faults.on_begin = move_to_other_slot_for_ever;
    ck_assert_int_eq(uk_store_key_create(store_db, &store_actor,
                                         store_new_key(unit_pool, "acme", "k"),
                                         store_hash(unit_pool, "k"),
                                         UK_KEYS_PER_TEAM),
                     UK_UNAVAILABLE);
    ck_assert_int_le(fake_faults.begins, 50 * UK_DATABASE_ATTEMPTS);
}
END_TEST

START_TEST(failing_database_is_not_asked_for_ever)
{
    fake_faults.fail_writes = 1000;
    ck_assert_int_eq(uk_store_key_create(store_db, &store_actor,
                                         store_new_key(unit_pool, "acme", "k"),
                                         store_hash(unit_pool, "k"),
                                         UK_KEYS_PER_TEAM_MAX),
                     UK_UNAVAILABLE);
    ck_assert_int_eq(fake_faults.begins, UK_DATABASE_ATTEMPTS);
}
END_TEST

#define CREATORS 8

typedef struct {
    const char *file;
    int number;
    int outcomes[UK_UNAVAILABLE + 1];
} creator_t;

/* A thread with its own connection, which tries to use all slots of the
 * team. */
static void *create_many(void *data)
{
    creator_t *creator = data;
    fake_provider_t *provider;
    apr_pool_t *pool;
    uk_database_t *own;
    int i;

    apr_pool_create(&pool, NULL);
    own = fake_database(pool, creator->file, &provider);
    provider->is_plain = 1;
    for (i = 0; i < UK_KEYS_PER_TEAM; i++) {
        const char *name = apr_psprintf(pool, "%d of %d", i, creator->number);
        uk_outcome_e outcome = uk_store_key_create(
            own, &store_actor, store_new_key(pool, "acme", name),
            store_hash(pool, name), UK_KEYS_PER_TEAM);

        creator->outcomes[outcome]++;
    }
    apr_pool_destroy(pool);
    return NULL;
}

START_TEST(concurrent_creations_keep_to_the_limit)
{
    const char *file = unit_file("race.db");
    creator_t creators[CREATORS];
    pthread_t threads[CREATORS];
    int i, ok = 0, limit = 0;

    store_db = fake_database_with_schema(unit_pool, file, &store_provider);
    store_make_team("acme");
    for (i = 0; i < CREATORS; i++) {
        creators[i] = (creator_t){file, i, {0}};
        ck_assert_int_eq(
            pthread_create(&threads[i], NULL, create_many, &creators[i]), 0);
    }
    for (i = 0; i < CREATORS; i++) {
        pthread_join(threads[i], NULL);
        ok += creators[i].outcomes[UK_OK];
        limit += creators[i].outcomes[UK_LIMIT];
    }
    ck_assert_int_eq(ok, UK_KEYS_PER_TEAM);
    ck_assert_int_eq(limit, CREATORS * UK_KEYS_PER_TEAM - UK_KEYS_PER_TEAM);
    ck_assert_str_eq(store_ask("SELECT COUNT(*) FROM uptime_keys"), "10");
    ck_assert_str_eq(store_ask("SELECT COUNT(*) FROM uptime_audit "
                               "WHERE action = 'key.create'"),
                     "10");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("store_limit");
    TCase *limit = store_case(suite, "limit");

    tcase_add_test(limit, team_has_ten_keys_at_most);
    tcase_add_test(limit, freed_slot_is_reused);
    tcase_add_test(limit, expired_keys_count);
    tcase_add_loop_test(limit, only_slots_within_the_limit_are_filled, 0,
                        UNIT_COUNT(slot_rows));
    tcase_add_test(limit, database_refuses_a_slot_that_is_in_use);
    tcase_add_test(limit, losing_every_race_ends_at_the_limit);
    tcase_add_test(limit, losing_races_ends_with_a_slot_that_was_freed);
    tcase_add_test(limit, races_are_not_lost_for_ever);
    tcase_add_test(limit, failing_database_is_not_asked_for_ever);
    tcase_add_test(limit, concurrent_creations_keep_to_the_limit);
    return unit_run(suite);
}
