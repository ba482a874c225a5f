/* SPDX-License-Identifier: Apache-2.0 */
/* Keys in a real SQLite database. */
#include "store_fixture.h"

#include <apr_strings.h>
#include <string.h>

/* Look up the key that store_create() has created with this name. */
static uk_outcome_e look_up(const char *name, uk_principal_t **principal)
{
    *principal = (void *)principal;
    return uk_store_principal(store_db, uk_catalogue_create(unit_pool), NULL,
                              store_hash(unit_pool, name), principal);
}

/* A principal's scopes are separated by spaces, those of want by commas. */
static void assert_names(const uk_principal_t *principal, const char *want)
{
    char *names = apr_pstrdup(unit_pool, principal->scope_names), *c;

    for (c = names; *c; c++) {
        *c = *c == ' ' ? ',' : *c;
    }
    ck_assert_str_eq(names, want);
}

START_TEST(created_key_is_found_with_all_its_fields)
{
    uk_key_t *key =
        store_new_key(unit_pool, "acme", "CI \"\xf0\x9f\x94\x91\" '; --");
    uk_principal_t *by_hash;
    uk_key_t *by_id;

    key->scopes = unit_strings("alerts:read", "monitors:write", NULL);
    key->expires_at = NOW + 1;
    ck_assert_int_eq(uk_store_key_create(store_db, &store_actor, key,
                                         store_hash(unit_pool, "k"), 10),
                     UK_OK);
    ck_assert_int_eq(look_up("k", &by_hash), UK_OK);
    ck_assert_int_eq(uk_store_key_by_id(store_db, key->id, &by_id), UK_OK);
    ck_assert_str_eq(by_hash->id, key->id);
    ck_assert_str_eq(by_hash->team, "acme");
    ck_assert_str_eq(by_hash->name, key->name);
    ck_assert_str_eq(by_hash->scope_names, "alerts:read monitors:write");
    ck_assert(by_hash->expires_at == NOW + 1);
    ck_assert(by_hash->last_used_at == UK_INSTANT_NONE);
    ck_assert_str_eq(by_id->id, key->id);
    ck_assert_str_eq(by_id->name, key->name);
    ck_assert_str_eq(by_id->prefix, "uptime_a1b2c3d4");
    ck_assert_str_eq(store_ask("SELECT created_by FROM uptime_keys"), "olga");
    ck_assert_str_eq(unit_join(by_id->scopes), "alerts:read,monitors:write");
    ck_assert(by_id->created_at == NOW);
    ck_assert(by_id->expires_at == NOW + 1);
}
END_TEST

START_TEST(key_is_stored_in_the_documented_columns)
{
    uk_key_t *key = store_create("acme", "k");

    ck_assert_str_eq(
        store_ask(
            "SELECT typeof(created_at) || ' ' || typeof(expires_at) || ' ' || "
            "typeof(last_used_at) || ' ' || typeof(slot) FROM uptime_keys"),
        "integer null null integer");
    ck_assert_str_eq(store_ask("SELECT scopes FROM uptime_keys"),
                     "[\"alerts:read\"]");
    ck_assert_str_eq(store_ask("SELECT key_hash FROM uptime_keys"),
                     store_hash(unit_pool, "k"));
    ck_assert_str_eq(store_ask("SELECT id FROM uptime_keys"), key->id);
    ck_assert_str_eq(store_ask("SELECT slot BETWEEN 1 AND 10 FROM uptime_keys"),
                     "1");
}
END_TEST

START_TEST(unknown_key_is_not_found)
{
    uk_principal_t *principal;
    uk_key_t *key = (void *)&key;

    store_create("acme", "k");
    ck_assert_int_eq(look_up("x", &principal), UK_NOT_FOUND);
    ck_assert_ptr_null(principal);
    ck_assert_int_eq(
        uk_store_key_by_id(store_db, "key_01h455vb4pex5vsknk084sn02q", &key),
        UK_NOT_FOUND);
    ck_assert_ptr_null(key);
}
END_TEST

