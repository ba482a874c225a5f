/* SPDX-License-Identifier: Apache-2.0 */
/* The arithmetic of a limit. */
#include "unit.h"

#include <stdlib.h>

#include "core/gcra.h"

#define S UK_CLOCK_SECOND
#define NOW (1000000 * S) /* some time of the clock */

static const struct {
    apr_uint32_t requests, seconds;
    uk_clock_ns_t interval;
} policies[] = {
    {1, 1, S},
    {100, 60, 600000000},
    {600, 60, 100000000},
    {3, 1, 333333333}, /* rounded down */
    {7, 86400, 12342857142857},
    {1, UK_GCRA_SECONDS_MAX, UK_GCRA_SECONDS_MAX *S},
    {UK_GCRA_REQUESTS_MAX, 1, 1000},
    {600001, 1, 1666},
    {999999, 1, 1000},
    {UK_GCRA_REQUESTS_MAX, UK_GCRA_SECONDS_MAX, 86400000},
};

static uk_gcra_policy_t policy;

static void choose(int i)
{
    policy = uk_gcra_policy(policies[i].requests, policies[i].seconds);
}

/* The TAT after so many requests at once, all of which pass. An assertion for
 * each of a million would take minutes. */
static uk_clock_ns_t after(apr_uint32_t requests, uk_clock_ns_t tat,
                           uk_clock_ns_t now)
{
    apr_uint32_t passed;

    for (passed = 0; passed < requests; passed++) {
        uk_clock_ns_t next = uk_gcra_count(&policy, tat, now);

        if (next == 0) {
            break;
        }
        tat = next;
    }
    ck_assert_uint_eq(passed, requests);
    return tat;
}

static int passes(uk_clock_ns_t tat, uk_clock_ns_t now)
{
    return uk_gcra_count(&policy, tat, now) != 0;
}

START_TEST(interval_is_rounded_down)
{
    choose(_i);
    ck_assert_uint_eq(policy.interval, policies[_i].interval);
    ck_assert_uint_le(policy.window, policy.seconds * S);
    /* The whole error of a window is less than a thousandth of it. */
    ck_assert_uint_lt(policy.seconds * S - policy.window,
                      policy.seconds * S / 1000);
}
END_TEST

START_TEST(exactly_the_requests_of_a_policy_pass_at_once)
{
    uk_clock_ns_t tat;

    choose(_i);
    tat = after(policy.requests, 0, NOW);
    ck_assert_int_eq(passes(tat, NOW), 0);
    ck_assert_int_eq(passes(tat, NOW + policy.interval - 1), 0);
    ck_assert_int_eq(passes(tat, NOW + policy.interval), 1);
}
END_TEST

START_TEST(then_one_passes_after_each_interval)
{
    uk_clock_ns_t tat, now = NOW;
    int i;

    choose(_i);
    tat = after(policy.requests, 0, now);
    for (i = 0; i < 1000; i++) {
        now += policy.interval;
        tat = after(1, tat, now);
        ck_assert_int_eq(passes(tat, now), 0);
    }
}
END_TEST

/* Whoever keeps to the two numbers of the policy is never refused. */
START_TEST(all_of_them_pass_in_each_period)
{
    uk_clock_ns_t tat = 0, now = NOW;
    int i;

    choose(_i);
    for (i = 0; i < 3; i++, now += policy.seconds * S) {
        tat = after(policy.requests, tat, now);
    }
}
END_TEST

START_TEST(a_refusal_costs_nothing)
{
    uk_clock_ns_t tat;
    int i;

    choose(_i);
    tat = after(policy.requests, 0, NOW);
    for (i = 0; i < 1000; i++) {
        ck_assert_int_eq(passes(tat, NOW + policy.interval - 1), 0);
    }
    ck_assert_int_eq(passes(tat, NOW + policy.interval), 1);
}
END_TEST

START_TEST(a_tat_that_has_passed_is_as_none)
{
    choose(_i);
    ck_assert_uint_eq(uk_gcra_count(&policy, 0, NOW), NOW + policy.interval);
    ck_assert_uint_eq(uk_gcra_count(&policy, NOW, NOW), NOW + policy.interval);
    ck_assert_uint_eq(uk_gcra_count(&policy, 1, NOW), NOW + policy.interval);
    ck_assert_uint_gt(uk_gcra_count(&policy, NOW + 1, NOW + 1),
                      NOW + policy.interval);
}
END_TEST

/* The clock has gone back, or is another machine's: nobody is locked out. */
START_TEST(a_tat_of_another_clock_is_as_none)
{
    static const uk_clock_ns_t others[] = {~(uk_clock_ns_t)0,
                                           ~(uk_clock_ns_t)0 / 2};
    uk_clock_ns_t furthest;
    int i;

    choose(_i);
    furthest = NOW + policy.window + S;
    ck_assert_int_eq(passes(furthest, NOW), 0);
    ck_assert_uint_eq(uk_gcra_count(&policy, furthest + 1, NOW),
                      NOW + policy.interval);
    for (i = 0; i < UNIT_COUNT(others); i++) {
        ck_assert_uint_eq(uk_gcra_count(&policy, others[i], NOW),
                          NOW + policy.interval);
        ck_assert_uint_eq(uk_gcra_quota(&policy, others[i], NOW).remaining,
                          policy.requests);
    }
}
END_TEST

