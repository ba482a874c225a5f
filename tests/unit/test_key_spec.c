/* SPDX-License-Identifier: Apache-2.0 */
/* The validation of specs for new keys and of changes. */
#include "unit.h"

#include <apr_strings.h>
#include <string.h>

#include "core/json.h"
#include "core/key_spec.h"
#include "core/networks.h"

/* 2026-11-23T06:15:00Z */
#define NOW APR_INT64_C(1795414500000)

static uk_catalogue_t *catalogue;
static uk_key_rules_t rules;

static void set_up_rules(void)
{
    catalogue = uk_catalogue_create(unit_pool);
    rules = (uk_key_rules_t){.catalogue = catalogue, .now = NOW};
}

/* "/scopes/1 unknown-scope, ..." */
static const char *errors_of(const uk_key_spec_t *spec, uk_key_t *key)
{
    apr_array_header_t *errors;
    const char *all = "";
    int i;

    memset(key, 0x5a, sizeof(*key));
    uk_key_spec_validate(unit_pool, &rules, spec, key, &errors);
    for (i = 0; i < errors->nelts; i++) {
        const uk_field_error_t *error =
            &APR_ARRAY_IDX(errors, i, uk_field_error_t);

        ck_assert(error->message && *error->message);
        all = apr_psprintf(unit_pool, "%s%s%s %s", all, i ? ", " : "",
                           error->pointer, error->code);
    }
    return all;
}

START_TEST(valid_spec_becomes_a_key)
{
    uk_key_spec_t spec = {
        .name = "CI",
        .scopes = unit_strings("monitors:write", "monitors:read", NULL),
        .expires = "2026-11-23T06:15:00.001Z"};
    uk_key_t key;

    ck_assert_str_eq(errors_of(&spec, &key), "");
    ck_assert_str_eq(key.name, "CI");
    ck_assert_str_eq(unit_join(key.scopes), "monitors:write,monitors:read");
    ck_assert(key.expires_at == NOW + 1);
    ck_assert(key.last_used_at == UK_INSTANT_NONE);
    ck_assert_ptr_null(key.id);
    ck_assert_ptr_null(key.team);
}
END_TEST

START_TEST(spec_without_expiry_never_expires)
{
    uk_key_spec_t spec = {.name = "CI",
                          .scopes = unit_strings("alerts:read", NULL)};
    uk_key_t key;

    ck_assert_str_eq(errors_of(&spec, &key), "");
    ck_assert(key.expires_at == UK_INSTANT_NONE);
}
END_TEST

START_TEST(repeated_scope_is_stored_once)
{
    uk_key_spec_t spec = {.name = "CI",
                          .scopes =
                              unit_strings("alerts:read", "teams:read",
                                           "alerts:read", "alerts:read", NULL)};
    uk_key_t key;

    ck_assert_str_eq(errors_of(&spec, &key), "");
    ck_assert_str_eq(unit_join(key.scopes), "alerts:read,teams:read");
}
END_TEST

/* NULL as the first scope: the array itself is missing. */
static const struct {
    const char *name;
    const char *scopes[4];
    const char *expires;
    const char *want;
} bad_specs[] = {
    {NULL, {"alerts:read"}, NULL, "/name required"},
    {"", {"alerts:read"}, NULL, "/name invalid-name"},
    {"a\nb", {"alerts:read"}, NULL, "/name invalid-name"},
    {"a", {NULL}, NULL, "/scopes required"},
    {"a", {"alerts"}, NULL, "/scopes/0 unknown-scope"},
    {"a",
     {"alerts:read", "x", "alerts:write"},
     NULL,
     "/scopes/1 unknown-scope"},
    {"a",
     {"x", "alerts:read", "x"},
     NULL,
     "/scopes/0 unknown-scope, /scopes/2 unknown-scope"},
    {"a", {"Alerts:read"}, NULL, "/scopes/0 unknown-scope"},
    {"a", {"*"}, NULL, "/scopes/0 unknown-scope"},
    {"a", {""}, NULL, "/scopes/0 unknown-scope"},
    {"a", {"alerts:read"}, "", "/expiresAt invalid-date-time"},
    {"a", {"alerts:read"}, "never", "/expiresAt invalid-date-time"},
    {"a", {"alerts:read"}, "2026-11-24", "/expiresAt invalid-date-time"},
    {"a",
     {"alerts:read"},
     "2027-02-29T00:00:00Z",
     "/expiresAt invalid-date-time"},
    {"a", {"alerts:read"}, "2026-11-23T06:15:00Z", "/expiresAt not-in-future"},
    {"a",
     {"alerts:read"},
     "2026-11-23T06:14:59.999Z",
     "/expiresAt not-in-future"},
    {"a", {"alerts:read"}, "1970-01-01T00:00:00Z", "/expiresAt not-in-future"},
    {"a", {"alerts:read"}, "0000-01-01T00:00:00Z", "/expiresAt not-in-future"},
    {NULL,
     {NULL},
     "soon",
     "/name required, /scopes required, /expiresAt invalid-date-time"},
    {"\x7f",
     {"x", "y"},
     "2020-01-01T00:00:00Z",
     "/name invalid-name, /scopes/0 unknown-scope, /scopes/1 unknown-scope, "
     "/expiresAt not-in-future"},
};

