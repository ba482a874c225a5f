/* SPDX-License-Identifier: Apache-2.0 */
/* When a lease is polled, and when it sleeps. */
#include "core/lease_schedule.h"

int uk_lease_schedule_want(uk_lease_schedule_t *schedule, uk_clock_ms_t now,
                           int is_wanted)
{
    if (!is_wanted
        || uk_clock_is_within(schedule->wanted_at, now, UK_WANT_INTERVAL_MS)) {
        return 0;
    }
    schedule->wanted_at = now;
    return 1;
}

static int was_wanted_lately(const uk_lease_schedule_t *schedule,
                             uk_clock_ms_t now)
{
    return uk_clock_is_within(schedule->wanted_at, now, UK_LEASE_SLEEP_MS);
}

uk_lease_step_e uk_lease_schedule_step(uk_lease_schedule_t *schedule,
                                       uk_clock_ms_t now, int is_awake)
{
    if (!is_awake) {
        return was_wanted_lately(schedule, now) ? UK_LEASE_POLL : UK_LEASE_REST;
    }
    if (schedule->wanted_at == 0) {
        schedule->wanted_at = now;
    }
    if (now < schedule->next_at) {
        return UK_LEASE_REST;
    }
    return was_wanted_lately(schedule, now) ? UK_LEASE_POLL : UK_LEASE_LEAVE;
}

void uk_lease_schedule_next(uk_lease_schedule_t *schedule, uk_lease_step_e step,
                            uk_clock_ms_t began)
{
    schedule->next_at =
        began
        + (step == UK_LEASE_LEAVE ? UK_LEAVE_INTERVAL_MS : UK_POLL_INTERVAL_MS);
}
