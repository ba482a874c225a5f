/* SPDX-License-Identifier: Apache-2.0 */
/* Intervals, measured with a monotonic clock. */
#include "core/clock.h"

void uk_clock_sleep_until(uk_clock_ms_t then)
{
    uk_clock_ms_t now;

    /* Any signal ends apr_sleep() early. */
    while ((now = uk_clock_now()) < then) {
        apr_sleep((apr_interval_time_t)(then - now) * 1000);
    }
}
