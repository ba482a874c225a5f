/* SPDX-License-Identifier: Apache-2.0 */
/* The decision about a presented key. */
#include "unit.h"

#include <apr_strings.h>
#include <string.h>

#include "store/verify.h"
#include "fake.h"

/* 2026-11-23T06:15:00Z */
#define NOW APR_INT64_C(1795414500000)

#define ZEROS_56 "00000000000000000000000000000000000000000000000000000000"
/* Stored, never expires. */
#define GOOD "uptime_" ZEROS_56 "5249fc2f"
/* Stored, expires at NOW. */
#define ENDING                                                                 \
    "uptime_ffffffffffffffffffffffffffffffffffffffffffffffffffffffff951edd05"
/* Stored, imported without a checksum. */
#define FOREIGN "uptime_" ZEROS_56 "00000000"
/* Well-formed, but not stored. */
#define UNKNOWN                                                                \
    "uptime_deadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeef1ca75126"
/* Stored, but not in the form of a key. */
#define PASSWORD "correct horse battery staple"

static fake_provider_t *provider;
static uk_database_t *db;
static uk_catalogue_t *catalogue;
static uk_scope_cache_t *scope_cache;

static void insert_key_row(const char *id, const char *text,
                           const char *expires)
{
    char hash[UK_HASH_LEN + 1];
    static int slot;

    uk_secret_hash(text, strlen(text), hash);
    fake_execute(provider,
                 apr_psprintf(unit_pool,
                              "INSERT INTO uptime_keys (id, team_id, slot, "
                              "name, key_hash, key_prefix, scopes, created_at, "
                              "expires_at) VALUES ('%s', 'acme', %d, 'CI', "
                              "'%s', 'uptime_00000000', '[\"alerts:read\"]', "
                              "1, %s)",
                              id, ++slot, hash, expires));
}

static void set_up_keys(void)
{
    db = fake_database_with_schema(unit_pool, ":memory:", &provider);
    catalogue = uk_catalogue_create(unit_pool);
    scope_cache = uk_scope_cache_create(unit_pool);
    insert_key_row("good", GOOD, "NULL");
    insert_key_row("ending", ENDING, "1795414500000");
    insert_key_row("foreign", FOREIGN, "NULL");
    insert_key_row("password", PASSWORD, "NULL");
    provider->acquired = provider->released = 0;
}

static void check_releases(void)
{
    ck_assert_int_eq(provider->acquired, provider->released);
    ck_assert_int_le(provider->out_most, 1);
}

static const struct {
    const char *given;
    int require_checksum;
    int now; /* from NOW */
    uk_verdict_e want;
    const char *key; /* the id of the principal; NULL: none */
    int acquired;
} verdicts[] = {
    {GOOD, 1, 0, UK_ACCEPTED, "good", 1},
    {GOOD, 0, 0, UK_ACCEPTED, "good", 1},
    {ENDING, 1, -1, UK_ACCEPTED, "ending", 1},
    {ENDING, 1, 0, UK_EXPIRED, "ending", 1},
    {ENDING, 1, 1, UK_EXPIRED, "ending", 1},
    {ENDING, 0, 0, UK_EXPIRED, "ending", 1},
    {UNKNOWN, 1, 0, UK_UNKNOWN, NULL, 1},
    {UNKNOWN, 0, 0, UK_UNKNOWN, NULL, 1},
    {FOREIGN, 1, 0, UK_BAD_CHECKSUM, NULL, 0},
    {FOREIGN, 0, 0, UK_ACCEPTED, "foreign", 1},
    {"uptime_" ZEROS_56 "00000001", 1, 0, UK_BAD_CHECKSUM, NULL, 0},
    {"uptime_" ZEROS_56 "00000001", 0, 0, UK_UNKNOWN, NULL, 1},
    {PASSWORD, 1, 0, UK_MALFORMED, NULL, 0},
    {PASSWORD, 0, 0, UK_MALFORMED, NULL, 0},
    {"", 1, 0, UK_MALFORMED, NULL, 0},
    {"", 0, 0, UK_MALFORMED, NULL, 0},
    {GOOD "0", 0, 0, UK_MALFORMED, NULL, 0},
    {" " GOOD, 0, 0, UK_MALFORMED, NULL, 0},
    {"UPTIME_" ZEROS_56 "5249fc2f", 0, 0, UK_MALFORMED, NULL, 0},
    {"uptime_" ZEROS_56 "5249FC2F", 0, 0, UK_MALFORMED, NULL, 0},
    {"' OR 1=1 --", 0, 0, UK_MALFORMED, NULL, 0},
};

static uk_verdict_e verify(const char *text, int require_checksum, int now,
                           uk_principal_t **principal)
{
    const uk_rules_t rules = {catalogue, scope_cache, require_checksum,
                              NOW + now};

    *principal = (void *)&provider;
    return uk_verify(db, text, strlen(text), &rules, principal);
}

