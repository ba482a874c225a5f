/* SPDX-License-Identifier: Apache-2.0 */
/* Intervals, measured with a monotonic clock. */
#ifndef UK_CORE_CLOCK_H
#define UK_CORE_CLOCK_H

#include <apr_time.h>
#include <time.h>

/* Milliseconds of a monotonic clock; with CLOCK_BOOTTIME it also counts while
 * the machine is suspended. Only differences mean something. All processes of a
 * machine read the same clock. */
typedef apr_uint64_t uk_clock_ms_t;

/* Nanoseconds of the same clock. */
typedef apr_uint64_t uk_clock_ns_t;
#define UK_CLOCK_SECOND ((uk_clock_ns_t)1000000000)

static inline struct timespec uk_clock_read(void)
{
    struct timespec now;

#ifdef CLOCK_BOOTTIME
    clock_gettime(CLOCK_BOOTTIME, &now);
#else
    clock_gettime(CLOCK_MONOTONIC, &now);
#endif
    return now;
}

/** Read the clock. @return at least 1, so that 0 can stand for "never" */
static inline uk_clock_ms_t uk_clock_now(void)
{
    const struct timespec now = uk_clock_read();

    return (uk_clock_ms_t)now.tv_sec * 1000
           + (uk_clock_ms_t)now.tv_nsec / 1000000 + 1;
}

/** Read the clock in nanoseconds. @return at least 1 */
static inline uk_clock_ns_t uk_clock_now_ns(void)
{
    const struct timespec now = uk_clock_read();

    return (uk_clock_ns_t)now.tv_sec * UK_CLOCK_SECOND
           + (uk_clock_ns_t)now.tv_nsec + 1;
}

/** Tell whether something happened less than an interval ago.
 *
 *  @param then when it happened; 0: never
 *  @return 1 or 0; 0 also if then is later than now */
static inline int uk_clock_is_within(uk_clock_ms_t then, uk_clock_ms_t now,
                                     uk_clock_ms_t interval)
{
    return then != 0 && now - then < interval;
}

/** Sleep until the clock reaches a time, even if signals arrive. */
void uk_clock_sleep_until(uk_clock_ms_t then);

#endif
