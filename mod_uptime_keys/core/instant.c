/* SPDX-License-Identifier: Apache-2.0 */
/* Instants: RFC 3339 text to and from milliseconds since 1970 UTC. */
#include "core/instant.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define DATE_LEN 10      /* 2026-11-23 */
#define DATE_TIME_LEN 19 /* 2026-11-23T06:15:00 */
#define YEAR_LEN 4

/* A pattern where '9' stands for any digit and a letter for itself in either
 * case; strptime() alone would take " 6" or "+6" for "06". */
static int has_shape(const char *text, const char *pattern)
{
    for (; *pattern; pattern++, text++) {
        if (*pattern == '9' ? !isdigit((unsigned char)*text)
                            : toupper((unsigned char)*text) != *pattern) {
            return 0;
        }
    }
    return 1;
}

/* Read ".123456" if it stands here; the caller goes on behind it. */
static const char *parse_fraction(const char *text, uk_instant_t *ms)
{
    size_t digits;
    int scale = 100;
    size_t i;

    if (*text != '.') {
        return text;
    }
    text++;
    digits = strspn(text, "0123456789");
    if (digits == 0) {
        return NULL;
    }
    for (i = 0; i < digits && scale > 0; i++, scale /= 10) {
        *ms += (text[i] - '0') * scale;
    }
    return text + digits;
}

/* "Z" or "+01:00"; seconds east of Greenwich. */
static int parse_offset(const char *text, long *offset)
{
    int hours, minutes;

    *offset = 0;
    if (has_shape(text, "Z")) {
        return text[1] == '\0' ? 0 : -1;
    }
    if ((*text != '+' && *text != '-') || !has_shape(text + 1, "99:99")
        || text[6] != '\0') {
        return -1;
    }
    sscanf(text + 1, "%2d:%2d", &hours, &minutes);
    if (hours > 23 || minutes > 59) {
        return -1;
    }
    *offset = (*text == '-' ? -1L : 1L) * (hours * 3600L + minutes * 60L);
    return 0;
}

/* The date and time as if in UTC. strptime() reads the day 99 as 9 and leaves a
 * digit; a day that does not exist comes out of timegm() as another day. */
static int parse_date_time(const char *text, time_t *seconds)
{
    struct tm written = {0}, real;

    if (strptime(text, "%Y-%m-%d", &written) != text + DATE_LEN
        || strptime(text + DATE_LEN + 1, "%H:%M:%S", &written)
               != text + DATE_TIME_LEN) {
        return -1;
    }
    real = written;
    *seconds = timegm(&real);
    return real.tm_mday == written.tm_mday && real.tm_sec == written.tm_sec
               ? 0
               : -1;
}

int uk_instant_parse(const char *text, uk_instant_t *instant)
{
    uk_instant_t ms = 0;
    const char *rest;
    time_t seconds;
    long offset;

    *instant = UK_INSTANT_NONE;
    if (!has_shape(text, "9999-99-99T99:99:99")
        || parse_date_time(text, &seconds) != 0) {
        return -1;
    }
    rest = parse_fraction(text + DATE_TIME_LEN, &ms);
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

int uk_instant_end_of_day(const char *date, char text[UK_INSTANT_TEXT_LEN + 1])
{
    if (!has_shape(date, "9999-99-99") || date[DATE_LEN] != '\0') {
        return -1;
    }
    memcpy(text, date, DATE_LEN);
    memcpy(text + DATE_LEN, "T23:59:59.999Z", UK_INSTANT_TEXT_LEN - DATE_LEN);
    text[UK_INSTANT_TEXT_LEN] = '\0';
    return 0;
}

void uk_instant_format(uk_instant_t instant, char text[UK_INSTANT_TEXT_LEN + 1])
{
    time_t seconds = (time_t)(instant / 1000);
    int ms = (int)(instant % 1000);
    struct tm tm;
    size_t len;

    text[0] = '\0';
    if (ms < 0) {
        ms += 1000;
        seconds--;
    }
    if (instant > UK_INSTANT_MAX || !gmtime_r(&seconds, &tm)
        || tm.tm_year < -1900) {
        return;
    }
    /* Not all of strftime()s write the year 999 with four digits. */
    snprintf(text, YEAR_LEN + 1, "%04u", ((unsigned)tm.tm_year + 1900) % 10000);
    len = YEAR_LEN
          + strftime(text + YEAR_LEN, UK_INSTANT_TEXT_LEN + 1 - YEAR_LEN,
                     "-%m-%dT%H:%M:%S", &tm);
    if (ms) {
        snprintf(text + len, 6, ".%03uZ", (unsigned)ms % 1000);
    }
    else {
        snprintf(text + len, 2, "Z");
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
