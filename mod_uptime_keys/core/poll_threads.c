/* SPDX-License-Identifier: Apache-2.0 */
/* How many threads do the work of a queue. */
#include "core/poll_threads.h"

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

int uk_poll_threads_missing(const uk_poll_threads_t *threads, uk_clock_ms_t now)
{
    int missing = threads->queued - threads->idle;

    if (missing <= 0) {
        return 0;
    }
    if (threads->running < UK_POLL_THREADS_FEW) {
        return smaller(missing, UK_POLL_THREADS_FEW - threads->running);
    }
    return uk_clock_is_within(threads->queued_since, now,
                              UK_POLL_THREADS_PATIENCE_MS)
               ? 0
               : smaller(missing, threads->running);
}

int uk_poll_threads_are_many(const uk_poll_threads_t *threads)
{
    return threads->idle > UK_POLL_THREADS_FEW;
}
