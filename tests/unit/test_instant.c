/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 3339 strings to and from milliseconds. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/instant.h"

/* 2026-11-23T06:15:00Z */
#define NOON APR_INT64_C(1795414500000)

static const struct {
    const char *given;
    uk_instant_t want;
} instants[] = {
    {"2026-11-23T06:15:00Z", NOON},
    {"1970-01-01T00:00:00.001Z", 1},
    {"1970-01-01T00:00:00Z", 0},
    {"1969-12-31T23:59:59.999Z", -1},
    {"1969-12-31T23:59:59Z", -1000},
    {"2038-01-19T03:14:08Z", APR_INT64_C(2147483648000)},
    {"0000-01-01T00:00:00Z", APR_INT64_C(-62167219200000)},
    {"0001-01-01T00:00:00Z", APR_INT64_C(-62135596800000)},
    {"9999-12-31T23:59:59.999Z", APR_INT64_C(253402300799999)},
    /* RFC 3339 section 5.6: T and Z may be in lower case. */
    {"2026-11-23t06:15:00z", NOON},
    {"2026-11-23T06:15:00z", NOON},
    /* Offsets. */
    {"2026-11-23T06:15:00+00:00", NOON},
    {"2026-11-23T06:15:00-00:00", NOON},
    {"2026-11-23T07:15:00+01:00", NOON},
    {"2026-11-22T21:15:00-09:00", NOON},
    {"2026-11-23T11:45:00+05:30", NOON},
    {"2026-11-23T02:45:00-03:30", NOON},
    {"2026-11-24T06:14:00+23:59", NOON},
    {"2026-11-22T06:16:00-23:59", NOON},
    {"2027-01-01T00:30:00+01:00", APR_INT64_C(1798759800000)},
    /* Fractions. */
    {"2026-11-23T06:15:00.1Z", NOON + 100},
    {"2026-11-23T06:15:00.12Z", NOON + 120},
    {"2026-11-23T06:15:00.123Z", NOON + 123},
    {"2026-11-23T06:15:00.1239Z", NOON + 123},
    {"2026-11-23T06:15:00.12399Z", NOON + 123},
    {"2026-11-23T06:15:00.123999Z", NOON + 123},
    {"2026-11-23T06:15:00.1239999Z", NOON + 123},
    {"2026-11-23T06:15:00.12399999Z", NOON + 123},
    {"2026-11-23T06:15:00.123999999Z", NOON + 123},
    {"2026-11-23T06:15:00.000000001Z", NOON},
    {"2026-11-23T06:15:00.1239999999999999999999999999999999999999Z",
     NOON + 123},
    {"2026-11-23T06:15:00.009Z", NOON + 9},
    {"2026-11-23T07:15:00.5+01:00", NOON + 500},
    /* Leap days. */
    {"2024-02-29T12:00:00Z", APR_INT64_C(1709208000000)},
    {"2000-02-29T00:00:00Z", APR_INT64_C(951782400000)},
    {"2000-03-01T00:00:00Z", APR_INT64_C(951868800000)},
    /* Limits. */
    {"2026-11-30T23:59:59Z", APR_INT64_C(1796083199000)},
    {"2030-12-31T23:59:59Z", APR_INT64_C(1924991999000)},
};

START_TEST(rfc_3339_is_parsed)
{
    uk_instant_t instant = 12345;

    ck_assert_int_eq(uk_instant_parse(instants[_i].given, &instant), 0);
    ck_assert_msg(instant == instants[_i].want, "%s: %" APR_INT64_T_FMT,
                  instants[_i].given, instant);
}
END_TEST

