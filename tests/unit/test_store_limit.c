/* SPDX-License-Identifier: Apache-2.0 */
/* How many keys a team may have, whatever happens at the same moment. */
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
    /* The limit is the team's. */
    store_create("other", "k");
}
END_TEST

START_TEST(freed_slot_is_used_again)
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
    const char *slots; /* that are taken */
    int limit;
    const char *free; /* that may be filled */
} slot_rows[] = {
    {"", 1, "1"},
    {"", 3, "1,2,3"},
    {"2", 3, "1,3"},
    {"1,2,3", 3, ""},
    {"", 0, ""},
    {"", -7, ""},
    /* Imported over the limit, or made under a higher one. */
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

START_TEST(database_too_knows_that_a_slot_is_taken)
{
    store_create("acme", "k");
    store_execute("INSERT OR IGNORE INTO uptime_keys SELECT 'x', team_id, "
                  "slot, 'x', 'x', 'x', '[]', 1, NULL, NULL, NULL "
                  "FROM uptime_keys");
    ck_assert_str_eq(store_ask("SELECT COUNT(*) FROM uptime_keys"), "1");
}
END_TEST

/* On another server somebody is always a little faster. */
static void overtake(void)
{
    static int count;

    if (++count <= 10) {
        store_execute("INSERT INTO uptime_keys VALUES ('fast %d', "
                      "'acme', %d, 'x', 'hash %d', 'x', '[]', 1, "
                      "NULL, NULL, NULL)",
                      count, count, count);
    }
}

START_TEST(loser_of_every_race_hears_of_the_limit)
{
    fake_faults.on_begin = overtake;
    fake_faults.fail_writes = 1000;
    ck_assert_int_eq(store_try_create("acme", "k"), UK_LIMIT);
    ck_assert_int_eq(fake_faults.begins, 10);
}
END_TEST

/* A faster one took the slot, and gave another one back. */
static void change_places(void)
{
    static int count;

    store_execute("UPDATE uptime_keys SET slot = %d", count++ % 9 + 1);
    fake_faults.fail_writes = count < 3 * UK_DATABASE_ATTEMPTS;
}

START_TEST(loser_of_races_gets_the_slot_that_was_given_back)
{
    store_create("acme", "fast");
    fake_faults.begins = 0;
    fake_faults.on_begin = change_places;
    ck_assert_int_eq(store_try_create("acme", "k"), UK_OK);
    ck_assert_int_eq(fake_faults.begins, 3 * UK_DATABASE_ATTEMPTS);
}
END_TEST

static void change_places_for_ever(void)
{
    change_places();
    fake_faults.fail_writes = 1;
}

START_TEST(races_are_not_lost_for_ever)
{
    store_create("acme", "fast");
    fake_faults.on_begin = change_places_for_ever;
    ck_assert_int_eq(uk_store_key_create(store_db, &store_actor,
                                         store_new_key(unit_pool, "acme", "k"),
                                         store_hash(unit_pool, "k"),
                                         UK_KEYS_PER_TEAM),
                     UK_UNAVAILABLE);
    ck_assert_int_le(fake_faults.begins, 50 * UK_DATABASE_ATTEMPTS);
}
END_TEST

START_TEST(database_that_just_fails_is_not_asked_for_ever)
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

/* A thread with a connection of its own that wants the whole team. */
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

START_TEST(ten_keys_are_made_however_many_want_to)
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
    tcase_add_test(limit, freed_slot_is_used_again);
    tcase_add_test(limit, expired_keys_count);
    tcase_add_loop_test(limit, only_slots_within_the_limit_are_filled, 0,
                        UNIT_COUNT(slot_rows));
    tcase_add_test(limit, database_too_knows_that_a_slot_is_taken);
    tcase_add_test(limit, loser_of_every_race_hears_of_the_limit);
    tcase_add_test(limit, loser_of_races_gets_the_slot_that_was_given_back);
    tcase_add_test(limit, races_are_not_lost_for_ever);
    tcase_add_test(limit, database_that_just_fails_is_not_asked_for_ever);
    tcase_add_test(limit, ten_keys_are_made_however_many_want_to);
    return unit_run(suite);
}
