/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of several lines, on one. */
#include "unit.h"

#include "core/one_line.h"

static const struct {
    const char *message, *line;
} messages[] = {
    {"", ""},
    {"\n \t", ""},
    {"one", "one"},
    {"one\n", "one"},
    {"\none\n\n", "one"},
    {"one\nTwo", "one; Two"},
    {"A\nB\nC\n", "A; B; C"},
    {"one\n\t Two\r\n", "one; Two"},
    {"it ended\n\tbefore that.\n", "it ended before that."},
    {"one\n\"two\"", "one; \"two\""},
    {"FATAL:  no", "FATAL: no"},
    {"failed:\n  no", "failed: no"},
    {"one;\nTwo,\nThree", "one; Two, Three"},
    {"a\x1b[1mb\x7f", "a [1mb"},
    {"na\xc3\xafve\n\xe2\x82\xac", "na\xc3\xafve; \xe2\x82\xac"},
};

START_TEST(lines_are_joined)
{
    ck_assert_str_eq(uk_one_line(unit_pool, messages[_i].message),
                     messages[_i].line);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("one_line");
    TCase *tcase = unit_case(suite, "one_line");

    tcase_add_loop_test(tcase, lines_are_joined, 0, UNIT_COUNT(messages));
    return unit_run(suite);
}
