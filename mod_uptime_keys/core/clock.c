/* SPDX-License-Identifier: Apache-2.0 */
/* Intervals, by a clock that nobody sets. */
#include "core/clock.h"

#include <time.h>

uk_clock_ms_t uk_clock_now(void)
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

int uk_clock_is_within(uk_clock_ms_t then, uk_clock_ms_t now,
                       uk_clock_ms_t interval)
{
    return then != 0 && now - then < interval;
}

void uk_clock_sleep_until(uk_clock_ms_t then)
{
    uk_clock_ms_t now;

    /* apr_sleep() ends early with any signal. */
    while ((now = uk_clock_now()) < then) {
        apr_sleep((apr_interval_time_t)(then - now) * 1000);
    }
}
