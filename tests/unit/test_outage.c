/* SPDX-License-Identifier: Apache-2.0 */
/* When an outage is logged. */
#include "unit.h"

#include <pthread.h>
#include <string.h>

#include "core/outage.h"

#define THREADS 8
#define ROUNDS 20000

static uk_outage_t outage;
static pthread_barrier_t barrier;

static void begin_outage(void)
{
    memset(&outage, 0, sizeof(outage));
    ck_assert_int_eq(uk_outage_record(&outage), 1);
}

START_TEST(outage_is_logged_once)
{
    begin_outage();
    ck_assert_int_eq(uk_outage_record(&outage), 0);
    ck_assert_int_eq(uk_outage_record(&outage), 0);
}
END_TEST

START_TEST(next_outage_is_logged)
{
    begin_outage();
    outage.seen_at = uk_clock_now() - UK_OUTAGE_END_MS;
    ck_assert_int_eq(uk_outage_record(&outage), 1);
    ck_assert_int_eq(uk_outage_record(&outage), 0);
}
END_TEST

START_TEST(outage_that_lasts_is_logged_again)
{
    begin_outage();
    outage.logged_at = uk_clock_now() - UK_OUTAGE_REMINDER_MS;
    ck_assert_int_eq(uk_outage_record(&outage), 1);
    ck_assert_int_eq(uk_outage_record(&outage), 0);
}
END_TEST

static void *meet_outage(void *baton)
{
    int *logged = baton, i;

    pthread_barrier_wait(&barrier);
    for (i = 0; i < ROUNDS; i++) {
        *logged += uk_outage_record(&outage);
    }
    return NULL;
}

START_TEST(one_of_many_threads_logs)
{
    pthread_t threads[THREADS];
    int logged[THREADS] = {0}, total = 0, i;

    memset(&outage, 0, sizeof(outage));
    pthread_barrier_init(&barrier, NULL, THREADS);
    for (i = 0; i < THREADS; i++) {
        ck_assert_int_eq(
            pthread_create(&threads[i], NULL, meet_outage, &logged[i]), 0);
    }
    for (i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        total += logged[i];
    }
    pthread_barrier_destroy(&barrier);
    ck_assert_int_eq(total, 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("outage");
    TCase *record = unit_case(suite, "record");

    tcase_add_test(record, outage_is_logged_once);
    tcase_add_test(record, next_outage_is_logged);
    tcase_add_test(record, outage_that_lasts_is_logged_again);
    tcase_add_test(record, one_of_many_threads_logs);
    return unit_run(suite);
}
