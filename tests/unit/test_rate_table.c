/* SPDX-License-Identifier: Apache-2.0 */
/* The table of limits: threads and processes at one slot, full sets, and
 * processes that are killed half way. */
#include "unit.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/rate_table.h"

#define S UK_CLOCK_SECOND
#define NOW (1000000 * S) /* some time of the clock */

static uk_rate_table_t *table;
static uk_gcra_policy_t policy; /* 3/3: one in a second, three at once */
static uk_clock_ns_t now;
static uk_rate_count_t count;

static uk_clock_ns_t stopped_clock(void)
{
    return now;
}

static void make_table(void)
{
    void *memory = mmap(NULL, sizeof(*table), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    ck_assert_ptr_ne(memory, MAP_FAILED);
    table = uk_rate_table_make(memory);
    ck_assert_ptr_nonnull(table);
    policy = uk_gcra_policy(3, 3);
    now = NOW;
}

static void unmap_table(void)
{
    munmap(table, sizeof(*table));
}

/* An owner whose slot is in the set 5, by number. */
static apr_uint64_t owner_of(int number)
{
    return (apr_uint64_t)(5 + (apr_uint64_t)number * UK_RATE_SETS) << 32 | 1;
}

static int count_with(apr_uint64_t owner, uk_clock_ns_t (*clock)(void))
{
    const uk_rate_request_t request = {owner, &policy, clock};

    ck_assert_int_eq(uk_rate_table_count(table, &request, &count), 1);
    return count.is_allowed;
}

static int count_one(int number)
{
    return count_with(owner_of(number), stopped_clock);
}

static void give_back(int number)
{
    const uk_rate_request_t request = {owner_of(number), &policy,
                                       stopped_clock};

    uk_rate_table_give_back(table, &request);
}

static void use_up(int number)
{
    ck_assert_int_eq(count_one(number), 1);
    ck_assert_int_eq(count_one(number), 1);
    ck_assert_int_eq(count_one(number), 1);
    ck_assert_int_eq(count_one(number), 0);
}

START_TEST(each_owner_has_his_own_count)
{
    use_up(1);
    use_up(2);
    now += S;
    ck_assert_int_eq(count_one(1), 1);
    ck_assert_int_eq(count_one(1), 0);
    ck_assert_int_eq(count_one(2), 1);
}
END_TEST

START_TEST(table_that_was_made_stays_as_it_is)
{
    apr_uint64_t seed = table->seed;

    use_up(1);
    ck_assert_ptr_eq(uk_rate_table_make(table), table);
    ck_assert_uint_eq(table->seed, seed);
    ck_assert_int_eq(count_one(1), 0);
}
END_TEST

START_TEST(request_is_given_back)
{
    use_up(1);
    give_back(1);
    ck_assert_int_eq(count_one(1), 1);
    ck_assert_int_eq(count_one(1), 0);
    give_back(2);
    use_up(2);
}
END_TEST

START_TEST(fingerprint_is_of_key_policy_and_table)
{
    static const char id[] = "key_01h455vb4pex5vsknk084sn02q";
    const uk_gcra_policy_t other = uk_gcra_policy(3, 4);
    apr_uint64_t print = uk_rate_fingerprint(table, id, &policy);

    ck_assert_uint_eq(uk_rate_fingerprint(table, id, &policy), print);
    ck_assert_uint_ne(uk_rate_fingerprint(table, id, &other), print);
    ck_assert_uint_ne(
        uk_rate_fingerprint(table, "key_01h455vb4pex5vsknk084sn02r", &policy),
        print);
    ck_assert_uint_ne(
        uk_rate_fingerprint(table, "key_11h455vb4pex5vsknk084sn02q", &policy),
        print);
    table->seed++;
    ck_assert_uint_ne(uk_rate_fingerprint(table, id, &policy), print);
}
END_TEST

/* Sixteen owners fit; the seventeenth takes the place of whoever is done. */
START_TEST(slot_that_says_nothing_is_taken_first)
{
    int i;

    ck_assert_int_eq(count_one(0), 1);
    for (i = 1; i < UK_RATE_WAYS; i++) {
        use_up(i);
    }
    now += S;
    ck_assert_int_eq(count_one(UK_RATE_WAYS), 1);
    ck_assert_int_eq(count.is_exact, 1);
    for (i = 1; i < UK_RATE_WAYS; i++) {
        ck_assert_int_eq(count_one(i), 1);
        ck_assert_int_eq(count_one(i), 0);
    }
}
END_TEST

/* It is told, and it costs whoever has the least to lose. */
START_TEST(full_set_forgets_whoever_is_free_soonest)
{
    int i;

    for (i = 0; i < UK_RATE_WAYS; i++) {
        ck_assert_int_eq(count_one(i), 1);
        ck_assert_int_eq(count_one(i), 1);
        ck_assert_int_eq(i == 7 || count_one(i), 1);
    }
    ck_assert_int_eq(count_one(99), 1);
    ck_assert_int_eq(count.is_exact, 0);
    ck_assert_int_eq(count_one(99), 1);
    ck_assert_int_eq(count.is_exact, 1);
    for (i = 0; i < UK_RATE_WAYS; i++) {
        ck_assert_int_eq(i == 7 || count_one(i) == 0, 1);
    }
}
END_TEST

/* What another process does while this one looks at the clock. */
static int clock_calls;

static uk_clock_ns_t clock_in_which_the_slot_is_taken(void)
{
    int i;

    if (clock_calls++ == 0) {
        for (i = 100; i < 100 + UK_RATE_WAYS; i++) {
            count_one(i);
        }
    }
    return now;
}

START_TEST(count_is_not_lost_with_a_slot_that_gets_another_owner)
{
    use_up(1);
    now += 3 * S;
    clock_calls = 0;
    ck_assert_int_eq(count_with(owner_of(1), clock_in_which_the_slot_is_taken),
                     1);
    ck_assert_int_ge(clock_calls, 2);
    ck_assert_int_eq(count_one(1), 1);
    ck_assert_int_eq(count_one(1), 1);
    ck_assert_int_eq(count_one(1), 0);
}
END_TEST

static uk_clock_ns_t clock_in_which_another_counts(void)
{
    if (clock_calls++ == 0) {
        count_one(1);
    }
    return now;
}

START_TEST(no_request_is_counted_for_two)
{
    count_one(1);
    clock_calls = 0;
    ck_assert_int_eq(count_with(owner_of(1), clock_in_which_another_counts), 1);
    ck_assert_int_eq(clock_calls, 2);
    ck_assert_int_eq(count_one(1), 0);
}
END_TEST

/* The owner comes back while his slot is about to be taken. */
START_TEST(slot_that_is_used_again_is_not_taken)
{
    int i;

    for (i = 1; i <= UK_RATE_WAYS; i++) {
        count_one(i);
    }
    now += 3 * S;
    clock_calls = 0;
    ck_assert_int_eq(count_with(owner_of(99), clock_in_which_another_counts),
                     1);
    ck_assert_int_ge(clock_calls, 2);
    ck_assert_int_eq(count_one(1), 1);
    ck_assert_int_eq(count_one(1), 1);
    ck_assert_int_eq(count_one(1), 0);
}
END_TEST

static int is_locked(void)
{
    pthread_mutex_t *lock = &table->locks[5];

    if (pthread_mutex_trylock(lock) != 0) {
        return 1;
    }
    pthread_mutex_unlock(lock);
    return 0;
}

static uk_clock_ns_t clock_that_finds_the_lock_held(void)
{
    clock_calls += is_locked();
    return now;
}

/* Another process must not take a slot that is being taken. */
START_TEST(lock_is_held_while_a_slot_is_taken_and_not_after)
{
    clock_calls = 0;
    count_with(owner_of(1), clock_that_finds_the_lock_held);
    ck_assert_int_eq(clock_calls, 1);
    ck_assert_int_eq(is_locked(), 0);
    count_with(owner_of(1), clock_that_finds_the_lock_held);
    ck_assert_int_eq(clock_calls, 1);
}
END_TEST

/* proc(5): the state of a process that sleeps. */
static int sleeps(pid_t process)
{
    char path[64], state = '?';
    FILE *stat;

    snprintf(path, sizeof(path), "/proc/%d/stat", (int)process);
    stat = fopen(path, "r");
    ck_assert_ptr_nonnull(stat);
    ck_assert_int_eq(fscanf(stat, "%*d %*s %c", &state), 1);
    fclose(stat);
    return state == 'S';
}

/* Two processes find no slot for the same owner; the second one waits for the
 * first. */
START_TEST(owner_gets_no_second_slot)
{
    pid_t child;
    int status;

    pthread_mutex_lock(&table->locks[5]);
    child = fork();
    if (child == 0) {
        _exit(count_one(1));
    }
    while (!sleeps(child)) {
        sched_yield();
    }
    atomic_store(&table->sets[5].owners[9], owner_of(1));
    atomic_store(&table->sets[5].tats[9], NOW + 3 * S);
    pthread_mutex_unlock(&table->locks[5]);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 0);
}
END_TEST

