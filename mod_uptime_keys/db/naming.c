/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the prepared statements of a pool have names in the server. */
#include "db/naming.h"

static uk_clock_ms_t next_pause(uk_clock_ms_t last)
{
    return last * 2 < UK_NAMING_PAUSE_MAX_MS ? last * 2
                                             : UK_NAMING_PAUSE_MAX_MS;
}

void uk_naming_lost(uk_naming_t *naming, uk_clock_ms_t now)
{
    uk_clock_ms_t from = atomic_load(&naming->from);
    int is_trial = from != 0 && now < from + UK_NAMING_TRIAL_MS;
    uk_clock_ms_t pause =
        is_trial ? next_pause(atomic_load(&naming->pause)) : UK_NAMING_PAUSE_MS;

    if (now < from) {
        return;
    }
    /* Threads that lose names at the same moment record the same. */
    atomic_store(&naming->pause, pause);
    atomic_compare_exchange_strong(&naming->from, &from, now + pause);
}
