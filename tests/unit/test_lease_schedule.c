/* SPDX-License-Identifier: Apache-2.0 */
/* When a lease is polled and when it sleeps, and how many threads poll. */
#include "unit.h"

#include <string.h>

#include "core/poll_threads.h"
#include "core/lease_schedule.h"
#include "core/lease_state.h"

#define T 1000000 /* some time of the clock */

static uk_lease_schedule_t schedule;

static void begin(void)
{
    memset(&schedule, 0, sizeof(schedule));
}

static int step_at(uk_clock_ms_t now, int is_awake)
{
    return (int)uk_lease_schedule_step(&schedule, now, is_awake);
}

START_TEST(sleeps_until_a_request_asks_for_it)
{
    ck_assert_int_eq(step_at(T, 0), UK_LEASE_REST);
    ck_assert_int_eq(uk_lease_schedule_want(&schedule, T, 0), 0);
    ck_assert_int_eq(step_at(T, 0), UK_LEASE_REST);
    ck_assert_int_eq(uk_lease_schedule_want(&schedule, T, 1), 1);
    ck_assert_int_eq(step_at(T, 0), UK_LEASE_POLL);
}
END_TEST

START_TEST(requests_are_recorded_once_in_a_while)
{
    ck_assert_int_eq(uk_lease_schedule_want(&schedule, T, 1), 1);
    ck_assert_int_eq(
        uk_lease_schedule_want(&schedule, T + UK_WANT_INTERVAL_MS - 1, 1), 0);
    ck_assert_int_eq(
        uk_lease_schedule_want(&schedule, T + UK_WANT_INTERVAL_MS, 1), 1);
}
END_TEST

static const struct {
    int after; /* milliseconds after a poll, and a request */
    uk_lease_step_e step;
} steps[] = {
    {0, UK_LEASE_REST},
    {UK_POLL_INTERVAL_MS - 1, UK_LEASE_REST},
    {UK_POLL_INTERVAL_MS, UK_LEASE_POLL},
    {UK_LEASE_SLEEP_MS - 1, UK_LEASE_POLL},
    {UK_LEASE_SLEEP_MS, UK_LEASE_LEAVE},
};

START_TEST(is_polled_until_it_is_asked_for_no_more)
{
    uk_lease_schedule_want(&schedule, T, 1);
    uk_lease_schedule_next(&schedule, UK_LEASE_POLL, T);
    ck_assert_int_eq(step_at((uk_clock_ms_t)(T + steps[_i].after), 1),
                     steps[_i].step);
}
END_TEST

START_TEST(leaving_is_tried_again_later_unless_a_request_asks)
{
    uk_lease_schedule_next(&schedule, UK_LEASE_LEAVE, T);
    schedule.wanted_at = T - UK_LEASE_SLEEP_MS;
    ck_assert_int_eq(step_at(T + UK_LEAVE_INTERVAL_MS - 1, 1), UK_LEASE_REST);
    ck_assert_int_eq(step_at(T + UK_LEAVE_INTERVAL_MS, 1), UK_LEASE_LEAVE);
    uk_lease_schedule_want(&schedule, T + UK_LEAVE_INTERVAL_MS, 1);
    ck_assert_int_eq(step_at(T + UK_LEAVE_INTERVAL_MS, 1), UK_LEASE_POLL);
}
END_TEST

START_TEST(process_that_takes_over_polls_for_a_while)
{
    ck_assert_int_eq(step_at(T, 1), UK_LEASE_POLL);
    ck_assert_int_eq(step_at(T + UK_LEASE_SLEEP_MS, 1), UK_LEASE_LEAVE);
}
END_TEST

START_TEST(a_slow_poll_fits_into_a_lease_and_sleep_into_ten_seconds)
{
    const int look = 100; /* milliseconds, of httpd/poller.c */
    const int slow = 200; /* of a poll */

    ck_assert_int_lt(UK_POLL_INTERVAL_MS + look + slow, UK_LEASE_MS);
    ck_assert_int_lt(UK_WANT_INTERVAL_MS + UK_LEASE_SLEEP_MS
                         + UK_POLL_INTERVAL_MS + 2 * look,
                     10000);
}
END_TEST

static const struct {
    uk_poll_threads_t threads;
    int missing;
} pools[] = {
    {{.queued = 0}, 0},
    {{.queued = 1, .queued_since = T}, 1},
    {{.queued = 900, .queued_since = T}, UK_POLL_THREADS_FEW},
    {{.running = 1, .queued = 1, .queued_since = T}, 1},
    {{.running = 1, .idle = 1, .queued = 1, .queued_since = T}, 0},
    /* What is under way may end in a moment. */
    {{.running = UK_POLL_THREADS_FEW, .queued = 9, .queued_since = T}, 0},
    {{.running = UK_POLL_THREADS_FEW,
      .queued = 9,
      .queued_since = T - UK_POLL_THREADS_PATIENCE_MS},
     UK_POLL_THREADS_FEW},
    {{.running = 40,
      .queued = 9,
      .queued_since = T - UK_POLL_THREADS_PATIENCE_MS},
     9},
    {{.running = 40,
      .idle = 8,
      .queued = 9,
      .queued_since = T - UK_POLL_THREADS_PATIENCE_MS},
     1},
};

START_TEST(threads_are_started_for_what_waits)
{
    ck_assert_int_eq(uk_poll_threads_missing(&pools[_i].threads, T),
                     pools[_i].missing);
}
END_TEST

static const struct {
    int idle, are_many;
} idle_pools[] = {
    {0, 0}, {UK_POLL_THREADS_FEW, 0}, {UK_POLL_THREADS_FEW + 1, 1}};

START_TEST(threads_that_nothing_needs_end)
{
    uk_poll_threads_t threads = {.running = 40, .idle = idle_pools[_i].idle};

    ck_assert_int_eq(uk_poll_threads_are_many(&threads),
                     idle_pools[_i].are_many);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("lease_schedule");
    TCase *lease = unit_case(suite, "lease");
    TCase *threads = unit_case(suite, "threads");

    tcase_add_checked_fixture(lease, begin, NULL);
    tcase_add_test(lease, sleeps_until_a_request_asks_for_it);
    tcase_add_test(lease, requests_are_recorded_once_in_a_while);
    tcase_add_loop_test(lease, is_polled_until_it_is_asked_for_no_more, 0,
                        UNIT_COUNT(steps));
    tcase_add_test(lease, leaving_is_tried_again_later_unless_a_request_asks);
    tcase_add_test(lease, process_that_takes_over_polls_for_a_while);
    tcase_add_test(lease,
                   a_slow_poll_fits_into_a_lease_and_sleep_into_ten_seconds);
    tcase_add_loop_test(threads, threads_are_started_for_what_waits, 0,
                        UNIT_COUNT(pools));
    tcase_add_loop_test(threads, threads_that_nothing_needs_end, 0,
                        UNIT_COUNT(idle_pools));
    return unit_run(suite);
}
