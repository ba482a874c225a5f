/* SPDX-License-Identifier: Apache-2.0 */
/* Instants: RFC 3339 text to and from milliseconds since 1970 UTC. */
#ifndef UK_CORE_INSTANT_H
#define UK_CORE_INSTANT_H

#include <apr_time.h>

/* Milliseconds since 1970 UTC; 0 stands for "none" in a key's record. */
typedef apr_int64_t uk_instant_t;

#define UK_INSTANT_NONE 0
/* 9999-12-31T23:59:59.999Z, the last one that RFC 3339 can write. */
#define UK_INSTANT_MAX APR_INT64_C(253402300799999)
/* "2026-11-23T06:15:00.000Z" */
#define UK_INSTANT_TEXT_LEN 24

/**
 * Read an RFC 3339 date-time: an offset or Z is needed, letters may be in lower
 * case, a fraction of a second has any number of digits and is cut to
 * milliseconds.
 *
 * A day that does not exist and a second 60 are refused: an expiry must be
 * clear. So is what lies after UK_INSTANT_MAX in UTC.
 *
 * @return 0 and the instant, or -1
 */
int uk_instant_parse(const char *text, uk_instant_t *instant)
    __attribute__((warn_unused_result));

/**
 * Turn a date, 2026-11-23, into the text of the end of that day in UTC, for
 * uk_instant_parse(), which knows whether there is such a day.
 *
 * @return 0, or -1 where the text does not have the shape of a date
 */
int uk_instant_end_of_day(const char *date, char text[UK_INSTANT_TEXT_LEN + 1])
    __attribute__((warn_unused_result));

/** Write an instant as RFC 3339 in UTC, with milliseconds only if it has any;
 *  "" where that cannot be: before the year 0, after UK_INSTANT_MAX. */
void uk_instant_format(uk_instant_t instant,
                       char text[UK_INSTANT_TEXT_LEN + 1]);

/** What apr_time_now() calls now, in milliseconds. */
uk_instant_t uk_instant_from_apr(apr_time_t time);

/** 1 from the instant of an expiry on, else 0; UK_INSTANT_NONE never comes. */
int uk_instant_is_over(uk_instant_t expiry, uk_instant_t now);

#endif
