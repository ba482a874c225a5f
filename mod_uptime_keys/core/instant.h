/* SPDX-License-Identifier: Apache-2.0 */
/* Instants: milliseconds since 1970 UTC, to and from RFC 3339 strings. */
#ifndef UK_CORE_INSTANT_H
#define UK_CORE_INSTANT_H

#include <apr_time.h>

/* Milliseconds since 1970 UTC; in a key's record 0 means "none". */
typedef apr_int64_t uk_instant_t;

#define UK_INSTANT_NONE 0
/* 9999-12-31T23:59:59.999Z, the last instant that RFC 3339 can express. */
#define UK_INSTANT_MAX APR_INT64_C(253402300799999)
/* The length of "2026-11-23T06:15:00.000Z". */
#define UK_INSTANT_STRING_LEN 24

/* How far the clocks of servers and databases may be apart; a round trip not
 * counted. */
#define UK_CLOCK_SKEW_MS (5 * 1000)

/**
 * Parse an RFC 3339 date-time. The offset (or Z) is required, letters may be in
 * lower case, and a fraction of a second may have any number of digits, of
 * which three are used.
 *
 * A day that does not exist and the second 60 are refused, because an expiry
 * must be unambiguous. So is an instant after UK_INSTANT_MAX.
 *
 * @param string  ends in NUL; nothing may follow the date-time
 * @param instant receives the instant, UK_INSTANT_NONE on failure;
 *                1970-01-01T00:00:00Z is UK_INSTANT_NONE too
 * @return 0, or -1 if the string was refused
 */
int uk_instant_parse(const char *string, uk_instant_t *instant)
    __attribute__((warn_unused_result));

/**
 * Turn a date, 2026-11-23, into the last millisecond of that day in UTC, as a
 * string for uk_instant_parse(), which refuses a day that does not exist.
 *
 * @param string receives the date-time and a NUL; unchanged on failure
 * @return 0, or -1 if date does not have the form of a date
 */
int uk_instant_end_of_day(const char *date,
                          char string[UK_INSTANT_STRING_LEN + 1])
    __attribute__((warn_unused_result));

/** Write an instant as RFC 3339 in UTC, with milliseconds only if they are not
 *  zero; "" before the year 0 and after UK_INSTANT_MAX. */
void uk_instant_format(uk_instant_t instant,
                       char string[UK_INSTANT_STRING_LEN + 1]);

/** Convert APR's microseconds, as of apr_time_now(). */
uk_instant_t uk_instant_from_apr(apr_time_t time);

/** @return 1 if now is at or after expiry, else 0; always 0 for
 *  UK_INSTANT_NONE */
int uk_instant_is_over(uk_instant_t expiry, uk_instant_t now);

#endif
