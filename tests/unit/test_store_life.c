/* SPDX-License-Identifier: Apache-2.0 */
/* Rotating, changing and ending keys in a real SQLite database. */
#include "store_fixture.h"

#include <string.h>

#include "core/token.h"
#include "store/change.h"
#include "store/leak.h"
#include "store/rotate.h"
#include "store/verify.h"

static uk_rotated_t rotated;
static char token[UK_TOKEN_LEN + 1];

static uk_outcome_e rotate_at(uk_instant_t now, const uk_rotation_t *rotation)
{
    const uk_actor_t actor = {"olga", "192.0.2.7", now};

    return uk_rotate_key(store_db, &actor, &uk_own_cache_none, rotation,
                         &rotated, token);
}

static const char *rotate(const uk_key_t *key, uk_instant_t now, int overlap)
{
    const uk_rotation_t rotation = {.id = key->id, .overlap = overlap};
    char *copy = apr_palloc(unit_pool, sizeof(token));

    ck_assert_int_eq(rotate_at(now, &rotation), UK_OK);
    return memcpy(copy, token, sizeof(token));
}

static uk_verdict_e verify_at(const char *secret, uk_instant_t now,
                              uk_principal_t **principal)
{
    const uk_rules_t rules = {.catalogue = uk_catalogue_create(unit_pool),
                              .require_checksum = 1,
                              .now = now};

    return uk_verify(store_db, secret, strlen(secret), &rules, principal);
}

static uk_verdict_e verdict_at(const char *secret, uk_instant_t now)
{
    uk_principal_t *principal;

    return verify_at(secret, now, &principal);
}

static uk_key_t *read_key(const char *id)
{
    uk_key_t *key;

    ck_assert_int_eq(uk_store_key_by_id(store_db, id, &key), UK_OK);
    return key;
}

START_TEST(old_secret_goes_on_until_its_end)
{
    uk_key_t *key = store_create("acme", "k");
    const char *first = rotate(key, NOW, 0);
    const char *second = rotate(key, NOW + 1, 60);
    uk_principal_t *principal;

    ck_assert_int_eq(verify_at(first, NOW + 60000, &principal), UK_ACCEPTED);
    ck_assert_str_eq(principal->id, key->id);
    ck_assert_int_eq(principal->is_previous, 1);
    ck_assert(principal->expires_at == NOW + 60001);
    ck_assert_int_eq(verdict_at(first, NOW + 60001), UK_ROTATED);
    ck_assert_int_eq(verify_at(second, NOW + 60001, &principal), UK_ACCEPTED);
    ck_assert_int_eq(principal->is_previous, 0);
    ck_assert(principal->expires_at == UK_INSTANT_NONE);
}
END_TEST

START_TEST(rotation_ends_an_older_secret)
{
    uk_key_t *key = store_create("acme", "k");
    const char *first = rotate(key, NOW, 3600);

    ck_assert_ptr_null(rotated.ended[0]);
    rotate(key, NOW + 1, 3600);
    ck_assert_str_eq(rotated.ended[0], "uptime_a1b2c3d4");
    ck_assert_ptr_null(rotated.ended[1]);
    ck_assert_int_eq(verdict_at(first, NOW + 2), UK_ACCEPTED);
    rotate(key, NOW + 2, 0);
    ck_assert_mem_eq(rotated.ended[0], first, UK_TOKEN_PREFIX_LEN);
    ck_assert_ptr_nonnull(rotated.ended[1]);
    ck_assert_int_eq(verdict_at(first, NOW + 3), UK_UNKNOWN);
}
END_TEST

START_TEST(secret_that_ends_at_once_ends_where_the_clock_is_slow)
{
    uk_key_t *key = store_create("acme", "k");
    const char *first = rotate(key, NOW, 0);

    rotate(key, NOW + 1, 0);
    ck_assert_int_eq(verdict_at(first, NOW - 3600000), UK_ROTATED);
    ck_assert_int_eq(verdict_at(token, NOW - 3600000), UK_ACCEPTED);
}
END_TEST

