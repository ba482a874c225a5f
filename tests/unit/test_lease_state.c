/* SPDX-License-Identifier: Apache-2.0 */
/* The state of a lease, and the clock that it goes by. */
#include "unit.h"

#include <signal.h>
#include <string.h>
#include <sys/time.h>

#include "core/lease_state.h"

#define T 1000000 /* some time of the clock */

static uk_lease_state_t state;

static void begin_announced(void)
{
    memset(&state, 0, sizeof(state));
    uk_lease_state_record_announcement(&state, T, 5);
}

static int holds_at(uk_clock_ms_t now)
{
    const uk_lease_view_t view = uk_lease_state_read(&state);

    return uk_lease_view_holds(&view, now);
}

static apr_uint64_t generation(void)
{
    return uk_lease_state_read(&state).generation;
}

static const struct {
    int age; /* of the poll, or its distance ahead */
    int holds;
} leases[] = {
    {0, 1},  {UK_LEASE_MS - 1, 1}, {UK_LEASE_MS, 0}, {UK_LEASE_MS + 1, 0},
    {-1, 0},
};

START_TEST(holds_while_the_poll_began_less_than_a_lease_ago)
{
    uk_lease_state_record_poll(&state, T, 7);
    ck_assert_int_eq(holds_at((uk_clock_ms_t)(T + leases[_i].age)),
                     leases[_i].holds);
}
END_TEST

START_TEST(does_not_hold_before_the_first_poll)
{
    ck_assert_int_eq(holds_at(T), 0);
}
END_TEST

START_TEST(does_not_hold_without_an_announcement)
{
    memset(&state, 0, sizeof(state));
    uk_lease_state_record_poll(&state, T, 7);
    ck_assert_int_eq(holds_at(T), 0);
}
END_TEST

START_TEST(ends_when_the_announcement_is_too_old)
{
    uk_lease_state_record_poll(&state, T + UK_ANNOUNCED_MS - 1, 7);
    ck_assert_int_eq(holds_at(T + UK_ANNOUNCED_MS - 1), 1);
    ck_assert_int_eq(holds_at(T + UK_ANNOUNCED_MS), 0);
}
END_TEST

START_TEST(polls_without_a_change_keep_the_generation)
{
    apr_uint64_t before;

    uk_lease_state_record_poll(&state, T, 7);
    before = generation();
    uk_lease_state_record_poll(&state, T + 200, 7);
    ck_assert_uint_eq(generation(), before);
    ck_assert_int_eq(holds_at(T + 200 + UK_LEASE_MS - 1), 1);
}
END_TEST

static const apr_int64_t counters[] = {8, 6, 0, -1};

START_TEST(another_counter_is_another_generation)
{
    apr_uint64_t before;

    uk_lease_state_record_poll(&state, T, 7);
    before = generation();
    uk_lease_state_record_poll(&state, T + 200, counters[_i]);
    ck_assert_uint_gt(generation(), before);
}
END_TEST

START_TEST(an_older_poll_is_ignored)
{
    apr_uint64_t before;

    uk_lease_state_record_poll(&state, T + 200, 7);
    before = generation();
    uk_lease_state_record_poll(&state, T, 6);
    ck_assert_uint_eq(generation(), before);
    ck_assert_uint_eq(uk_lease_state_read(&state).poll_began, T + 200);
}
END_TEST

START_TEST(a_failed_poll_voids_all_entries_with_the_next_one)
{
    apr_uint64_t before;

    uk_lease_state_record_poll(&state, T, 7);
    before = generation();
    uk_lease_state_record_failure(&state);
    ck_assert_int_eq(holds_at(T), 0);
    uk_lease_state_record_poll(&state, T + 200, 7);
    ck_assert_int_eq(holds_at(T + 200), 1);
    ck_assert_uint_gt(generation(), before);
}
END_TEST

START_TEST(invalidation_is_another_generation)
{
    apr_uint64_t before;

    uk_lease_state_record_poll(&state, T, 7);
    before = generation();
    uk_lease_state_invalidate(&state);
    ck_assert_uint_gt(generation(), before);
    ck_assert_int_eq(holds_at(T), 1);
}
END_TEST

