/* SPDX-License-Identifier: Apache-2.0 */
/* The memory of core/top.h, and the table that finds the place of a key.
 *
 * The table has a cell for each place that is taken, at the hash of the key or
 * behind it. It is read without a lock. While it is changed, a key may not be
 * found although it has a place. */
#ifndef UK_CORE_TOP_TABLE_H
#define UK_CORE_TOP_TABLE_H

#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>

#include "core/top.h"

#define UK_TOP_LINE 64
/* A count has several parts, each in a cache line of its own. */
#define UK_TOP_PARTS 4
/* Bytes of strings, in words that are read and written as a whole. */
#define UK_TOP_WORD sizeof(apr_uint64_t)
#define UK_TOP_ID_WORDS 4
#define UK_TOP_TEAM_WORDS 8
typedef _Atomic apr_uint64_t uk_top_word_t;

typedef struct {
    alignas(UK_TOP_LINE) uk_top_word_t value;
} uk_top_part_t;

typedef struct {
    alignas(UK_TOP_LINE)
        uk_top_word_t tag;   /* hash of the id; 0: nobody has the place */
    uk_top_word_t version;   /* odd while the strings change */
    uk_top_word_t inherited; /* rank of who had the place before */
    uk_top_word_t id[UK_TOP_ID_WORDS];
    uk_top_word_t team[UK_TOP_TEAM_WORDS];
    uk_top_part_t counts[UK_TOP_PARTS];
} uk_top_place_t;

struct uk_top_t {
    pthread_mutex_t lock; /* for all changes but counts */
    int is_ready;
    int capacity;
    apr_uint32_t mask;          /* the number of cells is this and 1 */
    _Atomic apr_uint32_t taken; /* places; the rest was never taken */
    apr_uint32_t hand;          /* where the next sample begins */
    apr_uint64_t misses;        /* of keys without a place */
    uk_top_part_t others[UK_TOP_PARTS];
    uk_top_place_t places[];
    /* the cells of the table follow: the number of a place, from 1; 0: none */
};

typedef _Atomic apr_uint32_t uk_top_cell_t;

/** The number of cells for so many places, less 1. */
apr_uint32_t uk_top_mask(int capacity);

/** The bytes of the cells. */
apr_size_t uk_top_cells_size(int capacity);

/** @return the place whose tag this is; NULL: none was found */
uk_top_place_t *uk_top_find(uk_top_t *top, apr_uint64_t tag);

/* With the lock: */

/** Add a place, whose tag is not 0 and which is not in the table. */
void uk_top_insert(uk_top_t *top, const uk_top_place_t *place);

/** Remove a place, if it is there. */
void uk_top_remove(uk_top_t *top, const uk_top_place_t *place);

/** Remove all places. */
void uk_top_clear(uk_top_t *top);

#endif