START_TEST(old_secret_ends_with_its_key)
{
    uk_key_t *key = store_create("acme", "k");
    const char *first = rotate(key, NOW, 0);

    rotate(key, NOW + 1, 3600);
    store_execute("UPDATE uptime_keys SET expires_at = %" APR_INT64_T_FMT,
                  NOW + 1000);
    ck_assert_int_eq(verdict_at(first, NOW + 999), UK_ACCEPTED);
    ck_assert_int_eq(verdict_at(first, NOW + 1000), UK_ROTATED);
    ck_assert(uk_key_previous_end(read_key(key->id)) == NOW + 1000);
}
END_TEST

START_TEST(secret_without_an_end_has_ended)
{
    uk_key_t *key = store_create("acme", "k");
    const char *first = rotate(key, NOW, 0);

    rotate(key, NOW + 1, 3600);
    store_execute("UPDATE uptime_keys SET previous_ends_at = NULL");
    ck_assert_int_ne(verdict_at(first, NOW + 2), UK_ACCEPTED);
    store_execute(
        "UPDATE uptime_keys SET previous_ends_at = -%" APR_INT64_T_FMT,
        NOW + 9000);
    ck_assert_int_ne(verdict_at(first, NOW + 2), UK_ACCEPTED);
    store_execute("UPDATE uptime_keys SET expires_at = -%" APR_INT64_T_FMT,
                  NOW + 9000);
    ck_assert_int_ne(verdict_at(first, NOW + 2), UK_ACCEPTED);
    ck_assert_int_ne(verdict_at(token, NOW + 2), UK_ACCEPTED);
}
END_TEST

START_TEST(rotation_keeps_all_but_the_secret)
{
    uk_key_t *key = store_create("acme", "k");
    const char *slot = store_ask("SELECT slot FROM uptime_keys");
    uk_key_t *after;

    ck_assert_int_eq(store_use(store_db, key->id, NOW), UK_OK);
    rotate(key, NOW + 1, 3600);
    after = read_key(key->id);
    ck_assert_str_eq(after->name, "k");
    ck_assert_str_eq(unit_join(after->scopes), unit_join(key->scopes));
    ck_assert(after->created_at == key->created_at);
    ck_assert_str_eq(store_ask("SELECT slot FROM uptime_keys"), slot);
    ck_assert_mem_eq(after->prefix, token, UK_TOKEN_PREFIX_LEN);
    ck_assert(after->last_used_at == UK_INSTANT_NONE);
    ck_assert_str_eq(after->previous_prefix, "uptime_a1b2c3d4");
    ck_assert(after->previous_used_at == NOW);
    ck_assert_str_eq(
        store_ask("SELECT action FROM uptime_audit ORDER BY id DESC LIMIT 1"),
        "key.rotate");
}
END_TEST

START_TEST(each_secret_has_its_own_last_use)
{
    uk_key_t *key = store_create("acme", "k");
    apr_array_header_t *uses = apr_array_make(unit_pool, 2, sizeof(uk_use_t));
    uk_key_t *after;

    rotate(key, NOW, 3600);
    APR_ARRAY_PUSH(uses, uk_use_t) =
        (uk_use_t){key->id, "uptime_a1b2c3d4", NOW + 5};
    APR_ARRAY_PUSH(uses, uk_use_t) =
        (uk_use_t){key->id, rotated.key->prefix, NOW + 7};
    ck_assert_int_eq(uk_store_keys_used(store_db, uses, MINUTE), UK_OK);
    after = read_key(key->id);
    ck_assert(after->previous_used_at == NOW + 5);
    ck_assert(after->last_used_at == NOW + 7);
}
END_TEST

