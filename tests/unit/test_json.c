/* SPDX-License-Identifier: Apache-2.0 */
/* JSON documents, read and written, except import lines. */
#include "unit.h"

#include <apr_strings.h>
#include <string.h>

#include "core/json.h"
#include "core/key_spec.h"
#include "core/problem_document.h"
#include "core/team.h"

static const struct {
    const char *given;
    const char *want; /* joined with commas; NULL: refused */
} name_texts[] = {
    {"[]", ""},
    {"[\"a\"]", "a"},
    {" [ \"a\" , \"b\" ] \n", "a,b"},
    {"[\"a\",\"a\"]", "a,a"},
    {"[\"\"]", ""},
    {"[\"\\u00e9\\\"\\\\\\/\\n\"]", "\xc3\xa9\"\\/\n"},
    {"[\"\\ud83d\\udd11\"]", "\xf0\x9f\x94\x91"},
    {"", NULL},
    {" ", NULL},
    {"null", NULL},
    {"true", NULL},
    {"1", NULL},
    {"\"monitors:read\"", NULL},
    {"monitors:read", NULL},
    {"{}", NULL},
    {"{\"a\":[\"b\"]}", NULL},
    {"[1]", NULL},
    {"[null]", NULL},
    {"[true]", NULL},
    {"[\"a\",1]", NULL},
    {"[\"a\",null]", NULL},
    {"[[\"a\"]]", NULL},
    {"[{\"a\":1}]", NULL},
    {"[{\"a\":1,\"a\":1}]", NULL},
    {"[\"a\"", NULL},
    {"[\"a\",]", NULL},
    {"[\"a\"]]", NULL},
    {"[\"a\"] []", NULL},
    {"[\"a\"]x", NULL},
    {"[\"a]", NULL},
    {"['a']", NULL},
    {"[\"\\u0000\"]", NULL},
    {"[\"a\\u0000b\"]", NULL},
    {"[\"\\ud800\"]", NULL},
    {"[\"\xff\"]", NULL},
    {"[\"\xc3\"]", NULL},
    {"[\"a\nb\"]", NULL},
    {"\xef\xbb\xbf[\"a\"]", NULL},
    {"[\"a\"] // comment", NULL},
};

START_TEST(only_an_array_of_strings_is_read)
{
    apr_array_header_t *names =
        uk_json_read_strings(unit_pool, name_texts[_i].given);

    ck_assert_str_eq(unit_join(names),
                     name_texts[_i].want ? name_texts[_i].want : "(none)");
}
END_TEST

START_TEST(deep_nesting_is_refused)
{
    const char *deep = unit_repeat("[", 1000000);

    ck_assert_ptr_null(uk_json_read_strings(unit_pool, deep));
}
END_TEST

START_TEST(long_array_is_read_completely)
{
    const char *text =
        apr_pstrcat(unit_pool, "[\"x\"",
                    unit_repeat(",\"monitors:read\"", 4096), "]", NULL);
    apr_array_header_t *names = uk_json_read_strings(unit_pool, text);

    ck_assert(strlen(text) > 65536);
    ck_assert_ptr_nonnull(names);
    ck_assert_int_eq(names->nelts, 4097);
    ck_assert_str_eq(uk_json_write_strings(unit_pool, names), text);
}
END_TEST

START_TEST(names_are_written_compact)
{
    ck_assert_str_eq(
        uk_json_write_strings(unit_pool,
                              unit_strings("monitors:read", "a\"b\\", NULL)),
        "[\"monitors:read\",\"a\\\"b\\\\\"]");
    ck_assert_str_eq(uk_json_write_strings(unit_pool, unit_strings(NULL)),
                     "[]");
}
END_TEST

START_TEST(names_read_as_they_were_written)
{
    apr_array_header_t *names =
        unit_strings("", "a", "<b>&'\"\\/", "\xc3\xa9\xf0\x9f\x94\x91",
                     "\n\t\x01\x7f", "null", "[]", NULL);
    apr_array_header_t *back = uk_json_read_strings(
        unit_pool, uk_json_write_strings(unit_pool, names));

    ck_assert_ptr_nonnull(back);
    ck_assert_int_eq(back->nelts, names->nelts);
    ck_assert_str_eq(unit_join(back), unit_join(names));
}
END_TEST

