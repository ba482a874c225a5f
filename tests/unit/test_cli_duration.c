/* SPDX-License-Identifier: Apache-2.0 */
/* Durations and expiries as users type them. */
#include "unit.h"

#include <apr_strings.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "cli/duration.h"
#include "core/lifetime.h"

/* 2026-11-23T06:15:00Z */
#define NOW APR_INT64_C(1795414500000)

#define DAY ((apr_int64_t)24 * 60 * 60)
#define LEN_MAX 4

static const char letters[] = "019smhdw+- .S";
#define LETTERS ((int)sizeof(letters) - 1)

static regex_t form;

static void compile_form(void)
{
    ck_assert_int_eq(
        regcomp(&form, "^([0-9]{1,10}[smhd]|0{1,10})$", REG_EXTENDED), 0);
}

static void free_form(void)
{
    regfree(&form);
}

static apr_int64_t value_of(const char *string)
{
    apr_int64_t number = strtoll(string, NULL, 10);

    switch (string[strlen(string) - 1]) {
    case 'm':
        return number * 60;
    case 'h':
        return number * 60 * 60;
    case 'd':
        return number * DAY;
    default:
        return number;
    }
}

static void check_duration(const char *string, apr_int64_t longest)
{
    int is_one = regexec(&form, string, 0, NULL, 0) == 0;
    int is_taken = is_one && value_of(string) <= longest;
    apr_int64_t seconds;

    ck_assert_msg(cli_duration_parse(string, longest, &seconds)
                      == (is_taken ? 0 : -1),
                  "'%s'", string);
    if (is_taken) {
        ck_assert_int_eq(seconds, value_of(string));
    }
}

START_TEST(every_short_string)
{
    int len, number, all = 1, i;

    for (len = 0; len <= LEN_MAX; len++, all *= LETTERS) {
        for (number = 0; number < all; number++) {
            char string[LEN_MAX + 1] = "";
            int rest = number;

            for (i = 0; i < len; i++, rest /= LETTERS) {
                string[i] = letters[rest % LETTERS];
            }
            check_duration(string, 90 * DAY);
            check_duration(string, 60);
        }
    }
}
END_TEST

static const char *const long_ones[] = {
    "9999999999d",
    "9999999999s",
    "99999999999s",
    "0000000001d",
    "00000000001d",
    "0000000000",
    "00000000000",
    "18446744073709551616s",
    "9223372036854775807",
    "1ds",
    "1 d",
    "1d ",
};

START_TEST(long_strings)
{
    check_duration(long_ones[_i], APR_INT64_MAX);
    check_duration(long_ones[_i], 9999999999);
}
END_TEST

/* The end of that day, in UTC; what has no such form stays, to be refused by
 * others. */
static const struct {
    const char *string, *expiry;
} expiries[] = {
    {"+0d", "2026-11-23T23:59:59.999Z"},
    {"+1d", "2026-11-24T23:59:59.999Z"},
    {"+90d", "2027-02-21T23:59:59.999Z"},
    {"+36500d", "2126-10-30T23:59:59.999Z"},
    {"+36501d", "+36501d"},
    {"2030-12-31", "2030-12-31T23:59:59.999Z"},
    {"2028-02-29", "2028-02-29T23:59:59.999Z"},
    {"2027-02-29", "2027-02-29T23:59:59.999Z"},
    {"2030-12-31T18:00:00+01:00", "2030-12-31T18:00:00+01:00"},
    {"90d", "90d"},
    {"+d", "+d"},
    {"+1", "+1"},
    {"+1h", "+1h"},
    {"++1d", "++1d"},
    {"-1d", "-1d"},
    {"+1d ", "+1d "},
    {"+99999999999d", "+99999999999d"},
    {"", ""},
    {"never", "never"},
};

START_TEST(expiry_is_the_end_of_a_day)
{
    ck_assert_str_eq(cli_expiry(unit_pool, expiries[_i].string, NOW),
                     expiries[_i].expiry);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("duration");
    TCase *tcase = unit_case(suite, "duration");

    tcase_add_checked_fixture(tcase, compile_form, free_form);
    tcase_add_test(tcase, every_short_string);
    tcase_add_loop_test(tcase, long_strings, 0, UNIT_COUNT(long_ones));
    tcase_add_loop_test(tcase, expiry_is_the_end_of_a_day, 0,
                        UNIT_COUNT(expiries));
    return unit_run(suite);
}
