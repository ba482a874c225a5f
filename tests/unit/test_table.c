/* SPDX-License-Identifier: Apache-2.0 */
/* The table of authenticated entries. */
#include "unit.h"

#include <apr_strings.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "core/table.h"

#define SIZE UK_TABLE_SIZE_MIN
#define THREADS 4
#define ROUNDS 20000

static unsigned char *memory;
static uk_table_t *table;

static void set_up_table(void)
{
    memory = apr_pcalloc(unit_pool, SIZE);
    table = uk_table_create(unit_pool, memory, SIZE);
}

static uk_table_name_t name_of(const char *text, apr_uint64_t generation)
{
    uk_table_name_t name = {.generation = generation};

    uk_secret_digest(uk_table_key(table), text, strlen(text), name.digest);
    return name;
}

static void put(const char *text, apr_uint64_t generation, const char *entry)
{
    uk_table_name_t name = name_of(text, generation);

    uk_table_put(table, &name, (const unsigned char *)entry, strlen(entry));
}

/* "none" where there is none. */
static const char *get(const char *text, apr_uint64_t generation)
{
    uk_table_name_t name = name_of(text, generation);
    size_t len;
    const unsigned char *entry = uk_table_get(table, &name, unit_pool, &len);

    return entry ? apr_pstrmemdup(unit_pool, (const char *)entry, len)
                 : "none";
}

START_TEST(entry_is_found_by_its_name)
{
    put("a", 1, "first");
    put("b", 1, "second");
    ck_assert_str_eq(get("a", 1), "first");
    ck_assert_str_eq(get("b", 1), "second");
    ck_assert_str_eq(get("c", 1), "none");
}
END_TEST

START_TEST(entry_of_another_generation_is_void)
{
    put("a", 1, "first");
    ck_assert_str_eq(get("a", 2), "none");
    put("a", 2, "second");
    ck_assert_str_eq(get("a", 2), "second");
    ck_assert_str_eq(get("a", 1), "none");
}
END_TEST

START_TEST(newer_entry_replaces_the_older)
{
    put("a", 1, "first");
    put("a", 1, "second, which is longer");
    ck_assert_str_eq(get("a", 1), "second, which is longer");
    put("a", 1, "3rd");
    ck_assert_str_eq(get("a", 1), "3rd");
}
END_TEST

static const int lengths[] = {0,   1,   7,   8,    9,    215,  216,
                              217, 500, 999, 1000, 2007, 2008};

START_TEST(entry_of_any_length_survives)
{
    const char *entry = unit_repeat("x", lengths[_i]);

    put("a", 1, entry);
    ck_assert_str_eq(get("a", 1), entry);
}
END_TEST

START_TEST(entry_that_is_too_long_is_not_kept)
{
    put("a", 1, unit_repeat("x", UK_TABLE_ENTRY_MAX + 1));
    ck_assert_str_eq(get("a", 1), "none");
}
END_TEST

/* Some are gone, none is mixed up, and what came last is there. */
START_TEST(full_table_forgets)
{
    int i, found = 0;

    for (i = 0; i < 1000; i++) {
        const char *text = apr_psprintf(unit_pool, "%d", i);

        put(text, 1, text);
        ck_assert_str_eq(get(text, 1), text);
    }
    for (i = 0; i < 1000; i++) {
        const char *text = apr_psprintf(unit_pool, "%d", i);
        const char *entry = get(text, 1);

        if (strcmp(entry, "none") != 0) {
            ck_assert_str_eq(entry, text);
            found++;
        }
    }
    /* Three quarters of the memory, in slots of 256 bytes. */
    ck_assert_int_gt(found, 120);
    ck_assert_int_le(found, 192);
}
END_TEST

