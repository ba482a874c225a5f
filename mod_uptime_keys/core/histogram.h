/* SPDX-License-Identifier: Apache-2.0 */
/* The buckets of a histogram of durations. */
#ifndef UK_CORE_HISTOGRAM_H
#define UK_CORE_HISTOGRAM_H

#include <apr.h>

/* Buckets with an upper bound; one more follows them that has none. */
#define UK_HISTOGRAM_BOUNDS 15

typedef struct {
    apr_uint64_t microseconds; /* at most, in this bucket */
    const char *seconds;       /* the same, as it is written */
} uk_histogram_bound_t;

/* In ascending order. */
extern const uk_histogram_bound_t uk_histogram_bounds[UK_HISTOGRAM_BOUNDS];

/** @return the index of the bucket of a duration; UK_HISTOGRAM_BOUNDS if it is
 *  longer than all bounds */
int uk_histogram_bucket(apr_uint64_t microseconds);

#endif