static uk_clock_ns_t clock_that_kills(void)
{
    kill(getpid(), SIGKILL);
    return now;
}

static void run_killed(int number)
{
    pid_t child = fork();
    int status;

    if (child == 0) {
        count_with(owner_of(number), clock_that_kills);
        _exit(0);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFSIGNALED(status));
}

/* The lock goes to the next one. */
START_TEST(killed_holder_of_the_lock_blocks_nobody)
{
    run_killed(1);
    run_killed(1);
    use_up(1);
    use_up(2);
}
END_TEST

/* Killed between the steps of taking a slot: before or after the new owner, 99,
 * is written. */
static const int halves[] = {3, 99};

START_TEST(slot_that_was_half_taken_is_neither_lost_nor_blocked)
{
    int i;

    for (i = 0; i < UK_RATE_WAYS; i++) {
        use_up(i);
    }
    atomic_store(&table->sets[5].owners[3], owner_of(halves[_i]));
    atomic_store(&table->sets[5].tats[3], UK_RATE_TAKEN);
    use_up(99);
    ck_assert_int_eq(count.is_exact, 1);
    for (i = 0; i < UK_RATE_WAYS; i++) {
        ck_assert_int_eq(i == 3 || count_one(i) == 0, 1);
    }
}
END_TEST

