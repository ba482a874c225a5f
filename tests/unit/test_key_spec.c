/* SPDX-License-Identifier: Apache-2.0 */
/* The names of keys, and the validation of specs for new ones. */
#include "unit.h"

#include <apr_strings.h>
#include <string.h>

#include "core/json.h"
#include "core/key_spec.h"

/* 2026-11-23T06:15:00Z */
#define NOW APR_INT64_C(1795414500000)

/* before + piece * times */
static const struct {
    const char *before;
    const char *piece;
    int times;
    int want;
} name_texts[] = {
    {"", "", 0, 0},
    {"", "a", 1, 1},
    {"", "a", 255, 1},
    {"", "a", 256, 0},
    {"", "a", 100000, 0},
    {"CI deploy", "", 0, 1},
    {" ", "", 0, 1},
    {"<script>alert(1)</script> & \"'\\%s", "", 0, 1},
    /* Characters, not bytes: U+00E9, U+20AC, U+1F511, U+10FFFF. */
    {"", "\xc3\xa9", 255, 1},
    {"", "\xc3\xa9", 256, 0},
    {"", "\xe2\x82\xac", 255, 1},
    {"", "\xf0\x9f\x94\x91", 255, 1},
    {"", "\xf0\x9f\x94\x91", 256, 0},
    {"\xf4\x8f\xbf\xbf", "", 0, 1},
    {"\xd8\xb9\xd8\xb1\xd8\xa8\xd9\x8a", "", 0, 1},
    {"\xe6\x97\xa5\xe6\x9c\xac", "", 0, 1},
    /* Control characters: C0, DEL, C1. */
    {"a\x01", "", 0, 0},
    {"a\tb", "", 0, 0},
    {"a\nb", "", 0, 0},
    {"a\r\nX-Header: b", "", 0, 0},
    {"a\x1b[31m", "", 0, 0},
    {"a\x1f", "", 0, 0},
    {"\x7f", "", 0, 0},
    {"a\xc2\x80", "", 0, 0},
    {"a\xc2\x85", "", 0, 0},
    {"a\xc2\x9f", "", 0, 0},
    {"a\xc2\xa0", "", 0, 1},
    /* Invalid UTF-8: lone continuation, truncated, overlong, surrogate, beyond
     * Unicode, Latin-1. */
    {"\x80", "", 0, 0},
    {"a\xc3", "", 0, 0},
    {"a\xe2\x82", "", 0, 0},
    {"\xf0\x9f\x94", "a", 1, 0},
    {"\xc0\xaf", "", 0, 0},
    {"\xc1\x81", "", 0, 0},
    {"\xe0\x80\xaf", "", 0, 0},
    {"\xed\xa0\x80", "", 0, 0},
    {"\xf4\x90\x80\x80", "", 0, 0},
    {"\xf8\x88\x80\x80\x80", "", 0, 0},
    {"caf\xe9", "", 0, 0},
    {"\xff\xfe", "", 0, 0},
};

START_TEST(name_is_1_to_255_characters_without_controls)
{
    const char *name = apr_pstrcat(
        unit_pool, name_texts[_i].before,
        unit_repeat(name_texts[_i].piece, name_texts[_i].times), NULL);

    ck_assert_int_eq(uk_key_name_is_valid(name), name_texts[_i].want);
}
END_TEST

START_TEST(every_c0_control_is_refused)
{
    int c;

    for (c = 1; c < 0x80; c++) {
        const char name[] = {'a', (char)c, 'b', '\0'};

        ck_assert_msg(uk_key_name_is_valid(name) == (c >= 0x20 && c != 0x7f),
                      "0x%02x", (unsigned)c);
    }
}
END_TEST

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

int main(void)
{
    Suite *suite = suite_create("key_spec");
    TCase *state = unit_case(suite, "state");
    TCase *spec = unit_case(suite, "spec");

    tcase_add_checked_fixture(spec, set_up_rules, NULL);
    tcase_add_loop_test(state, name_is_1_to_255_characters_without_controls, 0,
                        UNIT_COUNT(name_texts));
    tcase_add_test(state, every_c0_control_is_refused);
    tcase_add_test(spec, valid_spec_becomes_a_key);
    tcase_add_test(spec, spec_without_expiry_never_expires);
    tcase_add_test(spec, repeated_scope_is_stored_once);
    tcase_add_loop_test(spec, every_bad_field_is_named_at_once, 0,
                        UNIT_COUNT(bad_specs));
    tcase_add_test(spec, missing_scopes_are_like_an_empty_array);
    tcase_add_test(spec, misspelt_scope_gets_a_hint);
    tcase_add_loop_test(spec, scopes_fit_their_column, 0, 2);
    return unit_run(suite);
}
