/* SPDX-License-Identifier: Apache-2.0 */
/* Any times of requests against any limit, checked against a bucket that drips, in
 * numbers of 128 bits.
 *
 * About: core/gcra.c
 * Options: -max_len=200 */
#include "core/gcra.h"
#include "fuzz.h"

/* Between requests at the most: twice the longest window. */
#define PAUSE_MAX (2 * UK_GCRA_SECONDS_MAX * UK_CLOCK_SECOND)

__extension__ typedef unsigned __int128 level_t;

/* A bucket that holds a window, and fills by one interval a request. */
typedef struct {
    level_t level;
    uk_clock_ns_t at;
} bucket_t;

static int pours(bucket_t *bucket, const uk_gcra_policy_t *policy,
                 uk_clock_ns_t now)
{
    uk_clock_ns_t passed = now - bucket->at;

    bucket->level = bucket->level > passed ? bucket->level - passed : 0;
    bucket->at = now;
    if (bucket->level + policy->interval > policy->window) {
        return 0;
    }
    bucket->level += policy->interval;
    return 1;
}

static void expect_quota(const uk_gcra_policy_t *policy, uk_clock_ns_t tat,
                         uk_clock_ns_t now)
{
    uk_gcra_quota_t quota = uk_gcra_quota(policy, tat, now);
    uk_clock_ns_t next = now + quota.retry_after * UK_CLOCK_SECOND;
    apr_uint32_t left = quota.remaining, i;

    FUZZ_EXPECT(left <= policy->requests && quota.reset <= policy->seconds,
                "more is left than there is");
    FUZZ_EXPECT((left == 0) == (quota.retry_after != 0), "it passes, or not");
    FUZZ_EXPECT(uk_gcra_count(policy, tat, next),
                "who waits as told is refused");
    for (i = 0; i < left && i < 20; i++) {
        tat = uk_gcra_count(policy, tat, now);
        FUZZ_EXPECT(tat, "who obeys is refused");
    }
    FUZZ_EXPECT(i < left || !uk_gcra_count(policy, tat, now),
                "more passes than was told");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input_t input = {data, size};
    uk_gcra_policy_t policy = uk_gcra_policy(
        (apr_uint32_t)(fuzz_take_number(&input) % UK_GCRA_REQUESTS_MAX + 1),
        (apr_uint32_t)(fuzz_take_number(&input) % UK_GCRA_SECONDS_MAX + 1));
    uk_clock_ns_t now = PAUSE_MAX, tat = 0;
    bucket_t bucket = {0, now};

    while (input.left) {
        unsigned unit = fuzz_take_byte(&input);
        uk_clock_ns_t next;

        /* In intervals, or in any nanoseconds. */
        now += unit < 128 ? unit * policy.interval / 8
                          : fuzz_take_number(&input) % PAUSE_MAX;
        next = uk_gcra_count(&policy, tat, now);
        FUZZ_EXPECT((next != 0) == pours(&bucket, &policy, now),
                    "a request is judged otherwise");
        tat = next ? next : tat;
        expect_quota(&policy, tat, now);
    }
    return 0;
}