static const char *id_of(const uk_principal_t *principal)
{
    return principal ? principal->id : NULL;
}

START_TEST(verdict_follows_from_key_row_and_time)
{
    uk_principal_t *principal;

    ck_assert_int_eq(verify(verdicts[_i].given, verdicts[_i].require_checksum,
                            verdicts[_i].now, &principal),
                     verdicts[_i].want);
    ck_assert_pstr_eq(id_of(principal), verdicts[_i].key);
    ck_assert_int_eq(provider->acquired, verdicts[_i].acquired);
}
END_TEST

/* UK_MALFORMED and UK_BAD_CHECKSUM need no database. */
START_TEST(no_key_is_accepted_while_the_database_is_unavailable)
{
    uk_verdict_e want =
        verdicts[_i].acquired ? UK_DATABASE_UNAVAILABLE : verdicts[_i].want;
    uk_principal_t *principal;

    provider->unavailable = 1;
    ck_assert_int_eq(verify(verdicts[_i].given, verdicts[_i].require_checksum,
                            verdicts[_i].now, &principal),
                     want);
    ck_assert_ptr_null(principal);
}
END_TEST

START_TEST(failing_database_is_unavailable_and_not_unknown)
{
    uk_principal_t *principal;

    fake_faults.fail_selects = 1000;
    ck_assert_int_eq(verify(GOOD, 1, 0, &principal), UK_DATABASE_UNAVAILABLE);
    ck_assert_ptr_null(principal);
    ck_assert_str_eq(db->error, "made up to fail");
    fake_faults.fail_selects = 1;
    ck_assert_int_eq(verify(GOOD, 1, 0, &principal), UK_ACCEPTED);
}
END_TEST

START_TEST(missing_table_is_unavailable_and_not_unknown)
{
    uk_principal_t *principal;

    fake_execute(provider, "DROP TABLE uptime_keys");
    ck_assert_int_eq(verify(GOOD, 1, 0, &principal), UK_DATABASE_UNAVAILABLE);
    ck_assert_ptr_null(principal);
}
END_TEST

START_TEST(deleted_key_is_unknown_at_once)
{
    uk_principal_t *principal;

    ck_assert_int_eq(verify(GOOD, 1, 0, &principal), UK_ACCEPTED);
    fake_execute(provider, "DELETE FROM uptime_keys WHERE id = 'good'");
    ck_assert_int_eq(verify(GOOD, 1, 0, &principal), UK_UNKNOWN);
    ck_assert_ptr_null(principal);
}
END_TEST

START_TEST(presented_key_need_not_end_in_nul)
{
    char *exact = apr_pmemdup(unit_pool, GOOD "garbage", sizeof(GOOD) - 1);
    uk_principal_t *principal;

    const uk_rules_t rules = {catalogue, scope_cache, 1, NOW};

    ck_assert_int_eq(uk_verify(db, exact, sizeof(GOOD) - 1, &rules, &principal),
                     UK_ACCEPTED);
    ck_assert_str_eq(principal->prefix, "uptime_00000000");
}
END_TEST

START_TEST(principal_has_team_name_and_scopes)
{
    uk_principal_t *principal;

    ck_assert_int_eq(verify(GOOD, 1, 0, &principal), UK_ACCEPTED);
    ck_assert_str_eq(principal->team, "acme");
    ck_assert_str_eq(principal->name, "CI");
    ck_assert_str_eq(principal->prefix, "uptime_00000000");
    ck_assert_str_eq(principal->scope_names, "alerts:read");
    ck_assert(uk_scopes_contain(&principal->scopes, catalogue, "alerts:read"));
    ck_assert(
        !uk_scopes_contain(&principal->scopes, catalogue, "alerts:write"));
    ck_assert(principal->has_checksum);
    ck_assert_int_eq(verify(FOREIGN, 0, 0, &principal), UK_ACCEPTED);
    ck_assert(!principal->has_checksum);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("verify");
    TCase *tcase = unit_case(suite, "verify");

    tcase_add_checked_fixture(tcase, set_up_keys, check_releases);
    tcase_add_loop_test(tcase, verdict_follows_from_key_row_and_time, 0,
                        UNIT_COUNT(verdicts));
    tcase_add_loop_test(tcase,
                        no_key_is_accepted_while_the_database_is_unavailable, 0,
                        UNIT_COUNT(verdicts));
    tcase_add_test(tcase, failing_database_is_unavailable_and_not_unknown);
    tcase_add_test(tcase, missing_table_is_unavailable_and_not_unknown);
    tcase_add_test(tcase, deleted_key_is_unknown_at_once);
    tcase_add_test(tcase, presented_key_need_not_end_in_nul);
    tcase_add_test(tcase, principal_has_team_name_and_scopes);
    return unit_run(suite);
}
