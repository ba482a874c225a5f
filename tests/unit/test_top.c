/* SPDX-License-Identifier: Apache-2.0 */
/* The uses of the most used keys, counted in shared memory. */
#include "unit.h"

#include <apr_strings.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/top_table.h"

#define CAPACITY 8

static uk_top_t *top;
static apr_size_t memory_size;

static uk_top_t *create(int capacity)
{
    void *memory;

    memory_size = uk_top_size(capacity);
    memory = mmap(NULL, memory_size, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ck_assert(memory != MAP_FAILED);
    return uk_top_init(memory, capacity);
}

static void create_top(void)
{
    top = create(CAPACITY);
}

static void destroy_top(void)
{
    munmap(top, memory_size);
}

static const char *id_of(int number)
{
    return apr_psprintf(unit_pool, "key_01h455vb4pex5vsknk084s%04d", number);
}

static void use(int number, int times)
{
    for (; times > 0; times--) {
        uk_top_count(top, id_of(number), "acme", (unsigned)times);
    }
}

/* -1: it has no place. */
static apr_int64_t count_of(int number)
{
    apr_uint64_t others;
    apr_array_header_t *keys = uk_top_read(top, unit_pool, &others);
    apr_int64_t count = -1;
    int i;

    for (i = 0; i < keys->nelts; i++) {
        const uk_top_key_t *key = &APR_ARRAY_IDX(keys, i, uk_top_key_t);

        if (strcmp(key->id, id_of(number)) == 0) {
            ck_assert_int_eq(count, -1);
            ck_assert_str_eq(key->team, "acme");
            count = (apr_int64_t)key->count;
        }
    }
    return count;
}

static apr_uint64_t sum_of_all(void)
{
    apr_uint64_t sum;
    apr_array_header_t *keys = uk_top_read(top, unit_pool, &sum);
    int i;

    ck_assert_int_le(keys->nelts, top->capacity);
    for (i = 0; i < keys->nelts; i++) {
        sum += APR_ARRAY_IDX(keys, i, uk_top_key_t).count;
    }
    return sum;
}

static apr_uint64_t others(void)
{
    apr_uint64_t sum;

    uk_top_read(top, unit_pool, &sum);
    return sum;
}

START_TEST(as_many_keys_as_places_are_all_counted)
{
    int i;

    for (i = 0; i < CAPACITY; i++) {
        use(i, i + 1);
    }
    for (i = 0; i < CAPACITY; i++) {
        ck_assert_int_eq(count_of(i), i + 1);
    }
    ck_assert_uint_eq(others(), 0);
}
END_TEST

START_TEST(memory_that_was_prepared_keeps_its_counts)
{
    use(1, 3);
    ck_assert_ptr_eq(uk_top_init(top, CAPACITY), top);
    use(1, 4);
    ck_assert_int_eq(count_of(1), 7);
}
END_TEST

START_TEST(the_most_used_keys_have_places_among_many)
{
    int round, i;

    for (round = 0; round < 2000; round++) {
        use(round % 4, 10);
        use(100 + round, 1);
    }
    for (i = 0; i < 4; i++) {
        /* Not all, as it may have been without a place for a moment. */
        ck_assert_int_gt(count_of(i), 4000);
    }
    ck_assert_uint_eq(sum_of_all(), 2000 * 11);
}
END_TEST

START_TEST(a_key_that_comes_late_gets_a_place)
{
    int i;

    for (i = 0; i < CAPACITY; i++) {
        use(i, 50);
    }
    use(99, 5000);
    ck_assert_int_gt(count_of(99), 2000);
    ck_assert_uint_eq(sum_of_all(), CAPACITY * 50 + 5000);
}
END_TEST

START_TEST(who_takes_a_place_takes_no_uses)
{
    int i = 0;

    destroy_top();
    top = create(1);
    use(1, 100);
    while (count_of(2) < 0 && i < 10000) {
        use(2, 1);
        i++;
    }
    ck_assert_int_eq(count_of(2), 1);
    ck_assert_int_eq(count_of(1), -1);
    ck_assert_uint_eq(others(), 100 + (apr_uint64_t)i - 1);
}
END_TEST

START_TEST(others_never_decrease)
{
    apr_uint64_t last = 0;
    int i;

    for (i = 0; i < 3000; i++) {
        use(i * 7 % 40, 1 + i % 3);
        ck_assert_uint_ge(others(), last);
        last = others();
    }
    ck_assert_uint_gt(last, 0);
}
END_TEST

START_TEST(one_place_is_enough)
{
    destroy_top();
    top = create(1);
    use(1, 5);
    use(2, 5);
    ck_assert_uint_eq(sum_of_all(), 10);
}
END_TEST

START_TEST(long_strings_are_cut)
{
    apr_uint64_t sum;
    const uk_top_key_t *key;

    uk_top_count(top, unit_repeat("k", 40), unit_repeat("t", 70), 0);
    key = &APR_ARRAY_IDX(uk_top_read(top, unit_pool, &sum), 0, uk_top_key_t);
    ck_assert_str_eq(key->id, unit_repeat("k", 32));
    ck_assert_str_eq(key->team, unit_repeat("t", 64));
}
END_TEST

START_TEST(short_ids_have_places_too)
{
    apr_uint64_t sum;
    int i;

    for (i = 0; i < 6; i++) {
        uk_top_count(top, i % 2 ? "a" : "", "acme", 0);
    }
    ck_assert_int_eq(uk_top_read(top, unit_pool, &sum)->nelts, 2);
    ck_assert_uint_eq(sum, 0);
    ck_assert_uint_eq(sum_of_all(), 6);
}
END_TEST

/* In another process. */
static pid_t child(void (*work)(void))
{
    pid_t pid = fork();

    if (pid == 0) {
        work();
        _exit(0);
    }
    ck_assert_int_gt(pid, 0);
    return pid;
}

#define CHILDREN 4
#define USES 20000

static void use_many(void)
{
    int i;

    for (i = 0; i < USES; i++) {
        use((int)(((unsigned)i * 2654435761U) >> 16) % 30, 1);
    }
}

START_TEST(children_lose_no_use)
{
    pid_t pids[CHILDREN];
    int i, status;

    for (i = 0; i < CHILDREN; i++) {
        pids[i] = child(use_many);
    }
    for (i = 0; i < CHILDREN; i++) {
        waitpid(pids[i], &status, 0);
        ck_assert_int_eq(status, 0);
    }
    ck_assert_uint_eq(sum_of_all(), CHILDREN * USES);
}
END_TEST

/* Killed with the lock, in the middle of taking a place: the place is not in the
 * table, and has half a name. */
static void die_with_lock(void)
{
    uk_top_place_t *place = &top->places[2];

    pthread_mutex_lock(&top->lock);
    uk_top_remove(top, place);
    atomic_fetch_add(&place->version, 1);
    atomic_store(&place->tag, 0);
    atomic_store(&place->id[1], 0);
    kill(getpid(), SIGKILL);
}

START_TEST(a_child_that_dies_with_the_lock_leaves_the_rest_in_order)
{
    int i, status;

    for (i = 0; i < CAPACITY; i++) {
        use(i, 10);
    }
    waitpid(child(die_with_lock), &status, 0);
    ck_assert(WIFSIGNALED(status));
    ck_assert_int_eq(count_of(2), -1);
    use(200, 20);
    for (i = 0; i < CAPACITY; i++) {
        use(i, 1);
        ck_assert(i == 2 || count_of(i) == 11);
    }
    ck_assert_int_gt(count_of(200), 0);
    ck_assert_uint_eq(sum_of_all(), CAPACITY * 11 + 20);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("top");
    TCase *tests = unit_case(suite, "top");

    tcase_add_checked_fixture(tests, create_top, destroy_top);
    tcase_add_test(tests, as_many_keys_as_places_are_all_counted);
    tcase_add_test(tests, memory_that_was_prepared_keeps_its_counts);
    tcase_add_test(tests, the_most_used_keys_have_places_among_many);
    tcase_add_test(tests, a_key_that_comes_late_gets_a_place);
    tcase_add_test(tests, who_takes_a_place_takes_no_uses);
    tcase_add_test(tests, others_never_decrease);
    tcase_add_test(tests, one_place_is_enough);
    tcase_add_test(tests, long_strings_are_cut);
    tcase_add_test(tests, short_ids_have_places_too);
    tcase_add_test(tests, children_lose_no_use);
    tcase_add_test(tests,
                   a_child_that_dies_with_the_lock_leaves_the_rest_in_order);
    return unit_run(suite);
}
