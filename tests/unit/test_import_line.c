/* SPDX-License-Identifier: Apache-2.0 */
/* The lines of a file of keys that the tool imports. */
#include "unit.h"

#include <apr_strings.h>
#include <string.h>

#include "core/json.h"
#include "store/import_line.h"

#define ID "key_01h455vb4pex5vsknk084sn02q"
#define HASH "e1d2316a5996c7b52bdb5720692a617b1d8f0fbe5249d53b357ba338cb44fe2a"

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
    uk_import_line_t import;
    const char *error = "unset";

    ck_assert_int_eq(
        uk_import_line_read(unit_pool, line, sizeof(line) - 1, &import, &error),
        0);
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
    uk_import_line_t import;
    const char *error;

    memset(&import, 0x5a, sizeof(import));
    ck_assert_int_eq(uk_import_line_read(unit_pool, lines[_i],
                                         strlen(lines[_i]), &import, &error),
                     0);
    ck_assert_ptr_null(import.key.id);
    ck_assert(import.key.created_at == UK_INSTANT_NONE);
    ck_assert(import.key.expires_at == UK_INSTANT_NONE);
    ck_assert(import.key.last_used_at == UK_INSTANT_NONE);
}
END_TEST

/* jansson takes it for nothing. */
START_TEST(a_nul_byte_is_refused)
{
    static const char line[] = "{" TEAM "," REST ",\"createdAt\":1\0}";
    uk_import_line_t import;
    const char *error;

    ck_assert_int_eq(
        uk_import_line_read(unit_pool, line, sizeof(line) - 1, &import, &error),
        -1);
    ck_assert_str_eq(error, apr_psprintf(unit_pool,
                                         "not JSON: a NUL byte at column %d",
                                         (int)sizeof(line) - 2));
}
END_TEST

static const struct {
    const char *given;
    const char *want; /* how the error begins */
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
    {"{" TEAM ",\"name\":\"a\\nb\"," SCOPES "," KEY_HASH "," PREFIX "}",
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
    {"{" TEAM "," NAME ",\"scopes\":[\"a:b\\nX: y\"]," KEY_HASH "," PREFIX "}",
     "scopes must look like"},
    {"{" TEAM "," NAME "," SCOPES "," PREFIX "}", "keyHash must"},
    {"{" TEAM "," NAME "," SCOPES ",\"keyHash\":1," PREFIX "}", "keyHash must"},
    {"{" TEAM "," NAME "," SCOPES ",\"keyHash\":\"e1d2\"," PREFIX "}",
     "keyHash must"},
    {"{" TEAM "," NAME "," SCOPES ",\"keyHash\":\"E1D2316A5996C7B52BDB5720692"
     "A617B1D8F0FBE5249D53B357BA338CB44FE2A\"," PREFIX "}",
     "keyHash must"},
    {"{" TEAM "," NAME "," SCOPES "," KEY_HASH "}", "keyPrefix must"},
    {"{" TEAM "," NAME "," SCOPES "," KEY_HASH
     ",\"keyPrefix\":\"uptime_a1b2c3d\"}",
     "keyPrefix must"},
    {"{" TEAM "," NAME "," SCOPES "," KEY_HASH
     ",\"keyPrefix\":\"uptime_a1b2c3d4e\"}",
     "keyPrefix must"},
    {"{" TEAM "," NAME "," SCOPES "," KEY_HASH
     ",\"keyPrefix\":\"uptime_A1B2C3D4\"}",
     "keyPrefix must"},
    {"{" TEAM "," NAME "," SCOPES "," KEY_HASH
     ",\"keyPrefix\":\"secret_a1b2c3d4\"}",
     "keyPrefix must"},
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
    {"{" TEAM "," REST ",\"expiresAt\":99999999999999999999}", "not JSON: "},
    {"{" TEAM "," REST ",\"lastUsedAt\":\"never\"}", "createdAt, expiresAt"},
};

START_TEST(bad_import_line_is_refused_with_a_reason)
{
    const char *given = bad_lines[_i].given, *want = bad_lines[_i].want;
    uk_import_line_t import;
    const char *error = NULL;

    ck_assert_int_eq(
        uk_import_line_read(unit_pool, given, strlen(given), &import, &error),
        -1);
    ck_assert_ptr_nonnull(error);
    ck_assert_msg(strncmp(error, want, strlen(want)) == 0,
                  "%s\ngave: %s\nwant: %s", given, error, want);
}
END_TEST

/* The values of a line, or the error. */
static const char *values_of_line(apr_pool_t *pool, const char *line,
                                  size_t len)
{
    uk_import_line_t import;
    const uk_key_t *key = &import.key;
    const char *error;

    /* The two readers may report different positions. */
    if (uk_import_line_read(pool, line, len, &import, &error)) {
        return strncmp(error, "not JSON", 8) == 0 ? "not JSON" : error;
    }
    return apr_psprintf(pool,
                        "%s|%s|%s|%s|%s|%s|%" APR_INT64_T_FMT
                        "|%" APR_INT64_T_FMT "|%" APR_INT64_T_FMT,
                        key->team, key->name, key->prefix, import.hash,
                        key->id ? key->id : "",
                        uk_json_write_strings(pool, key->scopes),
                        key->created_at, key->expires_at, key->last_used_at);
}

/* A line in plain form is read by a faster reader, one with a line feed never.
 * Both must agree, whichever byte changes. */
START_TEST(fast_and_full_reader_agree)
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
            ck_assert_str_eq(values_of_line(pool, line, len - 1),
                             values_of_line(pool, line, len));
            apr_pool_destroy(pool);
        }
        line[i] = before;
        ck_assert_str_eq(values_of_line(unit_pool, line, i), "not JSON");
    }
}
END_TEST