/* A clock that has run for 292 years. */
START_TEST(nothing_overflows)
{
    const uk_clock_ns_t late = ~(uk_clock_ns_t)0 / 2;
    uk_clock_ns_t tat;

    choose(_i);
    tat = after(policy.requests, 0, late);
    ck_assert_uint_eq(tat, late + policy.window);
    ck_assert_int_eq(passes(tat, late), 0);
    ck_assert_uint_eq(uk_gcra_quota(&policy, tat, late).reset, policy.seconds);
}
END_TEST

static const struct {
    apr_uint32_t requests, seconds, made; /* at NOW */
    uk_clock_ns_t later;
    uk_gcra_quota_t quota;
} quotas[] = {
    {100, 60, 0, 0, {100, 0, 0}},
    {100, 60, 1, 0, {99, 1, 0}},
    {100, 60, 1, 600000000 - 1, {99, 1, 0}},
    {100, 60, 1, 600000000, {100, 0, 0}},
    {100, 60, 2, 0, {98, 2, 0}},
    {100, 60, 99, 0, {1, 60, 0}},
    {100, 60, 100, 0, {0, 60, 1}},
    {100, 60, 100, 600000000 - 1, {0, 60, 1}},
    {100, 60, 100, 600000000, {1, 60, 0}},
    {100, 60, 100, S, {1, 59, 0}},
    {100, 60, 100, 60 * S - 1, {99, 1, 0}},
    {100, 60, 100, 60 * S, {100, 0, 0}},
    {1, 1, 1, 0, {0, 1, 1}},
    {1, 86400, 1, 0, {0, 86400, 86400}},
    {1, 86400, 1, 1, {0, 86400, 86400}},
    {1, 86400, 1, S, {0, 86399, 86399}},
    {1, 86400, 1, 86400 * S - 1, {0, 1, 1}},
    {3, 1, 3, 0, {0, 1, 1}},
    {2, 10, 2, 0, {0, 10, 5}},
    {2, 10, 2, 1, {0, 10, 5}},
    {1000000, 1, 1000000, 0, {0, 1, 1}},
    {1000000, 1, 1000000, 999, {0, 1, 1}},
    {1000000, 1, 1000000, 1000, {1, 1, 0}},
    {1000000, 86400, 1000000, 0, {0, 86400, 1}},
};

START_TEST(quota_rounds_seconds_up_and_requests_down)
{
    uk_gcra_quota_t quota;
    uk_clock_ns_t tat;

    policy = uk_gcra_policy(quotas[_i].requests, quotas[_i].seconds);
    tat = after(quotas[_i].made, 0, NOW);
    quota = uk_gcra_quota(&policy, tat, NOW + quotas[_i].later);
    ck_assert_uint_eq(quota.remaining, quotas[_i].quota.remaining);
    ck_assert_uint_eq(quota.reset, quotas[_i].quota.reset);
    ck_assert_uint_eq(quota.retry_after, quotas[_i].quota.retry_after);
}
END_TEST

static uk_clock_ns_t random_below(uk_clock_ns_t limit)
{
    return ((uk_clock_ns_t)rand() << 31 ^ (uk_clock_ns_t)rand()) % limit;
}

/* What the fields promise holds: at any time the remaining requests pass, and not
 * one more; after the reset all of them; after Retry-After one. */
static void check_promises(uk_clock_ns_t tat, uk_clock_ns_t now)
{
    const uk_gcra_quota_t quota = uk_gcra_quota(&policy, tat, now);

    ck_assert_int_eq(passes(after(quota.remaining, tat, now), now), 0);
    after(policy.requests, tat, now + quota.reset * S);
    after(1, tat, now + quota.retry_after * S);
    ck_assert_int_eq(quota.remaining == 0, quota.retry_after > 0);
}

START_TEST(client_that_obeys_is_never_refused)
{
    uk_clock_ns_t tat = 0, now = NOW, next;
    int i;

    srand(1 + (unsigned int)_i);
    policy = uk_gcra_policy((apr_uint32_t)random_below(200) + 1,
                            (apr_uint32_t)random_below(200) + 1);
    for (i = 0; i < 500; i++) {
        now += random_below(2 * policy.interval);
        next = uk_gcra_count(&policy, tat, now);
        tat = next ? next : tat;
        check_promises(tat, now);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("gcra");
    TCase *count = unit_case(suite, "count");
    TCase *quota = unit_case(suite, "quota");
    int n = UNIT_COUNT(policies);

    tcase_add_loop_test(count, interval_is_rounded_down, 0, n);
    tcase_add_loop_test(count, exactly_the_requests_of_a_policy_pass_at_once, 0,
                        n);
    tcase_add_loop_test(count, then_one_passes_after_each_interval, 0, n);
    tcase_add_loop_test(count, all_of_them_pass_in_each_period, 0, n);
    tcase_add_loop_test(count, a_refusal_costs_nothing, 0, n);
    tcase_add_loop_test(count, a_tat_that_has_passed_is_as_none, 0, n);
    tcase_add_loop_test(count, a_tat_of_another_clock_is_as_none, 0, n);
    tcase_add_loop_test(count, nothing_overflows, 0, n);
    tcase_add_loop_test(quota, quota_rounds_seconds_up_and_requests_down, 0,
                        UNIT_COUNT(quotas));
    tcase_add_loop_test(quota, client_that_obeys_is_never_refused, 0, 20);
    return unit_run(suite);
}
