/* SPDX-License-Identifier: Apache-2.0 */
/* When to log an outage: once, and again while it lasts. */
#ifndef UK_CORE_OUTAGE_H
#define UK_CORE_OUTAGE_H

#include "core/clock.h"

/* An outage that nothing has met for so long is over, and the next one is
 * logged again. */
#define UK_OUTAGE_END_MS 5000
/* How long an outage lasts until it is logged again. */
#define UK_OUTAGE_REMINDER_MS 600000

/* Initially all zeros; shared by the threads of a process without a lock. */
typedef struct {
    _Atomic uk_clock_ms_t seen_at;   /* when it was last met; 0: never */
    _Atomic uk_clock_ms_t logged_at; /* when it was last logged; 0: never */
} uk_outage_t;

/**
 * Record that an outage was met, now.
 *
 * @return 1 if it must be logged, to one of the threads that meet it; else 0
 */
int uk_outage_record(uk_outage_t *outage);

#endif
