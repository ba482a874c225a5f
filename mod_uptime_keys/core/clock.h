/* SPDX-License-Identifier: Apache-2.0 */
/* Intervals, by a clock that nobody sets. */
#ifndef UK_CORE_CLOCK_H
#define UK_CORE_CLOCK_H

#include <apr_time.h>
#include <time.h>

/* Milliseconds of a clock that only goes forward, while the machine sleeps
 * too. It says nothing about the time of day: compare two readings, also of
 * two processes of one machine. */
typedef apr_uint64_t uk_clock_ms_t;

/** Read the clock. @return at least 1, so that 0 can stand for "never" */
static inline uk_clock_ms_t uk_clock_now(void)
{
    struct timespec now;

#ifdef CLOCK_BOOTTIME
    clock_gettime(CLOCK_BOOTTIME, &now);
#else
    clock_gettime(CLOCK_MONOTONIC, &now);
#endif
    return (uk_clock_ms_t)now.tv_sec * 1000
           + (uk_clock_ms_t)now.tv_nsec / 1000000 + 1;
}

/** @return 1 if something happened less than an interval ago; 0 if it did not,
 *  or never happened (then is 0) */
static inline int uk_clock_is_within(uk_clock_ms_t then, uk_clock_ms_t now,
                                     uk_clock_ms_t interval)
{
    return then != 0 && now - then < interval;
}

/** Sleep until the clock shows a time, whatever signals come meanwhile. */
void uk_clock_sleep_until(uk_clock_ms_t then);

#endif