START_TEST(a_row_that_is_not_ours_ends_the_lease)
{
    uk_lease_state_record_poll(&state, T, 7);
    ck_assert_int_eq(uk_lease_state_confirm_row(&state, 5), 1);
    ck_assert_int_eq(holds_at(T), 1);
    ck_assert_int_eq(uk_lease_state_confirm_row(&state, UK_INSTANT_NONE), 0);
    ck_assert_int_eq(holds_at(T), 0);
    ck_assert_int_eq(uk_lease_state_is_announcement_older(&state, T, 1), 1);
}
END_TEST

/* Nobody waited for this server when those polls began. */
START_TEST(a_late_announcement_voids_earlier_polls)
{
    const uk_clock_ms_t later = T + UK_ANNOUNCED_MS;

    uk_lease_state_record_poll(&state, later, 7);
    uk_lease_state_record_announcement(&state, later, 6);
    ck_assert_int_eq(holds_at(later), 0);
    uk_lease_state_record_poll(&state, later + 1, 7);
    ck_assert_int_eq(holds_at(later + 1), 1);
}
END_TEST

START_TEST(an_announcement_in_time_keeps_the_lease)
{
    const uk_clock_ms_t later = T + UK_ANNOUNCED_MS - 1;

    uk_lease_state_record_poll(&state, later, 7);
    uk_lease_state_record_announcement(&state, later, 6);
    ck_assert_int_eq(holds_at(later), 1);
}
END_TEST

START_TEST(withdrawal_ends_the_lease)
{
    uk_lease_state_record_poll(&state, T, 7);
    uk_lease_state_withdraw(&state);
    ck_assert_int_eq(holds_at(T), 0);
    uk_lease_state_record_poll(&state, T + 1, 7);
    ck_assert_int_eq(holds_at(T + 1), 0);
}
END_TEST

static const struct {
    uk_clock_ms_t then, now;
    int within; /* 100 ms */
} intervals[] = {
    {T, T, 1},       {T, T + 99, 1}, {T, T + 100, 0},
    {T, T + 101, 0}, {T + 1, T, 0}, /* ahead: of another clock */
    {0, 50, 0},      {0, T, 0},     /* never */
};

START_TEST(interval_is_measured_and_never_is_never_within)
{
    ck_assert_int_eq(
        uk_clock_is_within(intervals[_i].then, intervals[_i].now, 100),
        intervals[_i].within);
}
END_TEST

static void ignore(int number)
{
    (void)number;
}

START_TEST(sleep_is_not_shortened_by_signals)
{
    const struct itimerval often = {{0, 5000}, {0, 5000}}, never = {{0, 0}};
    uk_clock_ms_t then = uk_clock_now() + 100;

    signal(SIGALRM, ignore);
    setitimer(ITIMER_REAL, &often, NULL);
    uk_clock_sleep_until(then);
    setitimer(ITIMER_REAL, &never, NULL);
    ck_assert_uint_ge(uk_clock_now(), then);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("lease_state");
    TCase *lease = unit_case(suite, "lease");
    TCase *clock = unit_case(suite, "clock");

    tcase_add_checked_fixture(lease, begin_announced, NULL);
    tcase_add_loop_test(lease, holds_while_the_poll_began_less_than_a_lease_ago,
                        0, UNIT_COUNT(leases));
    tcase_add_test(lease, does_not_hold_before_the_first_poll);
    tcase_add_test(lease, does_not_hold_without_an_announcement);
    tcase_add_test(lease, ends_when_the_announcement_is_too_old);
    tcase_add_test(lease, polls_without_a_change_keep_the_generation);
    tcase_add_loop_test(lease, another_counter_is_another_generation, 0,
                        UNIT_COUNT(counters));
    tcase_add_test(lease, an_older_poll_is_ignored);
    tcase_add_test(lease, a_failed_poll_voids_all_entries_with_the_next_one);
    tcase_add_test(lease, invalidation_is_another_generation);
    tcase_add_test(lease, a_row_that_is_not_ours_ends_the_lease);
    tcase_add_test(lease, a_late_announcement_voids_earlier_polls);
    tcase_add_test(lease, an_announcement_in_time_keeps_the_lease);
    tcase_add_test(lease, withdrawal_ends_the_lease);
    tcase_add_loop_test(clock, interval_is_measured_and_never_is_never_within,
                        0, UNIT_COUNT(intervals));
    tcase_add_test(clock, sleep_is_not_shortened_by_signals);
    return unit_run(suite);
}