static const char *const refused[] = {
    "",
    "now",
    "0",
    "1795414500000",
    "null",
    /* Days and times that do not exist. */
    "2026-02-29T00:00:00Z",
    "2100-02-29T00:00:00Z",
    "1900-02-29T00:00:00Z",
    "2026-02-30T00:00:00Z",
    "2026-04-31T00:00:00Z",
    "2026-11-00T06:15:00Z",
    "2026-11-32T06:15:00Z",
    "2026-11-40T06:15:00Z",
    "2026-11-99T06:15:00Z",
    "2026-00-23T06:15:00Z",
    "2026-13-23T06:15:00Z",
    "2026-11-23T24:00:00Z",
    "2026-11-23T25:00:00Z",
    "2026-11-23T06:60:00Z",
    "2026-11-23T06:15:60Z",
    "2016-12-31T23:59:60Z",
    "2026-11-23T06:15:61Z",
    "2026-11-23T06:15:70Z",
    "2026-11-23T06:15:99Z",
    "2026-11-23T06:99:00Z",
    "2026-11-23T99:15:00Z",
    "2026-99-23T06:15:00Z",
    /* Years that uk_instant_format() could not write. */
    "9999-12-31T23:59:59-00:01",
    "9999-12-31T23:59:59.999-23:59",
    /* Offsets. */
    "2026-11-23T06:15:00",
    "2026-11-23T06:15:00+24:00",
    "2026-11-23T06:15:00+01:60",
    "2026-11-23T06:15:00+0100",
    "2026-11-23T06:15:00+01",
    "2026-11-23T06:15:00+1:00",
    "2026-11-23T06:15:00+01:0",
    "2026-11-23T06:15:00+01:000",
    "2026-11-23T06:15:00 +01:00",
    "2026-11-23T06:15:00+ 1:00",
    "2026-11-23T06:15:00+-1:00",
    "2026-11-23T06:15:00\xe2\x88\x92"
    "01:00",
    "2026-11-23T06:15:00ZZ",
    "2026-11-23T06:15:00UTC",
    "2026-11-23T06:15:00GMT",
    "2026-11-23T06:15:00A",
    /* Fractions. */
    "2026-11-23T06:15:00.Z",
    "2026-11-23T06:15:00.+01:00",
    "2026-11-23T06:15:00,5Z",
    "2026-11-23T06:15:00.1",
    "2026-11-23T06:15:00.-1Z",
    "2026-11-23T06:15:00.1.1Z",
    /* Missing, short and surplus parts. */
    "2026-11-23",
    "2026-11-23Z",
    "2026-11-23T06:15Z",
    "2026-11-23T06Z",
    "2026-11-23TZ",
    "2026-11-23T",
    "T06:15:00Z",
    "06:15:00Z",
    "26-11-23T06:15:00Z",
    "2026-1-23T06:15:00Z",
    "2026-11-3T06:15:00Z",
    "2026-11-23T6:15:00Z",
    "2026-11-23T06:5:00Z",
    "2026-11-23T06:15:0Z",
    "02026-11-23T06:15:00Z",
    "12026-11-23T06:15:00Z",
    "20261123T061500Z",
    "2026-11-23T06:15:00:00Z",
    /* Accepted by strptime() alone. */
    " 2026-11-23T06:15:00Z",
    "2026- 1-23T06:15:00Z",
    "2026-11- 3T06:15:00Z",
    "2026-11-23T 6:15:00Z",
    "+2026-11-23T06:15:00Z",
    "-2026-11-23T06:15:00Z",
    "+026-11-23T06:15:00Z",
    "2026-+1-23T06:15:00Z",
    "2026-11-23T+6:15:00Z",
    "2026-11-23T-6:15:00Z",
    "2026-11-23  06:15:00Z",
    /* Other separators, ISO 8601's other forms. */
    "2026-11-23 06:15:00Z",
    "2026/11/23T06:15:00Z",
    "2026-W48-1T06:15:00Z",
    "2026-327T06:15:00Z",
    /* Trailing characters. */
    "2026-11-23T06:15:00Z ",
    "2026-11-23T06:15:00Z\n",
    "2026-11-23T06:15:00Zulu",
    "2026-11-23T06:15:00+01:00Z",
    "2026-11-23T06:15:00Z; DROP TABLE uptime_keys",
    /* Digits of other scripts: U+0662, U+FF12. */
    "\xd9\xa2"
    "026-11-23T06:15:00Z",
    "\xef\xbc\x92"
    "026-11-23T06:15:00Z",
    "2026-11-23T06:15:0\xd9\xa2"
    "Z",
    "2026-11-23T06:15:00.\xd9\xa2"
    "Z",
};

START_TEST(anything_ambiguous_is_refused)
{
    uk_instant_t instant = 12345;

    ck_assert_msg(uk_instant_parse(refused[_i], &instant) == -1, "\"%s\"",
                  refused[_i]);
    ck_assert(instant == UK_INSTANT_NONE);
}
END_TEST

START_TEST(truncated_instant_is_refused)
{
    static const char whole[] = "2026-11-23T06:15:00.123+01:00";
    size_t len;

    for (len = 0; len < sizeof(whole) - 1; len++) {
        /* No longer than needed, so that a sanitizer finds a read beyond it. */
        char *text = strndup(whole, len);
        uk_instant_t instant;

        ck_assert_msg(uk_instant_parse(text, &instant) == -1, "\"%s\"", text);
        free(text);
    }
}
END_TEST

static const struct {
    uk_instant_t given;
    const char *want;
} formats[] = {
    {NOON, "2026-11-23T06:15:00Z"},
    {NOON + 1, "2026-11-23T06:15:00.001Z"},
    {NOON + 120, "2026-11-23T06:15:00.120Z"},
    {NOON + 999, "2026-11-23T06:15:00.999Z"},
    {0, "1970-01-01T00:00:00Z"},
    {-1, "1969-12-31T23:59:59.999Z"},
    {-1000, "1969-12-31T23:59:59Z"},
    {APR_INT64_C(-62167219200000), "0000-01-01T00:00:00Z"},
    {APR_INT64_C(-30641760000000), "0999-01-01T00:00:00Z"},
    {UK_INSTANT_MAX, "9999-12-31T23:59:59.999Z"},
    {UK_INSTANT_MAX + 1, ""},
    {APR_INT64_C(-62167219200001), ""},
    {APR_INT64_MAX, ""},
    {APR_INT64_MIN, ""},
};