#define ID "key_01h455vb4pex5vsknk084sn02q"

static uk_key_t some_key(void)
{
    return (uk_key_t){.id = ID,
                      .team = "acme",
                      .name = "CI",
                      .prefix = "uptime_a1b2c3d4",
                      .scopes = unit_strings("alerts:read", NULL),
                      .created_at = APR_INT64_C(1795414500000)};
}

static const char *written(const uk_key_t *a, const uk_key_t *b)
{
    apr_array_header_t *keys = apr_array_make(unit_pool, 2, sizeof(a));

    if (a) {
        APR_ARRAY_PUSH(keys, const uk_key_t *) = a;
    }
    if (b) {
        APR_ARRAY_PUSH(keys, const uk_key_t *) = b;
    }
    return uk_json_write_keys(unit_pool, keys, 1);
}

START_TEST(no_keys_are_an_empty_array)
{
    ck_assert_str_eq(written(NULL, NULL), "[]");
}
END_TEST

START_TEST(key_document_has_seven_members_and_no_more)
{
    uk_key_t fresh = some_key(), used = some_key();

    used.name = "\"\xc3\xa9</script>";
    used.scopes = unit_strings("alerts:read", "alerts:write", NULL);
    used.last_used_at = APR_INT64_C(1795414500001);
    used.expires_at = UK_INSTANT_MAX;
    ck_assert_str_eq(
        written(&fresh, &used),
        "[{\"id\":\"" ID "\",\"name\":\"CI\",\"scopes\":[\"alerts:read\"],"
        "\"createdAt\":1795414500000,\"lastUsedAt\":null,\"expiresAt\":null,"
        "\"keyPrefix\":\"uptime_a1b2c3d4\"},"
        "{\"id\":\"" ID "\",\"name\":\"\\\"\xc3\xa9</script>\","
        "\"scopes\":[\"alerts:read\",\"alerts:write\"],"
        "\"createdAt\":1795414500000,\"lastUsedAt\":1795414500001,"
        "\"expiresAt\":253402300799999,"
        "\"keyPrefix\":\"uptime_a1b2c3d4\"}]");
}
END_TEST

START_TEST(key_with_invalid_utf_8_stays_in_the_list)
{
    uk_key_t key = some_key();

    key.name = "caf\xe9";
    key.prefix = NULL;
    ck_assert_str_eq(
        written(&key, NULL),
        "[{\"id\":\"" ID "\",\"name\":null,\"scopes\":[\"alerts:read\"],"
        "\"createdAt\":1795414500000,\"lastUsedAt\":null,\"expiresAt\":null,"
        "\"keyPrefix\":null}]");
}
END_TEST

START_TEST(teams_have_id_name_and_time)
{
    uk_team_t acme = {"acme", "A \"corp\"", 1}, spoilt = {"b", "\xff", 2};
    apr_array_header_t *teams = apr_array_make(unit_pool, 2, sizeof(&acme));

    ck_assert_str_eq(uk_json_write_teams(unit_pool, teams), "[]");
    APR_ARRAY_PUSH(teams, const uk_team_t *) = &acme;
    APR_ARRAY_PUSH(teams, const uk_team_t *) = &spoilt;
    ck_assert_str_eq(
        uk_json_write_teams(unit_pool, teams),
        "[{\"id\":\"acme\",\"name\":\"A \\\"corp\\\"\",\"createdAt\":1},"
        "{\"id\":\"b\",\"name\":null,\"createdAt\":2}]");
}
END_TEST

START_TEST(members_have_user_and_role)
{
    uk_member_t olga = {"acme", "olga", UK_ROLE_OWNER};
    apr_array_header_t *members = apr_array_make(unit_pool, 1, sizeof(&olga));

    ck_assert_str_eq(uk_json_write_members(unit_pool, members), "[]");
    APR_ARRAY_PUSH(members, const uk_member_t *) = &olga;
    ck_assert_str_eq(uk_json_write_members(unit_pool, members),
                     "[{\"user\":\"olga\",\"role\":\"owner\"}]");
}
END_TEST