START_TEST(import_line_has_a_maximum)
{
    int spaces = UK_IMPORT_LINE_MAX - (int)strlen(LINE) + _i;
    const char *line =
        apr_pstrcat(unit_pool, LINE, unit_repeat(" ", spaces), NULL);
    uk_import_line_t import;
    const char *error;

    ck_assert_int_eq(
        uk_import_line_read(unit_pool, line, strlen(line), &import, &error),
        -_i);
    ck_assert_pstr_eq(error, _i ? "longer than 65536 bytes" : NULL);
}
END_TEST

START_TEST(import_line_need_not_end_in_nul)
{
    const char *exact = apr_pmemdup(unit_pool, LINE "x", strlen(LINE));
    uk_import_line_t import;
    const char *error;

    ck_assert_int_eq(
        uk_import_line_read(unit_pool, exact, strlen(LINE), &import, &error),
        0);
}
END_TEST

/* Exactly as wide as the column, and a byte wider. */
START_TEST(imported_scopes_fit_their_column)
{
    const char *scopes =
        apr_pstrcat(unit_pool, "[\"", unit_repeat("x", 31 + _i), ":read\"",
                    unit_repeat(",\"alerts:write\"", 264), "]", NULL);
    const char *line = apr_pstrcat(
        unit_pool,
        "{" TEAM "," NAME "," KEY_HASH "," PREFIX ",\"scopes\":", scopes, "}",
        NULL);
    uk_import_line_t import;
    const char *error;

    ck_assert_int_eq((int)strlen(scopes), UK_KEY_SCOPES_MAX + _i);
    ck_assert_int_eq(
        uk_import_line_read(unit_pool, line, strlen(line), &import, &error),
        -_i);
}
END_TEST

START_TEST(import_line_has_what_a_list_shows)
{
    static const char line[] =
        "{" TEAM "," REST ",\"addresses\":[\"2001:DB8::0/32\",\"192.0.2.7/32\","
        "\"192.0.2.7\"],\"disabledAt\":5,\"disabledReason\":\"leaked\","
        "\"previous\":{\"keyPrefix\":\"uptime_00000000\",\"endsAt\":9,"
        "\"lastUsedAt\":null}}";
    uk_import_line_t import;
    const char *error;

    ck_assert_int_eq(
        uk_import_line_read(unit_pool, line, sizeof(line) - 1, &import, &error),
        0);
    ck_assert_str_eq(unit_join(import.key.addresses),
                     "2001:db8::/32,192.0.2.7");
    ck_assert(import.key.disabled_at == 5);
    ck_assert_str_eq(import.key.disabled_reason, UK_DISABLED_LEAKED);
    /* It has no hash, so it is told and not taken. */
    ck_assert_int_eq(import.has_previous, 1);
    ck_assert_ptr_null(import.key.previous_prefix);
    ck_assert(import.key.previous_ends_at == UK_INSTANT_NONE);
}
END_TEST

START_TEST(import_line_without_these_has_none)
{
    static const char *const lines[] = {
        LINE,
        "{" TEAM "," REST ",\"addresses\":null,\"disabledAt\":null,"
        "\"disabledReason\":null,\"previous\":null}",
        "{" TEAM "," REST ",\"addresses\":[]}",
    };
    uk_import_line_t import;
    const char *error;

    memset(&import, 0x5a, sizeof(import));
    ck_assert_int_eq(uk_import_line_read(unit_pool, lines[_i],
                                         strlen(lines[_i]), &import, &error),
                     0);
    ck_assert_ptr_null(import.key.addresses);
    ck_assert(import.key.disabled_at == UK_INSTANT_NONE);
    ck_assert_ptr_null(import.key.disabled_reason);
    ck_assert_int_eq(import.has_previous, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("import_line");
    TCase *import = unit_case(suite, "import");

    tcase_add_test(import, import_line_is_read);
    tcase_add_loop_test(import, import_line_needs_no_times_and_no_id, 0, 3);
    tcase_add_loop_test(import, bad_import_line_is_refused_with_a_reason, 0,
                        UNIT_COUNT(bad_lines));
    tcase_add_test(import, fast_and_full_reader_agree);
    tcase_add_loop_test(import, import_line_has_a_maximum, 0, 2);
    tcase_add_test(import, import_line_need_not_end_in_nul);
    tcase_add_test(import, a_nul_byte_is_refused);
    tcase_add_loop_test(import, imported_scopes_fit_their_column, 0, 2);
    tcase_add_test(import, import_line_has_what_a_list_shows);
    tcase_add_loop_test(import, import_line_without_these_has_none, 0, 3);
    return unit_run(suite);
}
