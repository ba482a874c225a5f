/* SPDX-License-Identifier: Apache-2.0 */
/* The buckets of a histogram of durations. */
#include "core/histogram.h"

/* Numbers as OpenMetrics 1.0 wants them, with a point. */
const uk_histogram_bound_t uk_histogram_bounds[UK_HISTOGRAM_BOUNDS] = {
    {100, "0.0001"},  {250, "0.00025"}, {500, "0.0005"},  {1000, "0.001"},
    {2500, "0.0025"}, {5000, "0.005"},  {10000, "0.01"},  {25000, "0.025"},
    {50000, "0.05"},  {100000, "0.1"},  {250000, "0.25"}, {500000, "0.5"},
    {1000000, "1.0"}, {2500000, "2.5"}, {5000000, "5.0"},
};

/* Where to begin, by the position of the highest bit: the first bucket that may
 * contain such a duration. */
static const unsigned char first_buckets[] = {
    0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 13, 14};

int uk_histogram_bucket(apr_uint64_t microseconds)
{
    unsigned bit = 63 - (unsigned)__builtin_clzll(microseconds | 1);
    int i =
        bit < sizeof(first_buckets) ? first_buckets[bit] : UK_HISTOGRAM_BOUNDS;

    while (i < UK_HISTOGRAM_BOUNDS
           && microseconds > uk_histogram_bounds[i].microseconds) {
        i++;
    }
    return i;
}
