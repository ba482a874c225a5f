/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "db/naming.h"
#include "unit.h"

static uk_naming_t naming;

static void start_anew(void)
{
    memset(&naming, 0, sizeof(naming));
}

START_TEST(names_are_used_until_they_are_lost)
{
    ck_assert(uk_naming_is_on(&naming));
    ck_assert(uk_naming_is_on(NULL));
    uk_naming_lost(&naming, uk_clock_now());
    ck_assert(!uk_naming_is_on(&naming));
}
END_TEST

START_TEST(names_are_used_again_after_a_pause)
{
    uk_clock_ms_t now = uk_clock_now();

    uk_naming_lost(&naming, now - UK_NAMING_PAUSE_MS);
    ck_assert(uk_naming_is_on(&naming));
    uk_naming_lost(&naming, now);
    ck_assert(!uk_naming_is_on(&naming));
}
END_TEST

START_TEST(what_is_lost_during_a_pause_does_not_prolong_it)
{
    uk_naming_lost(&naming, 1000);
    uk_naming_lost(&naming, 2000);
    ck_assert_uint_eq(naming.from, 1000 + UK_NAMING_PAUSE_MS);
}
END_TEST

/* Lose names each time as soon as they are used again. */
START_TEST(pause_doubles_up_to_the_maximum)
{
    uk_clock_ms_t now = 1000, pause = UK_NAMING_PAUSE_MS;
    int i;

    for (i = 0; i < 20; i++) {
        uk_naming_lost(&naming, now);
        ck_assert_uint_eq(naming.from, now + pause);
        now = naming.from;
        pause = pause * 2 < UK_NAMING_PAUSE_MAX_MS ? pause * 2
                                                   : UK_NAMING_PAUSE_MAX_MS;
    }
    ck_assert_uint_eq(naming.pause, UK_NAMING_PAUSE_MAX_MS);
}
END_TEST

START_TEST(pause_is_short_again_after_names_were_kept)
{
    uk_naming_lost(&naming, 1000);
    uk_naming_lost(&naming, naming.from);
    ck_assert_uint_eq(naming.pause, 2 * UK_NAMING_PAUSE_MS);
    uk_naming_lost(&naming, naming.from + UK_NAMING_TRIAL_MS);
    ck_assert_uint_eq(naming.pause, UK_NAMING_PAUSE_MS);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("naming");
    TCase *tcase = unit_case(suite, "naming");

    tcase_add_checked_fixture(tcase, start_anew, NULL);
    tcase_add_test(tcase, names_are_used_until_they_are_lost);
    tcase_add_test(tcase, names_are_used_again_after_a_pause);
    tcase_add_test(tcase, what_is_lost_during_a_pause_does_not_prolong_it);
    tcase_add_test(tcase, pause_doubles_up_to_the_maximum);
    tcase_add_test(tcase, pause_is_short_again_after_names_were_kept);
    return unit_run(suite);
}
