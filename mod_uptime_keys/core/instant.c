/* SPDX-License-Identifier: Apache-2.0 */
/* Instants: milliseconds since 1970 UTC, to and from RFC 3339 strings. */
#include "core/instant.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define DATE_LEN 10      /* 2026-11-23 */
#define DATE_TIME_LEN 19 /* 2026-11-23T06:15:00 */
#define YEAR_LEN 4

/* In a pattern '9' stands for any digit, and a letter for itself in either
 * case. strptime() alone would accept " 6" and "+6" for "06". */
static int has_shape(const char *string, const char *pattern)
{
    for (; *pattern; pattern++, string++) {
        if (*pattern == '9' ? !isdigit((unsigned char)*string)
                            : toupper((unsigned char)*string) != *pattern) {
            return 0;
        }
    }
    return 1;
}

/* Parse an optional fraction like ".123456". @return what follows it; NULL if
 * it has no digits */
static const char *parse_fraction(const char *string, uk_instant_t *ms)
{
    size_t digits;
    int scale = 100;
    size_t i;

    if (*string != '.') {
        return string;
    }
    string++;
    digits = strspn(string, "0123456789");
    if (digits == 0) {
        return NULL;
    }
    for (i = 0; i < digits && scale > 0; i++, scale /= 10) {
        *ms += (string[i] - '0') * scale;
    }
    return string + digits;
}

/* Parse "Z" or "+01:00", in seconds east of Greenwich. */
static int parse_offset(const char *string, long *offset)
{
    int hours, minutes;

    *offset = 0;
    if (has_shape(string, "Z")) {
        return string[1] == '\0' ? 0 : -1;
    }
    if ((*string != '+' && *string != '-') || !has_shape(string + 1, "99:99")
        || string[6] != '\0') {
        return -1;
    }
    sscanf(string + 1, "%2d:%2d", &hours, &minutes);
    if (hours > 23 || minutes > 59) {
        return -1;
    }
    *offset = (*string == '-' ? -1L : 1L) * (hours * 3600L + minutes * 60L);
    return 0;
}

/* Parse the date and time as if in UTC. strptime() reads the day 99 as 9 and
 * leaves a digit; timegm() turns a day that does not exist into another day. */
static int parse_date_time(const char *string, time_t *seconds)
{
    struct tm written = {0}, real;

    if (strptime(string, "%Y-%m-%d", &written) != string + DATE_LEN
        || strptime(string + DATE_LEN + 1, "%H:%M:%S", &written)
               != string + DATE_TIME_LEN) {
        return -1;
    }
    real = written;
    *seconds = timegm(&real);
    return real.tm_mday == written.tm_mday && real.tm_sec == written.tm_sec
               ? 0
               : -1;
}

int uk_instant_parse(const char *string, uk_instant_t *instant)
{
    uk_instant_t ms = 0;
    const char *rest;
    time_t seconds;
    long offset;

    *instant = UK_INSTANT_NONE;
    if (!has_shape(string, "9999-99-99T99:99:99")
        || parse_date_time(string, &seconds) != 0) {
        return -1;
    }
    rest = parse_fraction(string + DATE_TIME_LEN, &ms);
    if (!rest || parse_offset(rest, &offset) != 0) {
        return -1;
    }
    ms += ((uk_instant_t)seconds - offset) * 1000;
    if (ms > UK_INSTANT_MAX) {
        return -1;
    }
    *instant = ms;
    return 0;
}

int uk_instant_end_of_day(const char *date,
                          char string[UK_INSTANT_STRING_LEN + 1])
{
    if (!has_shape(date, "9999-99-99") || date[DATE_LEN] != '\0') {
        return -1;
    }
    memcpy(string, date, DATE_LEN);
    memcpy(string + DATE_LEN, "T23:59:59.999Z",
           UK_INSTANT_STRING_LEN - DATE_LEN);
    string[UK_INSTANT_STRING_LEN] = '\0';
    return 0;
}

void uk_instant_format(uk_instant_t instant,
                       char string[UK_INSTANT_STRING_LEN + 1])
{
    time_t seconds = (time_t)(instant / 1000);
    int ms = (int)(instant % 1000);
    struct tm tm;
    size_t len;

    string[0] = '\0';
    if (ms < 0) {
        ms += 1000;
        seconds--;
    }
    if (instant > UK_INSTANT_MAX || !gmtime_r(&seconds, &tm)
        || tm.tm_year < -1900) {
        return;
    }
    /* Not every strftime() writes the year 999 with four digits. */
    snprintf(string, YEAR_LEN + 1, "%04u",
             ((unsigned)tm.tm_year + 1900) % 10000);
    len = YEAR_LEN
          + strftime(string + YEAR_LEN, UK_INSTANT_STRING_LEN + 1 - YEAR_LEN,
                     "-%m-%dT%H:%M:%S", &tm);
    if (ms) {
        snprintf(string + len, 6, ".%03uZ", (unsigned)ms % 1000);
    }
    else {
        snprintf(string + len, 2, "Z");
    }
}

uk_instant_t uk_instant_from_apr(apr_time_t time)
{
    return time / 1000;
}

int uk_instant_is_over(uk_instant_t expiry, uk_instant_t now)
{
    return expiry != UK_INSTANT_NONE && now >= expiry;
}