START_TEST(instant_is_written_in_utc)
{
    char text[UK_INSTANT_STRING_LEN + 1];

    memset(text, '!', sizeof(text));
    uk_instant_format(formats[_i].given, text);
    ck_assert_str_eq(text, formats[_i].want);
}
END_TEST

START_TEST(formatted_instant_parses_to_itself)
{
    char text[UK_INSTANT_STRING_LEN + 1];
    uk_instant_t given, back;

    /* In steps of about 11 years and an odd number of milliseconds. */
    for (given = APR_INT64_C(-62167219200000); given <= UK_INSTANT_MAX;
         given += APR_INT64_C(345678901237)) {
        uk_instant_format(given, text);
        ck_assert_msg(uk_instant_parse(text, &back) == 0, "%s", text);
        ck_assert_msg(back == given, "%s", text);
    }
}
END_TEST

static const struct {
    const char *given;
    const char *want; /* NULL: refused */
} dates[] = {
    {"2026-11-23", "2026-11-23T23:59:59.999Z"},
    {"0000-01-01", "0000-01-01T23:59:59.999Z"},
    /* The form is right; uk_instant_parse() refuses the day. */
    {"2026-02-30", "2026-02-30T23:59:59.999Z"},
    {"", NULL},
    {"2026-11-2", NULL},
    {"2026-11-233", NULL},
    {"2026-11-23T", NULL},
    {"2026-11-23T06:15:00Z", NULL},
    {"2026-11-23 ", NULL},
    {" 2026-11-23", NULL},
    {"2026/11/23", NULL},
    {"23-11-2026", NULL},
    {"20261123", NULL},
    {"today", NULL},
};

START_TEST(date_ends_with_its_day)
{
    char text[UK_INSTANT_STRING_LEN + 1];

    memset(text, '!', sizeof(text));
    ck_assert_int_eq(uk_instant_end_of_day(dates[_i].given, text),
                     dates[_i].want ? 0 : -1);
    if (dates[_i].want) {
        ck_assert_str_eq(text, dates[_i].want);
    }
}
END_TEST

START_TEST(time_zone_of_the_process_does_not_matter)
{
    char text[UK_INSTANT_STRING_LEN + 1];
    uk_instant_t instant;

    setenv("TZ", "Asia/Kathmandu", 1);
    tzset();
    ck_assert_int_eq(uk_instant_parse("2026-11-23T06:15:00Z", &instant), 0);
    ck_assert(instant == NOON);
    uk_instant_format(NOON, text);
    ck_assert_str_eq(text, "2026-11-23T06:15:00Z");
}
END_TEST

START_TEST(apr_time_is_in_microseconds)
{
    ck_assert(uk_instant_from_apr(NOON * 1000 + 999) == NOON);
}
END_TEST

static const struct {
    uk_instant_t expires_at;
    uk_instant_t now;
    int want;
} expiries[] = {
    {UK_INSTANT_NONE, NOON, 0},
    {UK_INSTANT_NONE, UK_INSTANT_MAX, 0},
    {NOON, NOON - 1, 0},
    {NOON, NOON, 1},
    {NOON, NOON + 1, 1},
    {UK_INSTANT_MAX, NOON, 0},
    {1, NOON, 1},
    {-1, NOON, 1},
};

START_TEST(expiry_is_over_from_its_instant_on)
{
    ck_assert_int_eq(
        uk_instant_is_over(expiries[_i].expires_at, expiries[_i].now),
        expiries[_i].want);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("instant");
    TCase *parse = unit_case(suite, "parse");
    TCase *format = unit_case(suite, "format");
    TCase *expiry = unit_case(suite, "expiry");

    tcase_add_loop_test(parse, rfc_3339_is_parsed, 0, UNIT_COUNT(instants));
    tcase_add_loop_test(parse, anything_ambiguous_is_refused, 0,
                        UNIT_COUNT(refused));
    tcase_add_test(parse, truncated_instant_is_refused);
    tcase_add_loop_test(parse, date_ends_with_its_day, 0, UNIT_COUNT(dates));
    tcase_add_loop_test(format, instant_is_written_in_utc, 0,
                        UNIT_COUNT(formats));
    tcase_add_test(format, formatted_instant_parses_to_itself);
    tcase_add_test(format, time_zone_of_the_process_does_not_matter);
    tcase_add_test(format, apr_time_is_in_microseconds);
    tcase_add_loop_test(expiry, expiry_is_over_from_its_instant_on, 0,
                        UNIT_COUNT(expiries));
    return unit_run(suite);
}
