/* SPDX-License-Identifier: Apache-2.0 */
/* Refusals that processes share: for how long they count, who looks a secret up
 * again, which of them stay, and what is never taken for a refusal. */
#include "unit.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/refusals.h"

#define NOW 1000000 /* some time of the clock */
#define ID "key_01h455vb4pex5vsknk084sn02q"

static uk_refusals_t *refusals;

static void make_table(void)
{
    refusals = mmap(NULL, sizeof(*refusals), PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(refusals, MAP_FAILED);
}

static void unmap_table(void)
{
    munmap(refusals, sizeof(*refusals));
}

/* All secrets belong to the same set. */
static uk_refusal_t refusal_of(unsigned char secret, uk_clock_ms_t at)
{
    uk_refusal_t refusal = {.looked_up_at = at,
                            .round = 7,
                            .group = 300,
                            .verdict = UK_DISABLED,
                            .rules = 1,
                            .id = ID};

    memset(refusal.digest + 1, secret, UK_DIGEST_LEN - 1);
    return refusal;
}

static void store_at(unsigned char secret, uk_clock_ms_t at)
{
    const uk_refusal_t refusal = refusal_of(secret, at);

    uk_refusals_store(refusals, &refusal);
}

static int find_as(const uk_refusal_t *wanted, uk_clock_ms_t now)
{
    uk_refusal_t refusal = {.rules = wanted->rules};

    memcpy(refusal.digest, wanted->digest, sizeof(refusal.digest));
    if (!uk_refusals_find(refusals, &refusal, now)) {
        return 0;
    }
    ck_assert_uint_eq(refusal.round, wanted->round);
    ck_assert_int_eq(refusal.group, wanted->group);
    ck_assert_int_eq(refusal.verdict, UK_DISABLED);
    ck_assert_str_eq(refusal.id, ID);
    return 1;
}

static int find_at(unsigned char secret, uk_clock_ms_t now)
{
    const uk_refusal_t wanted = refusal_of(secret, NOW);

    return find_as(&wanted, now);
}

START_TEST(refusal_is_found_with_all_that_is_known)
{
    store_at(1, NOW);
    ck_assert_int_eq(find_at(1, NOW), 1);
    ck_assert_int_eq(find_at(1, NOW + UK_REFUSAL_LOOK_UP_MS - 1), 1);
}
END_TEST

START_TEST(empty_slot_refuses_nothing)
{
    uk_refusal_t refusal = {.round = 0};

    ck_assert_int_eq(uk_refusals_find(refusals, &refusal, NOW), 0);
    ck_assert_int_eq(uk_refusals_find(refusals, &refusal, 0), 0);
    ck_assert_int_eq(uk_refusals_find(refusals, &refusal, 1), 0);
}
END_TEST

/* Each byte of the digest matters. */
START_TEST(other_secret_is_not_refused)
{
    size_t i;

    store_at(1, NOW);
    for (i = 0; i < UK_DIGEST_LEN; i++) {
        uk_refusal_t other = refusal_of(1, NOW);

        other.digest[i] ^= 1;
        ck_assert_int_eq(find_as(&other, NOW), 0);
    }
    ck_assert_int_eq(find_at(1, NOW), 1);
}
END_TEST

START_TEST(other_rules_may_give_another_verdict)
{
    uk_refusal_t wanted = refusal_of(1, NOW);

    store_at(1, NOW);
    wanted.rules = 0;
    ck_assert_int_eq(find_as(&wanted, NOW), 0);
}
END_TEST

START_TEST(one_looks_up_and_others_are_refused_meanwhile)
{
    const uk_clock_ms_t next = NOW + UK_REFUSAL_LOOK_UP_MS;

    store_at(1, NOW);
    ck_assert_int_eq(find_at(1, next), 0);
    ck_assert_int_eq(find_at(1, next), 1);
    ck_assert_int_eq(find_at(1, NOW + UK_REFUSAL_LIFETIME_MS - 1), 1);
}
END_TEST

/* If the look-up takes long, or fails. */
START_TEST(refusal_ends_although_nobody_has_looked_up)
{
    store_at(1, NOW);
    ck_assert_int_eq(find_at(1, NOW + UK_REFUSAL_LOOK_UP_MS), 0);
    ck_assert_int_eq(find_at(1, NOW + UK_REFUSAL_LIFETIME_MS), 0);
    ck_assert_int_eq(find_at(1, NOW + UK_REFUSAL_LIFETIME_MS), 0);
}
END_TEST

/* A thread may have read its clock a little earlier. */
START_TEST(refusal_from_the_future_is_none)
{
    store_at(1, NOW);
    ck_assert_int_eq(find_at(1, NOW - 1), 0);
}
END_TEST

START_TEST(removed_refusal_is_gone_and_its_slot_free)
{
    const uk_refusal_t first = refusal_of(0, NOW);
    int secret;

    for (secret = 0; secret < UK_REFUSAL_WAYS; secret++) {
        store_at((unsigned char)secret, NOW);
    }
    uk_refusals_remove(refusals, first.digest);
    ck_assert_int_eq(find_at(0, NOW), 0);
    store_at(UK_REFUSAL_WAYS, NOW);
    for (secret = 1; secret <= UK_REFUSAL_WAYS; secret++) {
        ck_assert_int_eq(find_at((unsigned char)secret, NOW), 1);
    }
    /* Nothing is there. */
    uk_refusals_remove(refusals, first.digest);
    ck_assert_int_eq(find_at(1, NOW), 1);
}
END_TEST

START_TEST(refusals_stay_until_they_end)
{
    const uk_clock_ms_t last = NOW + UK_REFUSAL_LIFETIME_MS - 1;
    int secret;

    for (secret = 0; secret < UK_REFUSAL_WAYS; secret++) {
        store_at((unsigned char)secret, NOW + 1);
    }
    store_at(100, NOW); /* of a look-up that took long */
    store_at(101, last);
    for (secret = 0; secret < UK_REFUSAL_WAYS; secret++) {
        ck_assert_int_eq(find_at((unsigned char)secret, NOW + 1), 1);
    }
    ck_assert_int_eq(find_at(100, NOW + 1), 0);
    ck_assert_int_eq(find_at(101, last), 0);
    store_at(101, last + 2);
    ck_assert_int_eq(find_at(101, last + 2), 1);
}
END_TEST

/* A secret that keeps coming is looked up as often as without it. */
START_TEST(junk_evicts_no_secret_that_keeps_coming)
{
    uk_clock_ms_t now;
    int look_ups = 0;
    apr_uint32_t junk = 0;

    for (now = NOW; now < NOW + 10000; now++) {
        uk_refusal_t refusal = refusal_of(0, now);

        if (!find_at(1, now)) {
            store_at(1, now);
            look_ups++;
        }
        for (; junk < (now - NOW + 1) * 20; junk++) {
            memcpy(refusal.digest + 4, &junk, sizeof(junk));
            uk_refusals_store(refusals, &refusal);
        }
    }
    ck_assert_int_le(look_ups, 10000 / UK_REFUSAL_LOOK_UP_MS + 1);
}
END_TEST

START_TEST(half_written_slot_says_nothing)
{
    size_t i;

    for (i = 0; i < UK_REFUSAL_WORDS; i++) {
        _Atomic apr_uint64_t *word = &refusals->slots[0][0].words[i];
        apr_uint64_t saved;

        store_at(1, NOW);
        saved = atomic_load(word);
        atomic_store(word, saved ^ 0x100);
        ck_assert_int_eq(find_at(1, NOW), 0);
        atomic_store(word, saved);
        ck_assert_int_eq(find_at(1, NOW), 1);
    }
}
END_TEST

/* Many threads that store secrets of a set which has too few slots, and look for
 * them. A refusal that was mixed of two would have the verdict or the id of the
 * other one. */
enum {
    SECRETS = 2 * UK_REFUSAL_WAYS,
    THREADS = 4,
    TRIES = 100000,
    TICK_MS = 40 /* so that slots are free again soon */
};

static _Atomic int ticks, mixed, found;

static uk_refusal_t refusal_in_storm(int number)
{
    const int secret = number % SECRETS;
    uk_refusal_t refusal =
        refusal_of((unsigned char)secret, NOW + (uk_clock_ms_t)ticks * TICK_MS);

    refusal.verdict = secret % 2 == 0 ? UK_UNKNOWN : UK_EXPIRED;
    memset(refusal.id, 'a' + secret, UK_KEYID_LEN);
    return refusal;
}

static void *store_and_find(void *start)
{
    int first = *(const int *)start, i;

    for (i = first; i < TRIES; i++) {
        const uk_refusal_t mine = refusal_in_storm(i);
        uk_refusal_t refusal = mine;

        uk_refusals_store(refusals, &mine);
        if (uk_refusals_find(refusals, &refusal, mine.looked_up_at)) {
            found++;
            mixed += refusal.verdict != mine.verdict
                     || memcmp(refusal.id, mine.id, sizeof(mine.id)) != 0;
        }
        ticks++;
    }
    return NULL;
}

static const int starts[THREADS] = {0, 1, 2, 3};

static void run_threads(void)
{
    pthread_t threads[THREADS];
    int i;

    for (i = 0; i < THREADS; i++) {
        ck_assert_int_eq(pthread_create(&threads[i], NULL, store_and_find,
                                        (void *)(apr_uintptr_t)&starts[i]),
                         0);
    }
    for (i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
}

START_TEST(threads_never_find_a_mixture)
{
    run_threads();
    ck_assert_int_gt(found, 0);
    ck_assert_int_eq(mixed, 0);
}
END_TEST

/* Nor if some of them are killed while they write. */
START_TEST(killed_processes_leave_no_mixture)
{
    int i, status;

    for (i = 0; i < 20; i++) {
        pid_t child = fork();

        if (child == 0) {
            for (;;) {
                store_and_find((void *)(apr_uintptr_t)&starts[i % THREADS]);
            }
        }
        usleep(500 + (useconds_t)i * 97);
        kill(child, SIGKILL);
        ck_assert_int_eq(waitpid(child, &status, 0), child);
    }
    run_threads();
    ck_assert_int_gt(found, 0);
    ck_assert_int_eq(mixed, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("refusals");
    TCase *tcase = unit_case(suite, "refusals");

    tcase_add_checked_fixture(tcase, make_table, unmap_table);
    tcase_add_test(tcase, refusal_is_found_with_all_that_is_known);
    tcase_add_test(tcase, empty_slot_refuses_nothing);
    tcase_add_test(tcase, other_secret_is_not_refused);
    tcase_add_test(tcase, other_rules_may_give_another_verdict);
    tcase_add_test(tcase, one_looks_up_and_others_are_refused_meanwhile);
    tcase_add_test(tcase, refusal_ends_although_nobody_has_looked_up);
    tcase_add_test(tcase, refusal_from_the_future_is_none);
    tcase_add_test(tcase, removed_refusal_is_gone_and_its_slot_free);
    tcase_add_test(tcase, refusals_stay_until_they_end);
    tcase_add_test(tcase, junk_evicts_no_secret_that_keeps_coming);
    tcase_add_test(tcase, half_written_slot_says_nothing);
    tcase_add_test(tcase, threads_never_find_a_mixture);
    tcase_add_test(tcase, killed_processes_leave_no_mixture);
    return unit_run(suite);
}