START_TEST(every_bad_field_is_named_at_once)
{
    const char *const *scopes = bad_specs[_i].scopes;
    uk_key_spec_t spec = {
        .name = bad_specs[_i].name,
        .scopes = unit_strings(scopes[0], scopes[1], scopes[2], scopes[3]),
        .expires = bad_specs[_i].expires};
    uk_key_t key;

    ck_assert_str_eq(errors_of(&spec, &key), bad_specs[_i].want);
}
END_TEST

START_TEST(missing_scopes_are_like_an_empty_array)
{
    uk_key_spec_t spec = {.name = "CI"};
    uk_key_t key;

    ck_assert_str_eq(errors_of(&spec, &key), "/scopes required");
}
END_TEST

START_TEST(misspelt_scope_gets_a_hint)
{
    uk_key_spec_t spec = {.name = "CI",
                          .scopes = unit_strings("alert:read", "zzz", NULL)};
    apr_array_header_t *errors;
    uk_key_t key;

    uk_key_spec_validate(unit_pool, &rules, &spec, &key, &errors);
    ck_assert_int_eq(errors->nelts, 2);
    ck_assert_ptr_nonnull(
        strstr(APR_ARRAY_IDX(errors, 0, uk_field_error_t).message,
               "did you mean alerts:read?"));
    ck_assert_str_eq(APR_ARRAY_IDX(errors, 1, uk_field_error_t).message,
                     "no such scope");
}
END_TEST

/* Scopes whose JSON is exactly as wide as the column, or a byte wider: 60 names
 * of 63 bytes make 1 + 60 * 66 = 3961. */
static void add_long_scopes(apr_array_header_t *names, int rest)
{
    int i;

    for (i = 0; i < 61; i++) {
        const char *name =
            i < 60
                ? apr_psprintf(unit_pool, "%s:s%02d", unit_repeat("a", 59), i)
                : apr_pstrcat(unit_pool, unit_repeat("b", rest - 2), ":x",
                              NULL);

        ck_assert_ptr_null(uk_catalogue_add(catalogue, name, "x", NULL));
        APR_ARRAY_PUSH(names, const char *) = name;
    }
}

START_TEST(scopes_fit_their_column)
{
    apr_array_header_t *names = unit_strings(NULL);
    uk_key_spec_t spec = {.name = "CI", .scopes = names};
    uk_key_t key;

    add_long_scopes(names, 36 + _i);
    ck_assert_str_eq(errors_of(&spec, &key),
                     _i ? "/scopes too-many-scopes" : "");
    ck_assert_int_eq((int)strlen(uk_json_write_strings(unit_pool, names)),
                     UK_KEY_SCOPES_MAX + _i);
}
END_TEST

START_TEST(blank_name_is_refused)
{
    uk_key_spec_t spec = {.name = " \xe2\x80\x8b ",
                          .scopes = unit_strings("alerts:read", NULL)};
    uk_key_t key;

    ck_assert_str_eq(errors_of(&spec, &key), "/name invalid-name");
    spec.name = " CI ";
    ck_assert_str_eq(errors_of(&spec, &key), "");
    ck_assert_str_eq(key.name, "CI");
}
END_TEST

