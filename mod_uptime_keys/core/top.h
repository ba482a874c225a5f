/* SPDX-License-Identifier: Apache-2.0 */
/* The uses of the most used keys, counted in memory that processes share.
 *
 * There are as many places as keys are to be counted one by one; the uses of all
 * others are added up. As long as there are no more keys than places, each use
 * is counted for its key. Then a key that has no place may take that of a
 * seldom used one, whose uses go to the others. Source: Ben Basat and others,
 * "Randomized admission policy for efficient top-k and frequency estimation",
 * 2017.
 *
 * A use never waits: where another process changes places at the same moment, a
 * key without a place counts among the others. A process may be killed at any
 * moment. */
#ifndef UK_CORE_TOP_H
#define UK_CORE_TOP_H

#include <apr_pools.h>
#include <apr_tables.h>

#define UK_TOP_CAPACITY_MAX 10000

typedef struct uk_top_t uk_top_t;

/* A key that has a place; strings are cut that are longer than those of the
 * schema. */
typedef struct {
    const char *id;
    const char *team;
    apr_uint64_t count; /* of its uses */
} uk_top_key_t;

/** The bytes of memory for so many places. */
apr_size_t uk_top_size(int capacity);

/**
 * Prepare memory, once, before other processes use it.
 *
 * @param memory all zeros, of uk_top_size() bytes, aligned like a cache line;
 *               or prepared before, with the same capacity
 * @return NULL if its lock cannot be created
 */
uk_top_t *uk_top_init(void *memory, int capacity);

/** Take over what was counted in other memory, before this is used: as uses of keys
 *  without a place, whose sum so does not decrease. */
void uk_top_take_over(uk_top_t *top, const uk_top_t *before);

/** Count a use of a key.
 *  @param number of the thread, so that few threads write the same memory */
void uk_top_count(uk_top_t *top, const char *id, const char *team,
                  unsigned number);

/** Read the counts. @param others receives the sum of those without a place; it
 *  never decreases
 *  @return uk_top_key_ts, in the pool, in no order */
apr_array_header_t *uk_top_read(const uk_top_t *top, apr_pool_t *pool,
                                apr_uint64_t *others);

#endif
