/* SPDX-License-Identifier: Apache-2.0 */
/* JSON documents in and out. */
#include "unit.h"

#include <apr_strings.h>
#include <string.h>

#include "core/json.h"
#include "core/team.h"

static const struct {
    const char *given;
    const char *want;   /* joined with commas; NULL: refused */
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
        uk_json_read_names(unit_pool, name_texts[_i].given);

    ck_assert_str_eq(unit_join(names),
                     name_texts[_i].want ? name_texts[_i].want : "(none)");
}
END_TEST

START_TEST(deep_nesting_is_refused)
{
    const char *deep = unit_repeat("[", 1000000);

    ck_assert_ptr_null(uk_json_read_names(unit_pool, deep));
}
END_TEST

START_TEST(long_array_is_read_whole)
{
    const char *text = apr_pstrcat(unit_pool, "[\"x\"",
                                   unit_repeat(",\"monitors:read\"", 4096),
                                   "]", NULL);
    apr_array_header_t *names = uk_json_read_names(unit_pool, text);

    ck_assert(strlen(text) > 65536);
    ck_assert_ptr_nonnull(names);
    ck_assert_int_eq(names->nelts, 4097);
    ck_assert_str_eq(uk_json_write_names(unit_pool, names), text);
}
END_TEST

START_TEST(names_are_written_compact)
{
    ck_assert_str_eq(
        uk_json_write_names(unit_pool,
                            unit_names("monitors:read", "a\"b\\", NULL)),
        "[\"monitors:read\",\"a\\\"b\\\\\"]");
    ck_assert_str_eq(uk_json_write_names(unit_pool, unit_names(NULL)), "[]");
}
END_TEST

START_TEST(names_read_as_they_were_written)
{
    apr_array_header_t *names = unit_names(
        "", "a", "<b>&'\"\\/", "\xc3\xa9\xf0\x9f\x94\x91", "\n\t\x01\x7f",
        "null", "[]", NULL);
    apr_array_header_t *back = uk_json_read_names(
        unit_pool, uk_json_write_names(unit_pool, names));

    ck_assert_ptr_nonnull(back);
    ck_assert_int_eq(back->nelts, names->nelts);
    ck_assert_str_eq(unit_join(back), unit_join(names));
}
END_TEST

#define ID "key_01h455vb4pex5vsknk084sn02q"
#define HASH "e1d2316a5996c7b52bdb5720692a617b1d8f0fbe5249d53b357ba338cb44fe2a"