/* NOW is on 2026-11-23. */
#define END_OF_23_NOVEMBER APR_INT64_C(1795478399999)
#define DAYS(n) ((n)*UK_DAY_MS)

/* What is asked, the maximum and the default in days, the expiry of the maker;
 * what becomes of it. */
static const struct {
    const char *expires;
    int maximum, preset;
    uk_instant_t maker;
    uk_instant_t want;
    const char *error;
} lifetimes[] = {
    {NULL, 0, 0, 0, 0, ""},
    {NULL, 0, 0, NOW + 5, NOW + 5, ""},
    {NULL, 0, 1, 0, END_OF_23_NOVEMBER + DAYS(1), ""},
    {NULL, 0, 1, NOW + 5, NOW + 5, ""},
    {NULL, 0, 1, NOW + DAYS(9), END_OF_23_NOVEMBER + DAYS(1), ""},
    {NULL, 30, 7, 0, END_OF_23_NOVEMBER + DAYS(7), ""},
    {NULL, 30, 0, 0, 0, "/expiresAt lifetime-exceeded"},
    {NULL, 30, 0, NOW + 5, NOW + 5, ""},
    {NULL, 1, 0, NOW + DAYS(9), 0, "/expiresAt lifetime-exceeded"},
    {"2026-11-24T23:59:59.999Z", 1, 0, 0, END_OF_23_NOVEMBER + DAYS(1), ""},
    {"2026-11-25T00:00:00Z", 1, 0, 0, 0, "/expiresAt lifetime-exceeded"},
    {"2026-11-24T00:00:00Z", 1, 1, 0, END_OF_23_NOVEMBER + 1, ""},
    {"2126-11-24T00:00:00Z", 0, 7, 0, APR_INT64_C(4951152000000), ""},
    {"2026-11-22T00:00:00Z", 1, 0, 0, 0, "/expiresAt not-in-future"},
};

START_TEST(lifetime_ends_at_the_end_of_a_day)
{
    uk_key_spec_t spec = {.name = "CI",
                          .scopes = unit_strings("alerts:read", NULL),
                          .expires = lifetimes[_i].expires};
    uk_key_t key;

    rules.lifetimes =
        (uk_lifetimes_t){lifetimes[_i].maximum, lifetimes[_i].preset};
    rules.maker_expires_at = lifetimes[_i].maker;
    ck_assert_str_eq(errors_of(&spec, &key), lifetimes[_i].error);
    if (!*lifetimes[_i].error) {
        ck_assert_int_eq(key.expires_at, lifetimes[_i].want);
    }
}
END_TEST

START_TEST(addresses_are_stored_in_one_form_and_once)
{
    uk_key_spec_t spec = {
        .name = "CI",
        .scopes = unit_strings("alerts:read", NULL),
        .addresses =
            unit_strings("192.0.2.7/32", "2001:DB8::/32", "192.0.2.7", NULL)};
    uk_key_t key;

    ck_assert_str_eq(errors_of(&spec, &key), "");
    ck_assert_str_eq(unit_join(key.addresses), "192.0.2.7,2001:db8::/32");
    spec.addresses = unit_strings("192.0.2.7", "192.0.2.7/24", "x", NULL);
    ck_assert_str_eq(errors_of(&spec, &key), "/addresses/1 invalid-address, "
                                             "/addresses/2 invalid-address");
    spec.addresses = unit_strings(NULL);
    ck_assert_str_eq(errors_of(&spec, &key), "");
    ck_assert_ptr_null(key.addresses);
}
END_TEST

START_TEST(key_has_at_most_fifty_addresses)
{
    apr_array_header_t *addresses = unit_strings(NULL);
    uk_key_spec_t spec = {.name = "CI",
                          .scopes = unit_strings("alerts:read", NULL),
                          .addresses = addresses};
    uk_key_t key;
    int i;

    for (i = 0; i < UK_NETWORKS_MAX + _i; i++) {
        APR_ARRAY_PUSH(addresses, const char *) =
            apr_psprintf(unit_pool, "192.0.2.%d", i);
    }
    ck_assert_str_eq(errors_of(&spec, &key),
                     _i ? "/addresses too-many-addresses" : "");
}
END_TEST

