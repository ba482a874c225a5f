/* SPDX-License-Identifier: Apache-2.0 */
/* Intervals, by a clock that nobody sets. */
#include "core/clock.h"

void uk_clock_sleep_until(uk_clock_ms_t then)
{
    uk_clock_ms_t now;

    /* apr_sleep() ends early with any signal. */
    while ((now = uk_clock_now()) < then) {
        apr_sleep((apr_interval_time_t)(then - now) * 1000);
    }
}