static uk_key_t some_key(void)
{
    return (uk_key_t){
        .id = ID, .team = "acme", .name = "CI", .prefix = "uptime_a1b2c3d4",
        .created_by = "olga", .scopes = unit_names("alerts:read", NULL),
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
    return uk_json_write_keys(unit_pool, keys);
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
    used.scopes = unit_names("alerts:read", "alerts:write", NULL);
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

START_TEST(key_that_somebody_spoilt_does_not_vanish_from_a_list)
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
    uk_json_problem_t problem = {
        .type = "urn:uptime-keys:error:forbidden",
        .title = "Forbidden",
        .status = 403,
        .detail = "needs \"monitors:read\"",
        .instance = "urn:uuid:01890a5d-ac96-774b-bcce-b302099a8057"};

    ck_assert_str_eq(uk_json_write_problem(unit_pool, &problem),
                     "{\"type\":\"urn:uptime-keys:error:forbidden\","
                     "\"title\":\"Forbidden\",\"status\":403,"
                     "\"detail\":\"needs \\\"monitors:read\\\"\","
                     "\"instance\":\"urn:uuid:01890a5d-ac96-774b-bcce-"
                     "b302099a8057\"}");
}
END_TEST

START_TEST(problem_survives_a_detail_that_is_not_utf_8)
{
    uk_json_problem_t problem = {.type = "urn:x", .title = "Forbidden",
                                 .status = 403, .detail = "needs \xff",
                                 .instance = "urn:y"};

    ck_assert_str_eq(uk_json_write_problem(unit_pool, &problem),
                     "{\"type\":\"urn:x\",\"title\":\"Forbidden\","
                     "\"status\":403,\"detail\":null,"
                     "\"instance\":\"urn:y\"}");
}
END_TEST

START_TEST(problem_names_every_field_at_fault)
{
    apr_array_header_t *errors =
        apr_array_make(unit_pool, 2, sizeof(uk_field_error_t));
    uk_json_problem_t problem = {.type = "urn:x", .title = "Invalid",
                                 .status = 400, .detail = "no",
                                 .instance = "urn:y", .errors = errors};

    APR_ARRAY_PUSH(errors, uk_field_error_t) =
        (uk_field_error_t){"/name", "required", "a key needs a name"};
    APR_ARRAY_PUSH(errors, uk_field_error_t) =
        (uk_field_error_t){"/scopes/1", "unknown-scope", "no \"x\""};
    ck_assert_str_eq(
        uk_json_write_problem(unit_pool, &problem),
        "{\"type\":\"urn:x\",\"title\":\"Invalid\",\"status\":400,"
        "\"detail\":\"no\",\"instance\":\"urn:y\",\"errors\":["
        "{\"pointer\":\"/name\",\"code\":\"required\","
        "\"message\":\"a key needs a name\"},"
        "{\"pointer\":\"/scopes/1\",\"code\":\"unknown-scope\","
        "\"message\":\"no \\\"x\\\"\"}]}");
}
END_TEST

#define TEAM "\"team\":\"acme\""
#define NAME "\"name\":\"CI\""
#define SCOPES "\"scopes\":[\"alerts:read\"]"
#define KEY_HASH "\"keyHash\":\"" HASH "\""
#define PREFIX "\"keyPrefix\":\"uptime_a1b2c3d4\""
#define REST NAME "," SCOPES "," KEY_HASH "," PREFIX
#define LINE "{" TEAM "," REST "}"

START_TEST(import_line_is_read)
{
    static const char line[] =
        "{" TEAM "," REST ",\"id\":\"" ID "\",\"createdAt\":1,"
        "\"expiresAt\":253402300799999,\"lastUsedAt\":1795414500001,"
        "\"plan\":{\"more\":[1,2]}}";
    uk_json_import_t import;
    const char *error = "unset";

    ck_assert_int_eq(uk_json_read_import(unit_pool, line, sizeof(line) - 1,
                                         &import, &error), 0);
    ck_assert_ptr_null(error);
    ck_assert_str_eq(import.hash, HASH);
    ck_assert_str_eq(import.key.id, ID);
    ck_assert_str_eq(import.key.team, "acme");
    ck_assert_str_eq(import.key.name, "CI");
    ck_assert_str_eq(import.key.prefix, "uptime_a1b2c3d4");
    ck_assert_str_eq(unit_join(import.key.scopes), "alerts:read");
    ck_assert(import.key.created_at == 1);
    ck_assert(import.key.expires_at == UK_INSTANT_MAX);
    ck_assert(import.key.last_used_at == APR_INT64_C(1795414500001));
}
END_TEST

START_TEST(import_line_needs_no_times_and_no_id)
{
    static const char *const lines[] = {
        LINE,
        "{" TEAM "," REST ",\"createdAt\":null,\"expiresAt\":null,"
        "\"lastUsedAt\":null,\"id\":null}",
        " " LINE " \r",
    };
    uk_json_import_t import;
    const char *error;

    memset(&import, 0x5a, sizeof(import));
    ck_assert_int_eq(uk_json_read_import(unit_pool, lines[_i],
                                         strlen(lines[_i]), &import, &error),
                     0);
    ck_assert_ptr_null(import.key.id);
    ck_assert(import.key.created_at == UK_INSTANT_NONE);
    ck_assert(import.key.expires_at == UK_INSTANT_NONE);
    ck_assert(import.key.last_used_at == UK_INSTANT_NONE);
}
END_TEST

static const struct {
    const char *given;
    const char *want;   /* how the error begins */
} bad_lines[] = {
    {"", "not JSON: "},
    {"{", "not JSON: "},
    {"x", "not JSON: "},
    {LINE "x", "not JSON: "},
    {LINE LINE, "not JSON: "},
    {"{" TEAM "," TEAM "," REST "}", "not JSON: duplicate"},
    {"{\"team\":\"\\u0000\"," REST "}", "not JSON: "},
    {"{\"team\":\"\xff\"," REST "}", "not JSON: "},
    {"null", "not JSON: "},
    {"[]", "not a JSON object"},
    {"[" LINE "]", "not a JSON object"},
    {"{}", "scopes must be an array"},
    {"{" REST "}", "team must"},
    {"{\"team\":null," REST "}", "team must"},
    {"{\"team\":1," REST "}", "team must"},
    {"{\"team\":\"\"," REST "}", "team must"},
    {"{\"team\":\"Acme\"," REST "}", "team must"},
    {"{" TEAM "," SCOPES "," KEY_HASH "," PREFIX "}", "name must"},
    {"{" TEAM ",\"name\":\"\"," SCOPES "," KEY_HASH "," PREFIX "}",
     "name must"},
    {"{" TEAM ",\"name\":\"a\\n\"," SCOPES "," KEY_HASH "," PREFIX "}",
     "name must"},
    {"{" TEAM ",\"name\":[\"a\"]," SCOPES "," KEY_HASH "," PREFIX "}",
     "name must"},
    {"{" TEAM "," NAME "," KEY_HASH "," PREFIX "}", "scopes must be an array"},
    {"{" TEAM "," NAME ",\"scopes\":[]," KEY_HASH "," PREFIX "}",
     "scopes must be an array"},
    {"{" TEAM "," NAME ",\"scopes\":\"alerts:read\"," KEY_HASH "," PREFIX "}",
     "scopes must be an array"},
    {"{" TEAM "," NAME ",\"scopes\":[1]," KEY_HASH "," PREFIX "}",
     "scopes must be an array"},
    {"{" TEAM "," NAME ",\"scopes\":[\"*\"]," KEY_HASH "," PREFIX "}",
     "scopes must look like"},
    {"{" TEAM "," NAME ",\"scopes\":[\"a:b c:d\"]," KEY_HASH "," PREFIX "}",
     "scopes must look like"},
    {"{" TEAM "," NAME ",\"scopes\":[\"a:b\\nX: y\"]," KEY_HASH "," PREFIX
     "}", "scopes must look like"},
    {"{" TEAM "," NAME "," SCOPES "," PREFIX "}", "keyHash must"},
    {"{" TEAM "," NAME "," SCOPES ",\"keyHash\":1," PREFIX "}",
     "keyHash must"},
    {"{" TEAM "," NAME "," SCOPES ",\"keyHash\":\"e1d2\"," PREFIX "}",
     "keyHash must"},
    {"{" TEAM "," NAME "," SCOPES ",\"keyHash\":\"E1D2316A5996C7B52BDB5720692"
     "A617B1D8F0FBE5249D53B357BA338CB44FE2A\"," PREFIX "}", "keyHash must"},
    {"{" TEAM "," NAME "," SCOPES "," KEY_HASH "}", "keyPrefix must"},
    {"{" TEAM "," NAME "," SCOPES "," KEY_HASH
     ",\"keyPrefix\":\"uptime_a1b2c3d\"}", "keyPrefix must"},
    {"{" TEAM "," NAME "," SCOPES "," KEY_HASH
     ",\"keyPrefix\":\"uptime_a1b2c3d4e\"}", "keyPrefix must"},
    {"{" TEAM "," NAME "," SCOPES "," KEY_HASH
     ",\"keyPrefix\":\"uptime_A1B2C3D4\"}", "keyPrefix must"},
    {"{" TEAM "," NAME "," SCOPES "," KEY_HASH
     ",\"keyPrefix\":\"secret_a1b2c3d4\"}", "keyPrefix must"},
    {"{" TEAM "," REST ",\"id\":7}", "id must"},
    {"{" TEAM "," REST ",\"id\":\"\"}", "id must"},
    {"{" TEAM "," REST ",\"id\":\"key_81h455vb4pex5vsknk084sn02q\"}",
     "id must"},
    {"{" TEAM "," REST ",\"createdAt\":0}", "createdAt, expiresAt"},
    {"{" TEAM "," REST ",\"createdAt\":\"2026-11-23T06:15:00Z\"}",
     "createdAt, expiresAt"},
    {"{" TEAM "," REST ",\"expiresAt\":0}", "createdAt, expiresAt"},
    {"{" TEAM "," REST ",\"expiresAt\":-1}", "createdAt, expiresAt"},
    {"{" TEAM "," REST ",\"expiresAt\":1.5}", "createdAt, expiresAt"},
    {"{" TEAM "," REST ",\"expiresAt\":1e12}", "createdAt, expiresAt"},
    {"{" TEAM "," REST ",\"expiresAt\":false}", "createdAt, expiresAt"},
    {"{" TEAM "," REST ",\"expiresAt\":\"\"}", "createdAt, expiresAt"},
    {"{" TEAM "," REST ",\"expiresAt\":253402300800000}",
     "createdAt, expiresAt"},
    {"{" TEAM "," REST ",\"expiresAt\":99999999999999999999}",
     "not JSON: "},
    {"{" TEAM "," REST ",\"lastUsedAt\":\"never\"}", "createdAt, expiresAt"},
};

START_TEST(wrong_import_line_is_refused_with_a_reason)
{
    const char *given = bad_lines[_i].given, *want = bad_lines[_i].want;
    uk_json_import_t import;
    const char *error = NULL;

    ck_assert_int_eq(uk_json_read_import(unit_pool, given, strlen(given),
                                         &import, &error), -1);
    ck_assert_ptr_nonnull(error);
    ck_assert_msg(strncmp(error, want, strlen(want)) == 0,
                  "%s\ngave: %s\nwant: %s", given, error, want);
}
END_TEST

/* All that a line says, or why it says nothing. */
static const char *reading_of(apr_pool_t *pool, const char *line, size_t len)
{
    uk_json_import_t import;
    const uk_key_t *key = &import.key;
    const char *error;

    /* Where in the line the error is does not matter. */
    if (uk_json_read_import(pool, line, len, &import, &error)) {
        return strncmp(error, "not JSON", 8) == 0 ? "not JSON" : error;
    }
    return apr_psprintf(
        pool, "%s|%s|%s|%s|%s|%s|%" APR_INT64_T_FMT "|%" APR_INT64_T_FMT
        "|%" APR_INT64_T_FMT, key->team, key->name, key->prefix, import.hash,
        key->id ? key->id : "", uk_json_write_names(pool, key->scopes),
        key->created_at, key->expires_at, key->last_used_at);
}

/* A line in plain form is read in a quicker way; one with a line feed never
 * is. Whatever byte changes, both ways must come to the same end. */
START_TEST(quick_and_thorough_reading_agree)
{
    static const char bytes[] = "\"\\{}[],:'/ \t\r\n\x01\x1f\x7f\xc3\xff"
                                "0179-+.eEnutaAz";
    char line[] = "{" TEAM ", " REST ",\"createdAt\":1,\"expiresAt\" : null,"
                  "\"lastUsedAt\":1795414500001,\"id\":\"" ID "\"}\n";
    const size_t len = sizeof(line) - 1;
    size_t i, j;

    ck_assert_int_eq(line[0], '{');
    for (i = 0; i < len - 1; i++) {
        const char before = line[i];

        for (j = 0; j < sizeof(bytes); j++) {
            apr_pool_t *pool;

            apr_pool_create(&pool, unit_pool);
            line[i] = bytes[j];
            ck_assert_str_eq(reading_of(pool, line, len - 1),
                             reading_of(pool, line, len));
            apr_pool_destroy(pool);
        }
        line[i] = before;
        ck_assert_str_eq(reading_of(unit_pool, line, i), "not JSON");
    }
}
END_TEST

START_TEST(import_line_has_a_maximum)
{
    int spaces = UK_JSON_LINE_MAX - (int)strlen(LINE) + _i;
    const char *line = apr_pstrcat(unit_pool, LINE, unit_repeat(" ", spaces),
                                   NULL);
    uk_json_import_t import;
    const char *error;

    ck_assert_int_eq(uk_json_read_import(unit_pool, line, strlen(line),
                                         &import, &error), -_i);
    ck_assert_pstr_eq(error, _i ? "longer than 65536 bytes" : NULL);
}
END_TEST

START_TEST(import_line_need_not_end_in_nul)
{
    const char *exact = apr_pmemdup(unit_pool, LINE "x", strlen(LINE));
    uk_json_import_t import;
    const char *error;

    ck_assert_int_eq(uk_json_read_import(unit_pool, exact, strlen(LINE),
                                         &import, &error), 0);
}
END_TEST

/* As long as the column, and a byte longer. */
START_TEST(imported_scopes_fit_their_column)
{
    const char *scopes = apr_pstrcat(
        unit_pool, "[\"", unit_repeat("x", 31 + _i), ":read\"",
        unit_repeat(",\"alerts:write\"", 264), "]", NULL);
    const char *line = apr_pstrcat(unit_pool, "{" TEAM "," NAME "," KEY_HASH
                                   "," PREFIX ",\"scopes\":", scopes, "}",
                                   NULL);
    uk_json_import_t import;
    const char *error;

    ck_assert_int_eq((int)strlen(scopes), UK_KEY_SCOPES_MAX + _i);
    ck_assert_int_eq(uk_json_read_import(unit_pool, line, strlen(line),
                                         &import, &error), -_i);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("json");
    TCase *names = unit_case(suite, "names");
    TCase *keys = unit_case(suite, "documents");
    TCase *import = unit_case(suite, "import");

    tcase_add_loop_test(names, only_an_array_of_strings_is_read, 0,
                        UNIT_COUNT(name_texts));
    tcase_add_test(names, deep_nesting_is_refused);
    tcase_add_test(names, long_array_is_read_whole);
    tcase_add_test(names, names_are_written_compact);
    tcase_add_test(names, names_read_as_they_were_written);
    tcase_add_test(keys, no_keys_are_an_empty_array);
    tcase_add_test(keys, key_document_has_seven_members_and_no_more);
    tcase_add_test(keys, key_that_somebody_spoilt_does_not_vanish_from_a_list);
    tcase_add_test(keys, teams_have_id_name_and_time);
    tcase_add_test(keys, members_have_user_and_role);
    tcase_add_test(keys, catalogue_is_written_in_order);
    tcase_add_test(keys, problem_document_is_rfc_9457);
    tcase_add_test(keys, problem_survives_a_detail_that_is_not_utf_8);
    tcase_add_test(keys, problem_names_every_field_at_fault);
    tcase_add_test(import, import_line_is_read);
    tcase_add_loop_test(import, import_line_needs_no_times_and_no_id, 0, 3);
    tcase_add_loop_test(import, wrong_import_line_is_refused_with_a_reason, 0,
                        UNIT_COUNT(bad_lines));
    tcase_add_test(import, quick_and_thorough_reading_agree);
    tcase_add_loop_test(import, import_line_has_a_maximum, 0, 2);
    tcase_add_test(import, import_line_need_not_end_in_nul);
    tcase_add_loop_test(import, imported_scopes_fit_their_column, 0, 2);
    return unit_run(suite);
}