static void expect_conflict(const uk_rotation_t *rotation, const char *words)
{
    ck_assert_int_eq(rotate_at(NOW, rotation), UK_CONFLICT);
    ck_assert_ptr_nonnull(strstr(rotated.conflict, words));
    ck_assert_str_eq(token, "");
    ck_assert_str_eq(store_ask("SELECT key_prefix FROM uptime_keys"),
                     "uptime_a1b2c3d4");
}

START_TEST(conflict_changes_nothing)
{
    uk_key_t *key = store_create("acme", "k");
    uk_rotation_t rotation = {.id = key->id, .if_prefix = "uptime_ffffffff"};

    expect_conflict(&rotation, "another secret");
    rotation.if_prefix = "uptime_a1b2c3d4";
    store_execute("UPDATE uptime_keys SET disabled_at = 1, "
                  "disabled_reason = 'manual'");
    expect_conflict(&rotation, "disabled");
    store_execute("UPDATE uptime_keys SET disabled_at = NULL, "
                  "disabled_reason = NULL, expires_at = 1");
    expect_conflict(&rotation, "expired");
}
END_TEST

static int never(const uk_key_t *key, void *baton)
{
    (void)key;
    (void)baton;
    return 0;
}

START_TEST(rotation_can_be_refused)
{
    uk_key_t *key = store_create("acme", "k");
    uk_rotation_t rotation = {.id = key->id, .may_rotate = never};

    ck_assert_int_eq(rotate_at(NOW, &rotation), UK_REFUSED);
    rotation.may_rotate = NULL;
    rotation.team = "other";
    ck_assert_int_eq(rotate_at(NOW, &rotation), UK_NOT_FOUND);
    ck_assert_str_eq(store_ask("SELECT key_prefix FROM uptime_keys"),
                     "uptime_a1b2c3d4");
}
END_TEST

START_TEST(rotation_shortens_what_lives_too_long)
{
    uk_key_t *key = store_create("acme", "k");
    uk_rotation_t rotation = {.id = key->id, .lifetimes = {.maximum = 30}};

    ck_assert_int_eq(rotate_at(NOW, &rotation), UK_OK);
    ck_assert(rotated.key->expires_at == uk_lifetime_end(NOW, 30));
    ck_assert(read_key(key->id)->expires_at == uk_lifetime_end(NOW, 30));
}
END_TEST

/* Changing. */

static char new_name[] = "n", same_name[] = "k", by_hand[] = "manual";

static uk_outcome_e set_name(apr_pool_t *pool, uk_key_t *key, void *baton)
{
    (void)pool;
    key->name = baton;
    return UK_OK;
}

static uk_outcome_e set_disabled(apr_pool_t *pool, uk_key_t *key, void *baton)
{
    (void)pool;
    key->disabled_at = baton ? NOW : UK_INSTANT_NONE;
    key->disabled_reason = baton;
    return UK_OK;
}

static unsigned change(const char *id, uk_key_edit_t *edit, void *baton)
{
    unsigned changed;
    uk_key_t *key;

    ck_assert_int_eq(uk_change_key(store_db, &store_actor, &uk_own_cache_none,
                                   "acme", id, edit, baton, &key, &changed),
                     UK_OK);
    ck_assert_str_eq(key->id, id);
    return changed;
}

START_TEST(change_is_written_with_its_audit_rows)
{
    uk_key_t *key = store_create("acme", "k");

    ck_assert_uint_eq(change(key->id, set_name, new_name), UK_CHANGED_FIELDS);
    ck_assert_str_eq(read_key(key->id)->name, "n");
    ck_assert_uint_eq(change(key->id, set_disabled, by_hand),
                      UK_CHANGED_DISABLED);
    ck_assert_uint_eq(change(key->id, set_disabled, NULL), UK_CHANGED_ENABLED);
    ck_assert(read_key(key->id)->disabled_at == UK_INSTANT_NONE);
    ck_assert_str_eq(store_ask("SELECT group_concat(action) FROM uptime_audit "
                               "WHERE key_id IS NOT NULL"),
                     "key.create,key.change,key.disable,key.enable");
}
END_TEST

