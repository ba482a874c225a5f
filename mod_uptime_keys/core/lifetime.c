/* SPDX-License-Identifier: Apache-2.0 */
/* Lifetimes of keys: whole days, in UTC. */
#include "core/lifetime.h"

#include <apr_strings.h>

uk_instant_t uk_lifetime_end(uk_instant_t now, int days)
{
    return (now / UK_DAY_MS + days + 1) * UK_DAY_MS - 1;
}

int uk_lifetime_is_too_long(const uk_lifetimes_t *lifetimes, uk_instant_t now,
                            uk_instant_t expires_at)
{
    return lifetimes->maximum
           && (expires_at == UK_INSTANT_NONE
               || expires_at > uk_lifetime_end(now, lifetimes->maximum));
}

uk_instant_t uk_lifetime_within(const uk_lifetimes_t *lifetimes,
                                uk_instant_t now, uk_instant_t expires_at)
{
    return uk_lifetime_is_too_long(lifetimes, now, expires_at)
               ? uk_lifetime_end(now, lifetimes->maximum)
               : expires_at;
}

const char *uk_lifetime_span(apr_pool_t *pool, int seconds)
{
    static const struct {
        int span;
        const char *name;
    } units[] = {{24 * 60 * 60, "day"},
                 {60 * 60, "hour"},
                 {60, "minute"},
                 {1, "second"}};
    int i = 0;

    while (seconds % units[i].span) {
        i++;
    }
    return apr_psprintf(pool, "%d %s%s", seconds / units[i].span, units[i].name,
                        seconds == units[i].span ? "" : "s");
}