START_TEST(void_entries_make_room)
{
    int i;

    for (i = 0; i < 1000; i++) {
        put(apr_psprintf(unit_pool, "%d", i), 1, "old");
    }
    for (i = 0; i < 50; i++) {
        put(apr_psprintf(unit_pool, "%d", i), 2, "new");
    }
    for (i = 0; i < 50; i++) {
        ck_assert_str_eq(get(apr_psprintf(unit_pool, "%d", i), 2), "new");
    }
}
END_TEST

/* Whatever bit is wrong: it is not there. */
START_TEST(damaged_entry_is_none)
{
    size_t i;
    int bit, wrong = 0;

    put("a", 1, "only");
    for (i = 0; i < SIZE; i++) {
        for (bit = 0; bit < 8; bit += memory[i] ? 1 : 7) {
            memory[i] ^= (unsigned char)(1 << bit);
            if (strcmp(get("a", 1), "none") == 0) {
                wrong++;
            }
            else {
                ck_assert_str_eq(get("a", 1), "only");
            }
            memory[i] ^= (unsigned char)(1 << bit);
        }
    }
    ck_assert_int_gt(wrong, 100);
    ck_assert_str_eq(get("a", 1), "only");
}
END_TEST

/* An entry cannot be made into that of another name by moving it. */
START_TEST(moved_entry_is_none)
{
    uk_table_name_t a = name_of("a", 1), b = name_of("b", 1);
    size_t i;

    put("a", 1, "only");
    for (i = 0; i + 8 <= SIZE; i += 8) {
        if (memcmp(&memory[i], a.digest, 8) == 0) {
            memcpy(&memory[i], b.digest, 8);
        }
    }
    ck_assert_str_eq(get("b", 1), "none");
    ck_assert_str_eq(get("a", 1), "none");
}
END_TEST

static char text_of_failure[] = "mixed up";

/* Writers and readers of the same few slots, without any lock. */
static void *work(void *unused)
{
    apr_pool_t *pool;
    int i;

    (void)unused;
    apr_pool_create(&pool, NULL);
    for (i = 0; i < ROUNDS; i++) {
        char text[16], entry[200];
        const unsigned char *found;
        uk_table_name_t name;
        size_t len = (size_t)snprintf(text, sizeof(text), "%d", i % 7);

        name = name_of(text, 1);
        memset(entry, text[0], sizeof(entry));
        uk_table_put(table, &name, (unsigned char *)entry,
                     (size_t)(i % (int)sizeof(entry)));
        found = uk_table_get(table, &name, pool, &len);
        if (found && memcmp(found, entry, len) != 0) {
            return text_of_failure;
        }
        if (i % 100 == 0) {
            apr_pool_clear(pool);
        }
    }
    apr_pool_destroy(pool);
    return NULL;
}

START_TEST(threads_mix_nothing_up)
{
    pthread_t threads[THREADS];
    void *problem;
    int i;

    for (i = 0; i < THREADS; i++) {
        ck_assert_int_eq(pthread_create(&threads[i], NULL, work, NULL), 0);
    }
    for (i = 0; i < THREADS; i++) {
        pthread_join(threads[i], &problem);
        ck_assert_pstr_eq(problem, NULL);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("table");
    TCase *tcase = unit_case(suite, "table");

    tcase_add_checked_fixture(tcase, set_up_table, NULL);
    tcase_add_test(tcase, entry_is_found_by_its_name);
    tcase_add_test(tcase, entry_of_another_generation_is_void);
    tcase_add_test(tcase, newer_entry_replaces_the_older);
    tcase_add_loop_test(tcase, entry_of_any_length_survives, 0,
                        UNIT_COUNT(lengths));
    tcase_add_test(tcase, entry_that_is_too_long_is_not_kept);
    tcase_add_test(tcase, full_table_forgets);
    tcase_add_test(tcase, void_entries_make_room);
    tcase_add_test(tcase, damaged_entry_is_none);
    tcase_add_test(tcase, moved_entry_is_none);
    tcase_add_test(tcase, threads_mix_nothing_up);
    return unit_run(suite);
}