START_TEST(catalogue_is_written_in_order)
{
    const char *text =
        uk_json_write_scopes(unit_pool, uk_catalogue_create(unit_pool));

    ck_assert_ptr_eq(strstr(text, "[{\"name\":\"monitors:read\",\"group\":"
                                  "\"Monitoring\",\"description\":\"S"),
                     text);
    ck_assert_ptr_nonnull(strstr(text, "{\"name\":\"api-keys:write\","));
}
END_TEST

START_TEST(problem_document_is_rfc_9457)
{
    uk_problem_document_t problem = {
        .type = "urn:uptime-keys:error:forbidden",
        .title = "Forbidden",
        .status = 403,
        .detail = "needs \"monitors:read\"",
        .instance = "urn:uuid:01890a5d-ac96-774b-bcce-b302099a8057"};

    ck_assert_str_eq(uk_problem_document_write(unit_pool, &problem),
                     "{\"type\":\"urn:uptime-keys:error:forbidden\","
                     "\"title\":\"Forbidden\",\"status\":403,"
                     "\"detail\":\"needs \\\"monitors:read\\\"\","
                     "\"instance\":\"urn:uuid:01890a5d-ac96-774b-bcce-"
                     "b302099a8057\"}");
}
END_TEST

START_TEST(problem_survives_a_detail_that_is_not_utf_8)
{
    uk_problem_document_t problem = {.type = "urn:x",
                                     .title = "Forbidden",
                                     .status = 403,
                                     .detail = "needs \xff",
                                     .instance = "urn:y"};

    ck_assert_str_eq(uk_problem_document_write(unit_pool, &problem),
                     "{\"type\":\"urn:x\",\"title\":\"Forbidden\","
                     "\"status\":403,\"detail\":null,"
                     "\"instance\":\"urn:y\"}");
}
END_TEST

START_TEST(problem_names_every_bad_field)
{
    apr_array_header_t *errors =
        apr_array_make(unit_pool, 2, sizeof(uk_field_error_t));
    uk_problem_document_t problem = {.type = "urn:x",
                                     .title = "Invalid",
                                     .status = 400,
                                     .detail = "no",
                                     .instance = "urn:y",
                                     .errors = errors};

    APR_ARRAY_PUSH(errors, uk_field_error_t) =
        (uk_field_error_t){"/name", "required", "a key needs a name"};
    APR_ARRAY_PUSH(errors, uk_field_error_t) =
        (uk_field_error_t){"/scopes/1", "unknown-scope", "no \"x\""};
    ck_assert_str_eq(uk_problem_document_write(unit_pool, &problem),
                     "{\"type\":\"urn:x\",\"title\":\"Invalid\",\"status\":400,"
                     "\"detail\":\"no\",\"instance\":\"urn:y\",\"errors\":["
                     "{\"pointer\":\"/name\",\"code\":\"required\","
                     "\"message\":\"a key needs a name\"},"
                     "{\"pointer\":\"/scopes/1\",\"code\":\"unknown-scope\","
                     "\"message\":\"no \\\"x\\\"\"}]}");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("json");
    TCase *names = unit_case(suite, "names");
    TCase *keys = unit_case(suite, "documents");

    tcase_add_loop_test(names, only_an_array_of_strings_is_read, 0,
                        UNIT_COUNT(name_texts));
    tcase_add_test(names, deep_nesting_is_refused);
    tcase_add_test(names, long_array_is_read_completely);
    tcase_add_test(names, names_are_written_compact);
    tcase_add_test(names, names_read_as_they_were_written);
    tcase_add_test(keys, no_keys_are_an_empty_array);
    tcase_add_test(keys, key_document_has_seven_members_and_no_more);
    tcase_add_test(keys, key_with_invalid_utf_8_stays_in_the_list);
    tcase_add_test(keys, teams_have_id_name_and_time);
    tcase_add_test(keys, members_have_user_and_role);
    tcase_add_test(keys, catalogue_is_written_in_order);
    tcase_add_test(keys, problem_document_is_rfc_9457);
    tcase_add_test(keys, problem_survives_a_detail_that_is_not_utf_8);
    tcase_add_test(keys, problem_names_every_bad_field);
    return unit_run(suite);
}
