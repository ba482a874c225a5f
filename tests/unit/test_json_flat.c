/* SPDX-License-Identifier: Apache-2.0 */
/* Simple objects are read, and all others are left to jansson. */
#include "core/json_flat.h"

#include <apr_strings.h>
#include <string.h>

#include "unit.h"

static int read_flat(const char *text, uk_flat_object_t *object)
{
    return uk_json_read_flat(unit_pool, text, strlen(text), object);
}

START_TEST(values_are_read)
{
    static const char text[] =
        "\t{ \"s\" : \"a b\",\"i\":123456789012345678 , \"n\": null,"
        "\"a\": [ \"x\" , \"y\" ], \"e\":[]}\r\n";
    uk_flat_object_t object;

    ck_assert_int_eq(read_flat(text, &object), 1);
    ck_assert_int_eq(object.count, 5);
    ck_assert_int_eq((int)object.members[0].len, 1);
    ck_assert_int_eq(*object.members[0].name, 's');
    ck_assert_str_eq(object.members[0].value.string, "a b");
    ck_assert_int_eq(object.members[1].value.kind, UK_FLAT_INTEGER);
    ck_assert(object.members[1].value.integer
              == APR_INT64_C(123456789012345678));
    ck_assert_int_eq(object.members[2].value.kind, UK_FLAT_NULL);
    ck_assert_int_eq(object.members[3].value.strings->nelts, 2);
    ck_assert_str_eq(APR_ARRAY_IDX(object.members[3].value.strings, 1, char *),
                     "y");
    ck_assert_int_eq(object.members[4].value.kind, UK_FLAT_STRINGS);
    ck_assert_int_eq(object.members[4].value.strings->nelts, 0);
}
END_TEST

static const char *const others[] = {
    "",
    "{",
    "{}",
    "[]",
    "null",
    "\"a\"",
    "{\"a\":1",
    "{\"a\":1}}",
    "{\"a\":1} {}",
    "{\"a\":1,}",
    "{,\"a\":1}",
    "{\"a\" 1}",
    "{\"a\":}",
    "{a:1}",
    "{\"a\":1,\"a\":2}",
    "{\"a\":0}",
    "{\"a\":01}",
    "{\"a\":-1}",
    "{\"a\":1.5}",
    "{\"a\":1e5}",
    "{\"a\":1 2}",
    "{\"a\":1234567890123456789}",
    "{\"a\":true}",
    "{\"a\":nul}",
    "{\"a\":nulll}",
    "{\"a\":{\"b\":1}}",
    "{\"a\":[1]}",
    "{\"a\":[\"b\",]}",
    "{\"a\":[\"b\"}",
    "{\"a\":[[\"b\"]]}",
    "{\"a\":\"b}",
    "{\"a\":\"\\n\"}",
    "{\"a\\u0062\":1}",
    "{\"a\":\"\x01\"}",
    "{\"a\":\"\x7f\"}",
    "{\"a\":\"\xc3\xa4\"}",
    "{\"a\":\"\xff\"}",
    "\xef\xbb\xbf{\"a\":1}",
    "{\"a\":1}\x0c",
    ("{\"1\":1,\"2\":1,\"3\":1,\"4\":1,\"5\":1,\"6\":1,\"7\":1,\"8\":1,\"9\":1,"
     "\"10\":1,\"11\":1,\"12\":1,\"13\":1,\"14\":1,\"15\":1,\"16\":1,"
     "\"17\":1}"),
};

START_TEST(anything_else_is_not_simple)
{
    uk_flat_object_t object;

    ck_assert_msg(read_flat(others[_i], &object) == 0, "%s", others[_i]);
}
END_TEST

START_TEST(nothing_behind_the_end_is_read)
{
    static const char text[] = "{\"a\":[\"b\"],\"c\":null,\"d\":12}";
    uk_flat_object_t object;
    apr_size_t len;

    for (len = 0; len < sizeof(text) - 1; len++) {
        /* Of its own size, so that a sanitizer sees it. */
        const char *part = apr_pmemdup(unit_pool, text, len + 1);

        ck_assert_int_eq(uk_json_read_flat(unit_pool, part, len, &object), 0);
    }
    ck_assert_int_eq(uk_json_read_flat(unit_pool, "{\"a\":1}\0", 8, &object),
                     0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("json_flat");
    TCase *flat = unit_case(suite, "flat");

    tcase_add_test(flat, values_are_read);
    tcase_add_loop_test(flat, anything_else_is_not_simple, 0,
                        UNIT_COUNT(others));
    tcase_add_test(flat, nothing_behind_the_end_is_read);
    return unit_run(suite);
}
