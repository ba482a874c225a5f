/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as an RFC 3339 instant or as a date, and any number as an instant.
 *
 * About: core/instant.c
 * Options: -max_len=64 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/instant.h"
#include "fuzz.h"

#define DAY_SECONDS 86400

typedef struct {
    int year, month, day, hour, minute, second;
} date_time_t;

/* The number that so many digits are; -1: they are none. */
static int digits_at(const char *text, int from, int count)
{
    int i, number = 0;

    for (i = from; i < from + count; i++) {
        if (!isdigit((unsigned char)text[i])) {
            return -1;
        }
        number = number * 10 + (text[i] - '0');
    }
    return number;
}

static int days_of_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && is_leap);
}

/* Days since 1970-01-01, counted one by one where it is quick enough. */
static int64_t days_since_1970(const date_time_t *date)
{
    int64_t before = date->year - 1;
    int64_t days = before * 365 + before / 4 - before / 100 + before / 400;
    int month;

    /* The year 0 is a leap year before all of these. */
    days -= date->year == 0 ? 1 : 0;
    for (month = 1; month < date->month; month++) {
        days += days_of_month(date->year, month);
    }
    return days + date->day - 1 - 719162;
}

static int is_date_time(const char *text, size_t len, date_time_t *date)
{
    if (len < 20 || text[4] != '-' || text[7] != '-'
        || (text[10] != 'T' && text[10] != 't') || text[13] != ':'
        || text[16] != ':') {
        return 0;
    }
    *date = (date_time_t){digits_at(text, 0, 4),  digits_at(text, 5, 2),
                          digits_at(text, 8, 2),  digits_at(text, 11, 2),
                          digits_at(text, 14, 2), digits_at(text, 17, 2)};
    return date->year >= 0 && date->month >= 1 && date->month <= 12
           && date->day >= 1
           && date->day <= days_of_month(date->year, date->month)
           && date->hour >= 0 && date->hour <= 23 && date->minute >= 0
           && date->minute <= 59 && date->second >= 0 && date->second <= 59;
}

/* Seconds east of Greenwich. @return 0, or -1 */
static int read_zone(const char *zone, int *seconds)
{
    int hours, minutes;

    *seconds = 0;
    if (strcmp(zone, "Z") == 0 || strcmp(zone, "z") == 0) {
        return 0;
    }
    if (strlen(zone) != 6 || (zone[0] != '+' && zone[0] != '-')
        || zone[3] != ':') {
        return -1;
    }
    hours = digits_at(zone, 1, 2);
    minutes = digits_at(zone, 4, 2);
    *seconds = (zone[0] == '-' ? -60 : 60) * (hours * 60 + minutes);
    return hours >= 0 && hours <= 23 && minutes >= 0 && minutes <= 59 ? 0 : -1;
}

/* What the header says, in other words. @return 0, or -1 */
static int judge_instant(const char *text, int64_t *instant)
{
    const char *zone = text + 19;
    date_time_t date;
    int seconds, ms = 0, digits = 0;

    if (!is_date_time(text, strlen(text), &date)) {
        return -1;
    }
    if (*zone == '.') {
        for (zone++; isdigit((unsigned char)*zone); zone++, digits++) {
            ms = digits < 3 ? ms * 10 + (*zone - '0') : ms;
        }
        if (!digits) {
            return -1;
        }
    }
    for (; digits < 3; digits++) {
        ms *= 10;
    }
    if (read_zone(zone, &seconds) != 0) {
        return -1;
    }
    *instant = ((days_since_1970(&date) * DAY_SECONDS + date.hour * 3600
                 + date.minute * 60 + date.second - seconds)
                * 1000)
               + ms;
    return *instant > UK_INSTANT_MAX ? -1 : 0;
}

/* What is written is read as the same again. */
static void try_format(uk_instant_t instant)
{
    char string[UK_INSTANT_STRING_LEN + 1];
    uk_instant_t read;

    memset(string, 'x', sizeof(string));
    uk_instant_format(instant, string);
    FUZZ_EXPECT(memchr(string, '\0', sizeof(string)), "a string without end");
    if (!*string) {
        FUZZ_EXPECT(instant > UK_INSTANT_MAX || instant < -62167219200000,
                    "an instant is not written");
        return;
    }
    FUZZ_EXPECT(uk_instant_parse(string, &read) == 0 && read == instant,
                "another instant is read than was written");
}

static void try_date(const char *text)
{
    char string[UK_INSTANT_STRING_LEN + 1] = "unchanged";
    uk_instant_t end, beginning;

    if (uk_instant_end_of_day(text, string) != 0) {
        FUZZ_EXPECT(strcmp(string, "unchanged") == 0, "a failure wrote");
        return;
    }
    FUZZ_EXPECT(strlen(text) == 10, "a date with something behind it");
    if (uk_instant_parse(string, &end) == 0) {
        memcpy(string, text, 10);
        snprintf(string + 10, sizeof(string) - 10, "T00:00:00Z");
        FUZZ_EXPECT(uk_instant_parse(string, &beginning) == 0
                        && end - beginning == DAY_SECONDS * 1000 - 1,
                    "a day of another length");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = fuzz_string(data, size);
    fuzz_input_t input = {data, size};
    uk_instant_t instant = -1;
    int64_t judged = 0;
    int refused = judge_instant(text, &judged);

    FUZZ_EXPECT(uk_instant_parse(text, &instant) == refused,
                "an instant is judged otherwise");
    FUZZ_EXPECT(instant == (refused ? UK_INSTANT_NONE : judged),
                "another instant is read");
    try_format(instant);
    try_format((uk_instant_t)fuzz_take_number(&input));
    try_date(text);
    fuzz_clear();
    return 0;
}