START_TEST(hash_that_is_equal_only_to_the_database_is_not_found)
{
    uk_principal_t *principal;

    store_create("acme", "k");
    store_execute(
        "CREATE TABLE copy (id, team_id, name, key_hash TEXT COLLATE NOCASE, "
        "scopes, last_used_at, expires_at, addresses, disabled_at, "
        "previous_hash, previous_used_at, previous_ends_at)");
    store_execute("INSERT INTO copy SELECT id, team_id, name, key_hash, "
                  "scopes, last_used_at, expires_at, addresses, disabled_at, "
                  "previous_hash, previous_used_at, previous_ends_at "
                  "FROM uptime_keys");
    store_execute("DROP TRIGGER uptime_teams_deleted");
    store_execute("DROP TABLE uptime_keys");
    store_execute("ALTER TABLE copy RENAME TO uptime_keys");
    ck_assert_int_eq(look_up("k", &principal), UK_OK);
    store_execute("UPDATE uptime_keys SET key_hash = upper(key_hash)");
    ck_assert_int_eq(look_up("k", &principal), UK_NOT_FOUND);
    ck_assert_ptr_null(principal);
}
END_TEST

START_TEST(id_that_is_equal_only_to_the_database_is_not_found)
{
    uk_key_t *key = store_create("acme", "k");
    const char *id = key->id;

    store_execute("CREATE TABLE copy AS SELECT * FROM uptime_keys");
    store_execute("DROP TRIGGER uptime_teams_deleted");
    store_execute("DROP TABLE uptime_keys");
    store_execute("CREATE TABLE uptime_keys AS SELECT * FROM copy");
    store_execute("ALTER TABLE uptime_keys DROP COLUMN id");
    store_execute("ALTER TABLE uptime_keys ADD COLUMN id TEXT COLLATE NOCASE");
    store_execute("UPDATE uptime_keys SET id = (SELECT id FROM copy)");
    ck_assert_int_eq(uk_store_key_by_id(store_db, id, &key), UK_OK);
    store_execute("UPDATE uptime_keys SET id = upper(id)");
    ck_assert_int_eq(uk_store_key_by_id(store_db, id, &key), UK_NOT_FOUND);
    ck_assert_ptr_null(key);
}
END_TEST

START_TEST(keys_are_listed_newest_first_and_only_the_team_s)
{
    apr_array_header_t *keys;

    store_create("acme", "old");
    store_create("acme", "new");
    store_create("acme", "middle");
    store_create("other", "foreign");
    store_execute("UPDATE uptime_keys SET created_at = CASE name "
                  "WHEN 'old' THEN 1 WHEN 'middle' THEN 2 ELSE 3 END");
    ck_assert_int_eq(uk_store_keys_of_team(store_db, "acme", &keys), UK_OK);
    ck_assert_int_eq(keys->nelts, 3);
    ck_assert_str_eq(APR_ARRAY_IDX(keys, 0, uk_key_t *)->name, "new");
    ck_assert_str_eq(APR_ARRAY_IDX(keys, 1, uk_key_t *)->name, "middle");
    ck_assert_str_eq(APR_ARRAY_IDX(keys, 2, uk_key_t *)->name, "old");
    ck_assert_int_eq(uk_store_keys_of_team(store_db, "nobody", &keys), UK_OK);
    ck_assert_int_eq(keys->nelts, 0);
}
END_TEST

START_TEST(deleted_key_is_gone)
{
    uk_key_t *key = store_create("acme", "k");

    store_create("acme", "stays");
    ck_assert_int_eq(
        uk_store_key_delete(store_db, &store_actor, "acme", key->id), UK_OK);
    ck_assert_ptr_null(store_find("k"));
    ck_assert_ptr_nonnull(store_find("stays"));
    ck_assert_int_eq(
        uk_store_key_delete(store_db, &store_actor, "acme", key->id),
        UK_NOT_FOUND);
}
END_TEST

