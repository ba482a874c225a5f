/* SPDX-License-Identifier: Apache-2.0 */
/* When to log an outage: once, and again while it lasts. */
#include "core/outage.h"

#include <stdatomic.h>

/* logged_at is read before seen_at: otherwise a thread could combine an old
 * seen_at with the logged_at of a thread that has just logged, and log too. The
 * clock is read last: a time that another thread stored meanwhile would be later
 * than now, which counts as never. */
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
