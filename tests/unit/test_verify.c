/* SPDX-License-Identifier: Apache-2.0 */
/* The whole decision about a presented key. */
#include "unit.h"

#include <apr_strings.h>
#include <string.h>

#include "store/verify.h"
#include "fake.h"

/* 2026-11-23T06:15:00Z */
#define NOW APR_INT64_C(1795414500000)

#define ZEROS_56 "00000000000000000000000000000000000000000000000000000000"
/* There, for ever. */
#define GOOD "uptime_" ZEROS_56 "5249fc2f"
/* There, until NOW. */
#define ENDING                                                                 \
    "uptime_ffffffffffffffffffffffffffffffffffffffffffffffffffffffff951edd05"
/* There, imported: no checksum. */
#define FOREIGN "uptime_" ZEROS_56 "00000000"
/* A key, but not there. */
#define UNKNOWN                                                                \
    "uptime_deadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeef1ca75126"
/* There, but no key. */
#define PASSWORD "correct horse battery staple"

static fake_provider_t *provider;
static uk_database_t *db;
static uk_catalogue_t *catalogue;
static uk_scope_cache_t *scope_cache;

static void put(const char *id, const char *text, const char *expires)
{
    char hash[UK_HASH_LEN + 1];
    static int slot;

    uk_secret_hash(text, strlen(text), hash);
    fake_execute(provider,
                 apr_psprintf(unit_pool,
                              "INSERT INTO uptime_keys VALUES ('%s', 'acme', "
                              "%d, 'CI', '%s', 'uptime_00000000', "
                              "'[\"alerts:read\"]', 1, NULL, NULL, %s)",
                              id, ++slot, hash, expires));
}

static void set_up_keys(void)
{
    db = fake_database_with_schema(unit_pool, ":memory:", &provider);
    catalogue = uk_catalogue_create(unit_pool);
    scope_cache = uk_scope_cache_create(unit_pool);
    put("good", GOOD, "NULL");
    put("ending", ENDING, "1795414500000");
    put("foreign", FOREIGN, "NULL");
    put("password", PASSWORD, "NULL");
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
    const char *key; /* the record that comes with it */
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

START_TEST(verdict_follows_from_text_row_and_instant)
{
    uk_principal_t *principal;

    ck_assert_int_eq(verify(verdicts[_i].given, verdicts[_i].require_checksum,
                            verdicts[_i].now, &principal),
                     verdicts[_i].want);
    ck_assert_pstr_eq(id_of(principal), verdicts[_i].key);
    ck_assert_int_eq(provider->acquired, verdicts[_i].acquired);
}
END_TEST

/* With no database to ask the first two refusals stay what they are. */
START_TEST(nobody_is_let_in_while_the_database_is_away)
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

START_TEST(failing_database_is_away_and_not_unknown)
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

START_TEST(missing_table_is_away_and_not_unknown)
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

START_TEST(text_need_not_end_in_nul)
{
    char *exact = apr_pmemdup(unit_pool, GOOD "garbage", sizeof(GOOD) - 1);
    uk_principal_t *principal;

    const uk_rules_t rules = {catalogue, scope_cache, 1, NOW};

    ck_assert_int_eq(uk_verify(db, exact, sizeof(GOOD) - 1, &rules, &principal),
                     UK_ACCEPTED);
    ck_assert_str_eq(principal->prefix, "uptime_00000000");
}
END_TEST

START_TEST(record_comes_with_what_it_grants)
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
    tcase_add_loop_test(tcase, verdict_follows_from_text_row_and_instant, 0,
                        UNIT_COUNT(verdicts));
    tcase_add_loop_test(tcase, nobody_is_let_in_while_the_database_is_away, 0,
                        UNIT_COUNT(verdicts));
    tcase_add_test(tcase, failing_database_is_away_and_not_unknown);
    tcase_add_test(tcase, missing_table_is_away_and_not_unknown);
    tcase_add_test(tcase, deleted_key_is_unknown_at_once);
    tcase_add_test(tcase, text_need_not_end_in_nul);
    tcase_add_test(tcase, record_comes_with_what_it_grants);
    return unit_run(suite);
}
