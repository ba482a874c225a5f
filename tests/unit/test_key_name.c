/* SPDX-License-Identifier: Apache-2.0 */
/* The names of keys. */
#include "unit.h"

#include <apr_strings.h>

#include "core/key_spec.h"

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

/* Unicode's White_Space, U+200B and U+FEFF, at both ends. */
static const struct {
    const char *given;
    const char *want;
} trimmed[] = {
    {"CI", "CI"},
    {" \t\r\n\v\fCI \n", "CI"},
    {"\xc2\xa0\xe3\x80\x80"
     "C I\xe2\x80\xa8\xe2\x80\x80",
     "C I"},
    {"\xe2\x80\x8b\xef\xbb\xbf"
     "CI\xef\xbb\xbf\xe2\x80\x8b",
     "CI"},
    {"\xc2\x85"
     "CI",
     "CI"},
    {"C\xe2\x80\x8bI", "C\xe2\x80\x8bI"},
    {" \xe2\x80\x8b ", ""},
    {"", ""},
    /* Not UTF-8: as it is. */
    {" \xff ", " \xff "},
};

START_TEST(white_space_at_both_ends_is_no_part_of_a_name)
{
    ck_assert_str_eq(uk_key_name_trim(unit_pool, trimmed[_i].given),
                     trimmed[_i].want);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("key_name");
    TCase *name = unit_case(suite, "name");

    tcase_add_loop_test(name, name_is_1_to_255_characters_without_controls, 0,
                        UNIT_COUNT(name_texts));
    tcase_add_test(name, every_c0_control_is_refused);
    tcase_add_loop_test(name, white_space_at_both_ends_is_no_part_of_a_name, 0,
                        UNIT_COUNT(trimmed));
    return unit_run(suite);
}
