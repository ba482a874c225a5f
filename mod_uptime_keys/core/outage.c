/* SPDX-License-Identifier: Apache-2.0 */
/* When to log an outage: once, and again while it lasts. */
#include "core/outage.h"

#include <stdatomic.h>

/* The clock is read last, and the time of the log first: otherwise another
 * thread could store a later time in between, which would look like no time at
 * all, and both would log. */
int uk_outage_record(uk_outage_t *outage)
{
    uk_clock_ms_t logged_at = atomic_load(&outage->logged_at);
    uk_clock_ms_t seen_at = atomic_load(&outage->seen_at);
    uk_clock_ms_t now = uk_clock_now();

    atomic_store(&outage->seen_at, now);
    if (uk_clock_is_within(seen_at, now, UK_OUTAGE_END_MS)
        && uk_clock_is_within(logged_at, now, UK_OUTAGE_REMINDER_MS)) {
        return 0;
    }
    return atomic_compare_exchange_strong(&outage->logged_at, &logged_at, now);
}
