/* SPDX-License-Identifier: Apache-2.0 */
/* Lifetimes of keys: whole days, in UTC. */
#ifndef UK_CORE_LIFETIME_H
#define UK_CORE_LIFETIME_H

#include <apr_pools.h>

#include "core/instant.h"

#define UK_DAY_MS ((uk_instant_t)24 * 60 * 60 * 1000)
/* Days of a lifetime: a hundred years. */
#define UK_LIFETIME_MAX 36500

/* What UptimeKeysMaxLifetime and UptimeKeysDefaultLifetime set: days, or 0 for
 * None. */
typedef struct {
    int maximum;
    int preset; /* of a new key for which no expiry is asked */
} uk_lifetimes_t;

/** The end of a lifetime that begins now: the last millisecond of the day that
 *  is so many days after today, in UTC. */
uk_instant_t uk_lifetime_end(uk_instant_t now, int days);

/** @return 1 if a lifetime has no expiry, or one after the maximum; else 0,
 *  also if there is no maximum */
int uk_lifetime_is_too_long(const uk_lifetimes_t *lifetimes, uk_instant_t now,
                            uk_instant_t expires_at);

/** The expiry, or the latest that the maximum allows if that is sooner. */
uk_instant_t uk_lifetime_within(const uk_lifetimes_t *lifetimes,
                                uk_instant_t now, uk_instant_t expires_at);

/** "2 days", in the largest unit that divides it. @return a string in the pool */
const char *uk_lifetime_span(apr_pool_t *pool, int seconds);

#endif
