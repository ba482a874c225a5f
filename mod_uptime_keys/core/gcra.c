/* SPDX-License-Identifier: Apache-2.0 */
/* The generic cell rate algorithm. */
#include "core/gcra.h"

/* Clocks of processors may differ by less than this; a TAT that is ahead by
 * more was stored before the clock went back. */
#define TOLERANCE UK_CLOCK_SECOND

uk_gcra_policy_t uk_gcra_policy(apr_uint32_t requests, apr_uint32_t seconds)
{
    uk_clock_ns_t interval = seconds * UK_CLOCK_SECOND / requests;

    return (uk_gcra_policy_t){requests, seconds, interval, requests * interval};
}

/* How far the TAT is ahead. */
static uk_clock_ns_t lead_of(const uk_gcra_policy_t *policy, uk_clock_ns_t tat,
                             uk_clock_ns_t now)
{
    uk_clock_ns_t lead = tat > now ? tat - now : 0;

    return lead > policy->window + TOLERANCE ? 0 : lead;
}

uk_clock_ns_t uk_gcra_count(const uk_gcra_policy_t *policy, uk_clock_ns_t tat,
                            uk_clock_ns_t now)
{
    uk_clock_ns_t lead = lead_of(policy, tat, now) + policy->interval;

    return lead > policy->window ? 0 : now + lead;
}

static apr_uint32_t seconds_up(uk_clock_ns_t time)
{
    return (apr_uint32_t)((time + UK_CLOCK_SECOND - 1) / UK_CLOCK_SECOND);
}

uk_gcra_quota_t uk_gcra_quota(const uk_gcra_policy_t *policy, uk_clock_ns_t tat,
                              uk_clock_ns_t now)
{
    uk_clock_ns_t lead = lead_of(policy, tat, now);
    uk_clock_ns_t next = lead + policy->interval;
    uk_gcra_quota_t quota = {.reset = seconds_up(lead)};

    if (next > policy->window) {
        quota.retry_after = seconds_up(next - policy->window);
    }
    else {
        quota.remaining =
            (apr_uint32_t)((policy->window - lead) / policy->interval);
    }
    return quota;
}