START_TEST(change_without_effect_writes_nothing)
{
    uk_key_t *key = store_create("acme", "k");
    const char *counter = store_ask("SELECT counter FROM uptime_changes");

    ck_assert_uint_eq(change(key->id, set_name, same_name), 0);
    ck_assert_str_eq(store_ask("SELECT counter FROM uptime_changes"), counter);
}
END_TEST

START_TEST(key_of_another_team_is_not_changed)
{
    uk_key_t *key = store_create("other", "k");
    unsigned changed;
    uk_key_t *found;

    ck_assert_int_eq(uk_change_key(store_db, &store_actor, &uk_own_cache_none,
                                   "acme", key->id, set_name, new_name, &found,
                                   &changed),
                     UK_NOT_FOUND);
    ck_assert_ptr_null(found);
    ck_assert_str_eq(read_key(key->id)->name, "k");
}
END_TEST

/* Leaks. */

static uk_leak_t *leak_of(apr_array_header_t *leaks, const char *secret)
{
    uk_leak_t *leak = apr_array_push(leaks);

    memset(leak, 0, sizeof(*leak));
    uk_secret_hash(secret, strlen(secret), leak->hash);
    return leak;
}

START_TEST(leaked_secret_disables_its_key)
{
    uk_key_t *key = store_create("acme", "k");
    apr_array_header_t *leaks = apr_array_make(unit_pool, 4, sizeof(uk_leak_t));
    uk_leak_t *known = leak_of(leaks, "k"), *unknown = leak_of(leaks, "x");

    ck_assert_int_eq(uk_leaks_find(store_db, NOW, leaks), UK_OK);
    ck_assert_int_eq(known->was_active, 1);
    ck_assert(read_key(key->id)->disabled_at == UK_INSTANT_NONE);
    ck_assert_int_eq(
        uk_leaks_end(store_db, &store_actor, &uk_own_cache_none, leaks), UK_OK);
    ck_assert_str_eq(known->id, key->id);
    ck_assert_int_eq(known->was_active, 1);
    ck_assert_ptr_null(unknown->id);
    ck_assert_int_eq(uk_key_is_leaked(read_key(key->id)), 1);
    ck_assert_int_eq(
        uk_leaks_end(store_db, &store_actor, &uk_own_cache_none, leaks), UK_OK);
    ck_assert_int_eq(known->was_active, 0);
    ck_assert_str_eq(
        store_ask("SELECT COUNT(*) FROM uptime_audit WHERE action = "
                  "'key.leak'"),
        "1");
}
END_TEST

START_TEST(leaked_old_secret_ends_itself_alone)
{
    uk_key_t *key = store_create("acme", "k");
    apr_array_header_t *leaks = apr_array_make(unit_pool, 1, sizeof(uk_leak_t));
    const uk_actor_t actor = {"olga", "192.0.2.7", NOW + 5};
    const char *old = rotate(key, NOW, 0);
    const char *new = rotate(key, NOW + 1, 3600);

    leak_of(leaks, old);
    ck_assert_int_eq(uk_leaks_end(store_db, &actor, &uk_own_cache_none, leaks),
                     UK_OK);
    ck_assert_int_eq(verdict_at(old, NOW - 3600000), UK_ROTATED);
    ck_assert_int_eq(verdict_at(new, NOW + 5), UK_ACCEPTED);
}
END_TEST

/* Its overlap is over here, and not yet where the clock is slow. */
START_TEST(leaked_old_secret_ends_where_the_clock_is_slow)
{
    uk_key_t *key = store_create("acme", "k");
    apr_array_header_t *leaks = apr_array_make(unit_pool, 1, sizeof(uk_leak_t));
    const uk_actor_t actor = {"olga", "192.0.2.7", NOW + 60002};
    const char *old = rotate(key, NOW, 0);

    rotate(key, NOW + 1, 60);
    leak_of(leaks, old);
    ck_assert_int_eq(verdict_at(old, NOW + 59000), UK_ACCEPTED);
    ck_assert_int_eq(uk_leaks_end(store_db, &actor, &uk_own_cache_none, leaks),
                     UK_OK);
    ck_assert_int_eq(verdict_at(old, NOW + 59000), UK_ROTATED);
}
END_TEST

