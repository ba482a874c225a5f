/* SPDX-License-Identifier: Apache-2.0 */
/* The state of a lease, and the clock that it goes by. */
#include "unit.h"

#include <pthread.h>
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

static apr_uint64_t current_round(void)
{
    return uk_lease_state_read(&state).round;
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

START_TEST(a_poll_prolongs_the_lease_and_voids_nothing)
{
    apr_uint64_t stored;

    uk_lease_state_record_poll(&state, T, 7);
    stored = current_round();
    uk_lease_state_record_poll(&state, T + 200, 8);
    ck_assert_int_eq(uk_lease_state_is_valid(&state, stored, 5), 1);
    ck_assert_int_eq(holds_at(T + 200 + UK_LEASE_MS - 1), 1);
}
END_TEST

START_TEST(the_first_poll_voids_all_entries)
{
    apr_uint64_t stored = current_round();

    uk_lease_state_record_poll(&state, T, 7);
    ck_assert_int_eq(uk_lease_state_is_valid(&state, stored, 5), 0);
    ck_assert_int_eq(uk_lease_state_is_valid(&state, current_round(), 5), 1);
}
END_TEST

START_TEST(an_older_poll_is_ignored)
{
    apr_int64_t counter;

    uk_lease_state_record_poll(&state, T + 200, 7);
    uk_lease_state_record_poll(&state, T, 6);
    ck_assert_uint_eq(uk_lease_state_read(&state).poll_began, T + 200);
    ck_assert_int_eq(uk_lease_state_counter(&state, &counter), 1);
    ck_assert_int_eq(counter, 7);
}
END_TEST

START_TEST(a_failed_poll_voids_all_entries_with_the_next_one)
{
    apr_uint64_t stored;
    apr_int64_t counter;

    uk_lease_state_record_poll(&state, T, 7);
    stored = current_round();
    uk_lease_state_record_failure(&state);
    ck_assert_int_eq(holds_at(T), 0);
    ck_assert_int_eq(uk_lease_state_counter(&state, &counter), 0);
    uk_lease_state_record_poll(&state, T + 200, 7);
    ck_assert_int_eq(holds_at(T + 200), 1);
    ck_assert_int_eq(uk_lease_state_is_valid(&state, stored, 5), 0);
}
END_TEST

static const struct {
    int offset; /* of the entry's group from the one that is voided */
    int is_valid;
} voidings[] = {{0, 0}, {1, 1}, {-1, 1}, {UK_LEASE_GROUPS, 0}};

START_TEST(voiding_a_group_voids_its_earlier_entries)
{
    const apr_uint16_t group = (apr_uint16_t)(7 + voidings[_i].offset);
    apr_uint64_t stored;

    uk_lease_state_record_poll(&state, T, 7);
    stored = current_round();
    uk_lease_state_void_group(&state, 7);
    ck_assert_int_eq(uk_lease_state_is_valid(&state, stored, group),
                     voidings[_i].is_valid);
    ck_assert_int_eq(uk_lease_state_is_valid(&state, current_round(), group),
                     1);
    ck_assert_int_eq(holds_at(T), 1);
}
END_TEST

START_TEST(voiding_all_voids_every_group)
{
    apr_uint64_t stored = current_round();
    int group;

    uk_lease_state_void_all(&state);
    for (group = 0; group < UK_LEASE_GROUPS; group++) {
        ck_assert_int_eq(
            uk_lease_state_is_valid(&state, stored, (apr_uint16_t)group), 0);
    }
    ck_assert_int_eq(uk_lease_state_is_valid(&state, current_round(), 0), 1);
}
END_TEST

/* Two children void the same group again and again: the later round stays. */
static void *void_often(void *unused)
{
    int i;

    for (i = 0; i < 200000; i++) {
        uk_lease_state_void_group(&state, 3);
    }
    return unused;
}

START_TEST(a_later_voiding_stays_when_two_happen_at_once)
{
    pthread_t other;
    apr_uint64_t before;
    int i;

    pthread_create(&other, NULL, void_often, NULL);
    for (i = 0; i < 200000; i++) {
        before = current_round();
        uk_lease_state_void_group(&state, 3);
        ck_assert_int_eq(uk_lease_state_is_valid(&state, before, 3), 0);
    }
    pthread_join(other, NULL);
    ck_assert_uint_eq(current_round(), 400000);
    ck_assert_int_eq(uk_lease_state_is_valid(&state, 399999, 3), 0);
    ck_assert_int_eq(uk_lease_state_is_valid(&state, 400000, 3), 1);
}
END_TEST

static const struct {
    const char *hash;
    int group;
} groups[] = {
    {"0000ffff", 0},    {"0001", 1}, {"3fff", 0x3fff}, {"4000", 0},
    {"abcdef", 0x2bcd}, {"", 0},     {"a", 10},        {"\x01\xff\x80z", -1},
};

START_TEST(group_is_the_beginning_of_the_hash)
{
    apr_uint16_t group = uk_lease_group(groups[_i].hash);

    ck_assert_int_lt(group, UK_LEASE_GROUPS);
    if (groups[_i].group >= 0) {
        ck_assert_int_eq(group, groups[_i].group);
    }
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
    tcase_add_test(lease, a_poll_prolongs_the_lease_and_voids_nothing);
    tcase_add_test(lease, the_first_poll_voids_all_entries);
    tcase_add_test(lease, an_older_poll_is_ignored);
    tcase_add_test(lease, a_failed_poll_voids_all_entries_with_the_next_one);
    tcase_add_loop_test(lease, voiding_a_group_voids_its_earlier_entries, 0,
                        UNIT_COUNT(voidings));
    tcase_add_test(lease, voiding_all_voids_every_group);
    tcase_add_test(lease, a_later_voiding_stays_when_two_happen_at_once);
    tcase_add_loop_test(lease, group_is_the_beginning_of_the_hash, 0,
                        UNIT_COUNT(groups));
    tcase_add_test(lease, a_row_that_is_not_ours_ends_the_lease);
    tcase_add_test(lease, a_late_announcement_voids_earlier_polls);
    tcase_add_test(lease, an_announcement_in_time_keeps_the_lease);
    tcase_add_test(lease, withdrawal_ends_the_lease);
    tcase_add_loop_test(clock, interval_is_measured_and_never_is_never_within,
                        0, UNIT_COUNT(intervals));
    tcase_add_test(clock, sleep_is_not_shortened_by_signals);
    return unit_run(suite);
}