START_TEST(key_of_another_team_is_not_deleted)
{
    uk_key_t *key = store_create("acme", "k");

    ck_assert_int_eq(
        uk_store_key_delete(store_db, &store_actor, "other", key->id),
        UK_NOT_FOUND);
    ck_assert_int_eq(uk_store_key_delete(store_db, &store_actor, "", key->id),
                     UK_NOT_FOUND);
    ck_assert_int_eq(
        uk_store_key_delete(store_db, &store_actor, "acme", "' OR '1' = '1"),
        UK_NOT_FOUND);
    ck_assert_ptr_nonnull(store_find("k"));
    ck_assert_str_eq(store_ask("SELECT COUNT(*) FROM uptime_audit "
                               "WHERE action = 'key.delete'"),
                     "0");
    ck_assert_int_eq(uk_store_key_delete(store_db, &store_actor, NULL, key->id),
                     UK_OK);
    ck_assert_ptr_null(store_find("k"));
}
END_TEST

START_TEST(key_of_an_unknown_team_is_not_created)
{
    ck_assert_int_eq(store_try_create("nobody", "k"), UK_NOT_FOUND);
    ck_assert_str_eq(store_ask("SELECT COUNT(*) FROM uptime_keys"), "0");
}
END_TEST

START_TEST(hash_is_unique)
{
    store_create("acme", "k");
    ck_assert_int_eq(store_try_create("other", "k"), UK_UNAVAILABLE);
    ck_assert_str_eq(store_db->error,
                     "UNIQUE constraint failed: uptime_keys.key_hash");
    ck_assert_str_eq(store_ask("SELECT COUNT(*) FROM uptime_keys"), "1");
}
END_TEST

static const struct {
    const char *before; /* SQL's value */
    apr_int64_t now;    /* from NOW */
    const char *want;   /* from NOW */
} uses[] = {
    {"NULL", 0, "0"},
    {"1795414500000", 0, "0"},
    {"1795414500000", 1, "0"},
    {"1795414500000", MINUTE - 1, "0"},
    {"1795414500000", MINUTE, "60000"},
    {"1795414500000", MINUTE + 1, "60001"},
    {"1795414500000", -1, "0"},
    {"1795414500000", -MINUTE, "0"},
    {"1795414500000", -10 * MINUTE, "0"},
    {"0", 0, "0"},
    /* Compared as numbers, not as strings: 9 is before 1795414500000. */
    {"9", 0, "0"},
};

START_TEST(use_is_recorded_once_an_interval_and_never_backwards)
{
    uk_key_t *key = store_create("acme", "k");

    store_create("acme", "untouched");
    store_execute("UPDATE uptime_keys SET last_used_at "
                  "= %s WHERE name = 'k'",
                  uses[_i].before);
    ck_assert_int_eq(store_use(store_db, key->id, NOW + uses[_i].now), UK_OK);
    ck_assert_str_eq(
        store_ask("SELECT last_used_at - 1795414500000 FROM uptime_keys "
                  "WHERE name = 'k'"),
        uses[_i].want);
    ck_assert_str_eq(store_ask("SELECT last_used_at FROM uptime_keys "
                               "WHERE name = 'untouched'"),
                     "NULL");
    ck_assert(store_find("k")->last_used_at == NOW + apr_atoi64(uses[_i].want));
}
END_TEST

START_TEST(use_of_a_deleted_key_is_ignored)
{
    ck_assert_int_eq(store_use(store_db, "key_01h455vb4pex5vsknk084sn02q", NOW),
                     UK_OK);
}
END_TEST

static const struct {
    const char *given; /* SQL's value */
    const char *want;  /* "" grants nothing */
} scope_columns[] = {
    {"'[\"alerts:read\"]'", "alerts:read"},
    {"'[\"alerts:read\",\"x:y\"]'", "alerts:read,x:y"},
    {"'[]'", ""},
    {"''", ""},
    {"'alerts:read'", ""},
    {"'\"alerts:read\"'", ""},
    {"'{\"alerts:read\":true}'", ""},
    {"'[\"alerts:read\",1]'", ""},
    {"'[\"alerts:read\"'", ""},
    {"'[[\"alerts:read\"]]'", ""},
    {"'[\"*\"]'", ""},
    {"'[\"x:y alerts:read\"]'", ""},
    {"'[\"alerts:read\",\"x\\ny\"]'", ""},
    {"0", ""},
    {"x''", ""},
    {"x'ff'", ""},
};