/* Of a key that breaks all rules. */
static const char *change_of(const uk_key_spec_t *spec, uk_key_t *key)
{
    apr_array_header_t *errors;

    *key = (uk_key_t){.name = "\n",
                      .scopes = unit_strings("gone:read", NULL),
                      .expires_at = 1,
                      .addresses = unit_strings("?", NULL)};
    rules.lifetimes = (uk_lifetimes_t){30, 30};
    uk_key_change_validate(unit_pool, &rules, spec, key, &errors);
    return errors->nelts ? APR_ARRAY_IDX(errors, 0, uk_field_error_t).pointer
                         : "";
}

START_TEST(change_leaves_alone_what_was_not_sent)
{
    const uk_key_spec_t spec = {.sent = 0};
    uk_key_t key;

    ck_assert_str_eq(change_of(&spec, &key), "");
    ck_assert_str_eq(key.name, "\n");
    ck_assert_str_eq(unit_join(key.scopes), "gone:read");
    ck_assert_str_eq(unit_join(key.addresses), "?");
    ck_assert(key.expires_at == 1);
}
END_TEST

static const struct {
    unsigned sent;
    const char *want;
} nulls[] = {
    {UK_SPEC_NAME, "/name"},        {UK_SPEC_SCOPES, "/scopes"},
    {UK_SPEC_EXPIRY, "/expiresAt"}, {UK_SPEC_ADDRESSES, ""},
    {UK_SPEC_DISABLED, ""},
};

START_TEST(null_clears_what_can_be_cleared)
{
    const uk_key_spec_t spec = {.sent = nulls[_i].sent};
    uk_key_t key;

    ck_assert_str_eq(change_of(&spec, &key), nulls[_i].want);
    ck_assert(nulls[_i].sent != UK_SPEC_ADDRESSES || !key.addresses);
}
END_TEST

START_TEST(key_is_disabled_once)
{
    const uk_key_spec_t spec = {.sent = UK_SPEC_DISABLED, .disabled = 1};
    apr_array_header_t *errors;
    uk_key_t key;

    ck_assert_str_eq(change_of(&spec, &key), "");
    ck_assert(key.disabled_at == NOW);
    ck_assert_str_eq(key.disabled_reason, UK_DISABLED_MANUALLY);
    key.disabled_at = 1;
    key.disabled_reason = UK_DISABLED_LEAKED;
    uk_key_change_validate(unit_pool, &rules, &spec, &key, &errors);
    ck_assert(key.disabled_at == 1);
    ck_assert_int_eq(uk_key_is_leaked(&key), 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("key_spec");
    TCase *change = unit_case(suite, "change");
    TCase *spec = unit_case(suite, "spec");

    tcase_add_checked_fixture(spec, set_up_rules, NULL);
    tcase_add_test(spec, valid_spec_becomes_a_key);
    tcase_add_test(spec, spec_without_expiry_never_expires);
    tcase_add_test(spec, repeated_scope_is_stored_once);
    tcase_add_loop_test(spec, every_bad_field_is_named_at_once, 0,
                        UNIT_COUNT(bad_specs));
    tcase_add_test(spec, missing_scopes_are_like_an_empty_array);
    tcase_add_test(spec, misspelt_scope_gets_a_hint);
    tcase_add_loop_test(spec, scopes_fit_their_column, 0, 2);
    tcase_add_test(spec, blank_name_is_refused);
    tcase_add_loop_test(spec, lifetime_ends_at_the_end_of_a_day, 0,
                        UNIT_COUNT(lifetimes));
    tcase_add_test(spec, addresses_are_stored_in_one_form_and_once);
    tcase_add_loop_test(spec, key_has_at_most_fifty_addresses, 0, 2);
    tcase_add_checked_fixture(change, set_up_rules, NULL);
    tcase_add_test(change, change_leaves_alone_what_was_not_sent);
    tcase_add_loop_test(change, null_clears_what_can_be_cleared, 0,
                        UNIT_COUNT(nulls));
    tcase_add_test(change, key_is_disabled_once);
    return unit_run(suite);
}