START_TEST(both_secrets_of_a_key_were_active)
{
    uk_key_t *key = store_create("acme", "k");
    const char *old = rotate(key, NOW, 0);
    const char *new = rotate(key, NOW + 1, 3600);
    const char *secrets[][2] = {{old, new}, {new, old}};
    const uk_actor_t actor = {"olga", "192.0.2.7", NOW + 5};
    apr_array_header_t *leaks = apr_array_make(unit_pool, 2, sizeof(uk_leak_t));
    uk_leak_t *first = leak_of(leaks, secrets[_i][0]);
    uk_leak_t *second = leak_of(leaks, secrets[_i][1]);

    ck_assert_int_eq(uk_leaks_end(store_db, &actor, &uk_own_cache_none, leaks),
                     UK_OK);
    ck_assert_int_eq(first->was_active, 1);
    ck_assert_int_eq(second->was_active, 1);
    ck_assert_int_ne(verdict_at(old, NOW), UK_ACCEPTED);
    ck_assert_int_ne(verdict_at(new, NOW), UK_ACCEPTED);
}
END_TEST

START_TEST(leaked_key_is_enabled_by_its_rotation)
{
    uk_key_t *key = store_create("acme", "k");
    apr_array_header_t *leaks = apr_array_make(unit_pool, 1, sizeof(uk_leak_t));
    const char *old = rotate(key, NOW, 0);

    leak_of(leaks, old);
    ck_assert_int_eq(
        uk_leaks_end(store_db, &store_actor, &uk_own_cache_none, leaks), UK_OK);
    ck_assert_int_eq(verdict_at(old, NOW), UK_DISABLED);
    rotate(key, NOW + 1, 3600);
    ck_assert_int_eq(verdict_at(old, NOW + 1), UK_ROTATED);
    ck_assert_int_eq(verdict_at(token, NOW + 1), UK_ACCEPTED);
    ck_assert_ptr_null(read_key(key->id)->disabled_reason);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("store_life");
    TCase *rotation = store_case(suite, "rotate");
    TCase *changing = store_case(suite, "change");
    TCase *leaks = store_case(suite, "leak");

    tcase_add_test(rotation, old_secret_goes_on_until_its_end);
    tcase_add_test(rotation, rotation_ends_an_older_secret);
    tcase_add_test(rotation,
                   secret_that_ends_at_once_ends_where_the_clock_is_slow);
    tcase_add_test(rotation, old_secret_ends_with_its_key);
    tcase_add_test(rotation, secret_without_an_end_has_ended);
    tcase_add_test(rotation, rotation_keeps_all_but_the_secret);
    tcase_add_test(rotation, each_secret_has_its_own_last_use);
    tcase_add_test(rotation, conflict_changes_nothing);
    tcase_add_test(rotation, rotation_can_be_refused);
    tcase_add_test(rotation, rotation_shortens_what_lives_too_long);
    tcase_add_test(changing, change_is_written_with_its_audit_rows);
    tcase_add_test(changing, change_without_effect_writes_nothing);
    tcase_add_test(changing, key_of_another_team_is_not_changed);
    tcase_add_test(leaks, leaked_secret_disables_its_key);
    tcase_add_test(leaks, leaked_old_secret_ends_itself_alone);
    tcase_add_test(leaks, leaked_old_secret_ends_where_the_clock_is_slow);
    tcase_add_loop_test(leaks, both_secrets_of_a_key_were_active, 0, 2);
    tcase_add_test(leaks, leaked_key_is_enabled_by_its_rotation);
    return unit_run(suite);
}