START_TEST(column_that_is_not_scopes_grants_nothing)
{
    uk_principal_t *principal;

    store_create("acme", "k");
    store_execute("UPDATE uptime_keys SET scopes = %s",
                  scope_columns[_i].given);
    ck_assert_str_eq(unit_join(store_find("k")->scopes),
                     scope_columns[_i].want);
    ck_assert_int_eq(look_up("k", &principal), UK_OK);
    assert_names(principal, scope_columns[_i].want);
}
END_TEST

/* What SQL's user can write and no request can: the columns are joined, so
 * nobody can tell where a value with a separator or a NUL ends. */
static const char *const undivided_columns[] = {"x'ff00'", "'[]' || char(31)",
                                                "char(0)"};

START_TEST(column_without_a_clear_end_makes_a_key_unknown)
{
    uk_principal_t *principal;

    store_create("acme", "k");
    store_execute("UPDATE uptime_keys SET scopes = %s", undivided_columns[_i]);
    ck_assert_int_eq(look_up("k", &principal), UK_NOT_FOUND);
    ck_assert_ptr_null(principal);
}
END_TEST

static const struct {
    const char *given; /* SQL's value */
    int want;          /* 1: expired at NOW */
} expiry_columns[] = {
    {"NULL", 0},
    {"1795414500001", 0},
    {"'1795414500001'", 0},
    {"1795414500000", 1},
    {"1795414499999", 1},
    {"1795414500", 1},
    {"1", 1},
    {"0", 1},
    {"-1", 1},
    {"0.5", 1},
    {"'never'", 1},
    {"'2099-12-31'", 1},
    {"'2099-12-31T00:00:00Z'", 1},
    {"' '", 1},
};

START_TEST(expiry_that_is_not_a_number_has_passed)
{
    uk_principal_t *principal;

    store_create("acme", "k");
    store_execute("UPDATE uptime_keys SET expires_at = %s",
                  expiry_columns[_i].given);
    ck_assert_int_eq(uk_instant_is_over(store_find("k")->expires_at, NOW),
                     expiry_columns[_i].want);
    ck_assert_int_eq(look_up("k", &principal), UK_OK);
    ck_assert_int_eq(uk_instant_is_over(principal->expires_at, NOW),
                     expiry_columns[_i].want);
}
END_TEST

/* 0: NULL; 1: NULL as an empty string. */
START_TEST(nulls_are_no_values)
{
    uk_principal_t *principal;
    uk_key_t *key;

    store_create("acme", "k");
    store_execute("UPDATE uptime_keys "
                  "SET last_used_at = NULL, expires_at = NULL");
    fake_faults.nulls_are_empty = _i;
    key = store_find("k");
    ck_assert_ptr_nonnull(key);
    ck_assert(key->last_used_at == UK_INSTANT_NONE);
    ck_assert(key->expires_at == UK_INSTANT_NONE);
    ck_assert_int_eq(look_up("k", &principal), UK_OK);
    ck_assert(principal->last_used_at == UK_INSTANT_NONE);
    ck_assert(principal->expires_at == UK_INSTANT_NONE);
}
END_TEST

START_TEST(strings_of_a_principal_can_be_sent_in_a_header)
{
    uk_principal_t *principal;

    store_create("acme", "k");
    store_execute("UPDATE uptime_keys SET name = 'a|b' || char(10) || 'c' || "
                  "char(127, 233)");
    ck_assert_int_eq(look_up("k", &principal), UK_OK);
    ck_assert_str_eq(principal->name, "a|b?c?\xc3\xa9");
}
END_TEST

/* Each value twice, and more values than the cache can hold. */
START_TEST(scope_cache_returns_what_parsing_does)
{
    const uk_catalogue_t *catalogue = uk_catalogue_create(unit_pool);
    uk_scope_cache_t *scope_cache = uk_scope_cache_create(unit_pool);
    int i;

    for (i = 0; i < 2 * UK_SCOPE_CACHE_MAX + 2; i++) {
        const char *text =
            apr_psprintf(unit_pool, "[\"x%d:y\", \"alerts:read\"]", i / 2);
        uk_scope_column_t read =
            uk_scope_cache_read(NULL, unit_pool, catalogue, text);
        uk_scope_column_t got =
            uk_scope_cache_read(scope_cache, unit_pool, catalogue, text);

        ck_assert_str_eq(got.names, read.names);
        ck_assert_mem_eq(&got.set, &read.set, sizeof(read.set));
        ck_assert(uk_scopes_contain(&got.set, catalogue, "alerts:read"));
    }
    ck_assert_str_eq(
        uk_scope_cache_read(scope_cache, unit_pool, catalogue, NULL).names, "");
}
END_TEST

