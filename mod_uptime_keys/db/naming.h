/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the prepared statements of a pool have names in the server.
 *
 * A pooler that gives each transaction another session (PgBouncer's and
 * Odyssey's pool mode "transaction") loses them. A restart of the database
 * loses them once, with the same error. So after such an error statements are
 * sent without a name for a while, and then with a name again: a restart costs
 * ten seconds of slower look-ups, and a pooler a few repeated statements an
 * hour. */
#ifndef UK_DB_NAMING_H
#define UK_DB_NAMING_H

#include <stdatomic.h>

#include "core/clock.h"

/* How long statements have no names after the first loss; twice as long after
 * each further loss, up to the maximum. */
#define UK_NAMING_PAUSE_MS 10000
#define UK_NAMING_PAUSE_MAX_MS 3600000
/* Names that are lost so soon after they were used again are lost for the same
 * reason. */
#define UK_NAMING_TRIAL_MS 60000

/* Of a pool; initially all zeros. Shared by the threads of a process without a
 * lock. */
typedef struct {
    _Atomic uk_clock_ms_t from;  /* when names may be used again; 0: always */
    _Atomic uk_clock_ms_t pause; /* the last one; 0: none yet */
} uk_naming_t;

/** @param naming NULL: of no pool, names are always used
 *  @return 1 if statements are to have names now, else 0 */
static inline int uk_naming_is_on(const uk_naming_t *naming)
{
    uk_clock_ms_t from = naming ? atomic_load(&naming->from) : 0;

    return from == 0 || uk_clock_now() >= from;
}

/** Record that the names of a session were lost. While names are off there is
 *  nothing to record. */
void uk_naming_lost(uk_naming_t *naming, uk_clock_ms_t now);

#endif
