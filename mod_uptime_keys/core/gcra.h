/* SPDX-License-Identifier: Apache-2.0 */
/* The generic cell rate algorithm: how often a client may do something.
 *
 * Of each client one number is remembered: the time at which all of its requests
 * are back (TAT, theoretical arrival time). A request moves it by one interval; one
 * that would move it further than a window ahead of now is refused, and moves
 * nothing. So all requests of a policy pass at once, and then one after each
 * interval; after a pause of a window it is as if there had been no request. These
 * functions read no clock and no shared memory.
 *
 * Source: ITU-T I.371, "Virtual scheduling algorithm". */
#ifndef UK_CORE_GCRA_H
#define UK_CORE_GCRA_H

#include "core/clock.h"

#define UK_GCRA_REQUESTS_MAX 1000000
#define UK_GCRA_SECONDS_MAX 86400

/* So many requests in so many seconds. */
typedef struct {
    apr_uint32_t requests;
    apr_uint32_t seconds;
    /* Between two requests in the long run. It is rounded down to a nanosecond,
     * so that a client which asks so many times in each such period is never
     * refused; the rate is higher by a thousandth at most (1,666 ns in the place
     * of 1,666.7), and by none where the division has no rest. */
    uk_clock_ns_t interval;
    uk_clock_ns_t window; /* requests * interval, seconds at the most */
} uk_gcra_policy_t;

/* What a client may be told. */
typedef struct {
    apr_uint32_t remaining; /* requests that would pass now */
    apr_uint32_t reset; /* seconds until all of them are back; 0: they are */
    apr_uint32_t retry_after; /* seconds until one passes; 0: it would now */
} uk_gcra_quota_t;

/** @param requests 1 to UK_GCRA_REQUESTS_MAX
 *  @param seconds  1 to UK_GCRA_SECONDS_MAX */
uk_gcra_policy_t uk_gcra_policy(apr_uint32_t requests, apr_uint32_t seconds);

/**
 * Count a request.
 *
 * @param tat of the requests before; 0: there were none. One that lies further
 *            ahead than a request could have moved it is of another clock, and
 *            means that there were none.
 * @param now at least as late as when tat was stored
 * @return the TAT to store; 0: the request is refused, and tat stays
 */
uk_clock_ns_t uk_gcra_count(const uk_gcra_policy_t *policy, uk_clock_ns_t tat,
                            uk_clock_ns_t now);

/** What is left after a request. Seconds are rounded up and requests down, so
 *  that a client which obeys them is not refused. */
uk_gcra_quota_t uk_gcra_quota(const uk_gcra_policy_t *policy, uk_clock_ns_t tat,
                              uk_clock_ns_t now);

#endif