/* A cached value is the same memory each time. */
static int is_cached_value(uk_scope_cache_t *scope_cache, const char *text)
{
    const uk_catalogue_t *catalogue = uk_catalogue_create(unit_pool);

    uk_scope_cache_read(scope_cache, unit_pool, catalogue, text);
    return uk_scope_cache_read(scope_cache, unit_pool, catalogue, text).names
           == uk_scope_cache_read(scope_cache, unit_pool, catalogue, text)
                  .names;
}

START_TEST(scope_cache_has_a_maximum_of_entries_and_length)
{
    uk_scope_cache_t *scope_cache = uk_scope_cache_create(unit_pool);
    char *text = apr_palloc(unit_pool, UK_SCOPE_CACHE_VALUE_MAX + 2);
    int i;

    apr_cpystrn(text, "[\"alerts:read\"]", UK_SCOPE_CACHE_VALUE_MAX + 2);
    memset(text + strlen(text), ' ',
           UK_SCOPE_CACHE_VALUE_MAX + 1 - strlen(text));
    text[UK_SCOPE_CACHE_VALUE_MAX + 1] = '\0';
    ck_assert(!is_cached_value(scope_cache, text));
    text[UK_SCOPE_CACHE_VALUE_MAX] = '\0';
    ck_assert(is_cached_value(scope_cache, text));
    for (i = 1; i < UK_SCOPE_CACHE_MAX; i++) {
        ck_assert(is_cached_value(scope_cache,
                                  apr_psprintf(unit_pool, "[\"x%d:y\"]", i)));
    }
    ck_assert(!is_cached_value(scope_cache, "[\"one:more\"]"));
    ck_assert(is_cached_value(scope_cache, text));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("store_keys");
    TCase *keys = store_case(suite, "keys");
    TCase *used = store_case(suite, "used");
    TCase *rows = store_case(suite, "rows");

    tcase_add_test(keys, created_key_is_found_with_all_its_fields);
    tcase_add_test(keys, key_is_stored_in_the_documented_columns);
    tcase_add_test(keys, unknown_key_is_not_found);
    tcase_add_test(keys, hash_that_is_equal_only_to_the_database_is_not_found);
    tcase_add_test(keys, id_that_is_equal_only_to_the_database_is_not_found);
    tcase_add_test(keys, keys_are_listed_newest_first_and_only_the_team_s);
    tcase_add_test(keys, deleted_key_is_gone);
    tcase_add_test(keys, key_of_another_team_is_not_deleted);
    tcase_add_test(keys, key_of_an_unknown_team_is_not_created);
    tcase_add_test(keys, hash_is_unique);
    tcase_add_loop_test(used,
                        use_is_recorded_once_an_interval_and_never_backwards, 0,
                        UNIT_COUNT(uses));
    tcase_add_test(used, use_of_a_deleted_key_is_ignored);
    tcase_add_loop_test(rows, column_that_is_not_scopes_grants_nothing, 0,
                        UNIT_COUNT(scope_columns));
    tcase_add_loop_test(rows, column_without_a_clear_end_makes_a_key_unknown, 0,
                        UNIT_COUNT(undivided_columns));
    tcase_add_loop_test(rows, expiry_that_is_not_a_number_has_passed, 0,
                        UNIT_COUNT(expiry_columns));
    tcase_add_loop_test(rows, nulls_are_no_values, 0, 2);
    tcase_add_test(rows, strings_of_a_principal_can_be_sent_in_a_header);
    tcase_add_test(rows, scope_cache_returns_what_parsing_does);
    tcase_add_test(rows, scope_cache_has_a_maximum_of_entries_and_length);
    return unit_run(suite);
}