START_TEST(owner_of_a_half_taken_slot_gets_it)
{
    int i;

    for (i = 0; i < UK_RATE_WAYS; i++) {
        atomic_store(&table->sets[5].owners[i], owner_of(i / 2));
        atomic_store(&table->sets[5].tats[i], UK_RATE_TAKEN);
    }
    for (i = 0; i < UK_RATE_WAYS / 2; i++) {
        use_up(i);
        ck_assert_int_eq(count.is_exact, 1);
    }
}
END_TEST

/* Several processes count for the same owners. Each look at the clock moves it by
 * a microsecond. */
enum {
    PROCESSES = 4,
    OWNERS = 3 * UK_RATE_WAYS,
    TRIES = 4000 /* of each process, for each owner */
};

static struct {
    _Atomic uk_clock_ns_t now;
    _Atomic int passed[OWNERS];
    uk_clock_ns_t times[OWNERS][PROCESSES * TRIES]; /* when they passed */
} * shared;

static uk_clock_ns_t moving_clock(void)
{
    now = atomic_fetch_add(&shared->now, 1000) + 1000;
    return now;
}

static void count_often(int owners)
{
    int i;

    for (i = 0; i < TRIES * owners; i++) {
        int owner = i / 4 % owners;

        if (count_with(owner_of(owner), moving_clock)) {
            ck_assert_int_eq(count.is_exact, 1);
            shared->times[owner][atomic_fetch_add(&shared->passed[owner], 1)] =
                now;
        }
    }
    _exit(0);
}

static void run_processes(int owners)
{
    int i, status;

    shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    atomic_store(&shared->now, NOW);
    for (i = 0; i < PROCESSES; i++) {
        if (fork() == 0) {
            count_often(owners);
        }
    }
    for (i = 0; i < PROCESSES; i++) {
        ck_assert_int_gt(wait(&status), 0);
        ck_assert_int_eq(status, 0);
    }
}

START_TEST(processes_count_exactly)
{
    int i;

    policy = uk_gcra_policy(100, UK_GCRA_SECONDS_MAX);
    run_processes(UK_RATE_WAYS);
    for (i = 0; i < UK_RATE_WAYS; i++) {
        ck_assert_int_eq(atomic_load(&shared->passed[i]), 100);
    }
}
END_TEST

static int compare_times(const void *a, const void *b)
{
    const uk_clock_ns_t *x = a, *y = b;

    return *x < *y ? -1 : *x > *y;
}

/* One request passes, and then none for 8 microseconds, in which no more than 8
 * owners can count: so slots change their owners all the time, and there is
 * always a free one. */
START_TEST(slots_that_change_their_owners_lose_no_count)
{
    int i, j;

    policy = uk_gcra_policy(UK_GCRA_REQUESTS_MAX, 8);
    policy.window = policy.interval;
    run_processes(OWNERS);
    for (i = 0; i < OWNERS; i++) {
        uk_clock_ns_t *times = shared->times[i];
        int passed = atomic_load(&shared->passed[i]);

        qsort(times, (size_t)passed, sizeof(*times), compare_times);
        ck_assert_int_gt(passed, 1);
        for (j = 1; j < passed; j++) {
            ck_assert_uint_ge(times[j] - times[j - 1], policy.interval);
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rate_table");
    TCase *one = unit_case(suite, "one");
    TCase *several = unit_case(suite, "several");

    tcase_add_checked_fixture(one, make_table, unmap_table);
    tcase_add_checked_fixture(several, make_table, unmap_table);
    tcase_add_test(one, each_owner_has_his_own_count);
    tcase_add_test(one, table_that_was_made_stays_as_it_is);
    tcase_add_test(one, request_is_given_back);
    tcase_add_test(one, fingerprint_is_of_key_policy_and_table);
    tcase_add_test(one, slot_that_says_nothing_is_taken_first);
    tcase_add_test(one, full_set_forgets_whoever_is_free_soonest);
    tcase_add_test(several,
                   count_is_not_lost_with_a_slot_that_gets_another_owner);
    tcase_add_test(several, no_request_is_counted_for_two);
    tcase_add_test(several, slot_that_is_used_again_is_not_taken);
    tcase_add_test(several, lock_is_held_while_a_slot_is_taken_and_not_after);
    tcase_add_test(several, owner_gets_no_second_slot);
    tcase_add_test(several, killed_holder_of_the_lock_blocks_nobody);
    tcase_add_loop_test(several,
                        slot_that_was_half_taken_is_neither_lost_nor_blocked, 0,
                        UNIT_COUNT(halves));
    tcase_add_test(several, owner_of_a_half_taken_slot_gets_it);
    tcase_add_test(several, processes_count_exactly);
    tcase_add_test(several, slots_that_change_their_owners_lose_no_count);
    return unit_run(suite);
}
