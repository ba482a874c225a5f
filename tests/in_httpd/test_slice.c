/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of a list, to its end and back, while keys come and go. */
#include "unit.h"

#include <apr_strings.h>
#include <string.h>

#include "core/keyid.h"
#include "manage/slice.h"

#define KEYS_MAX 6
#define PER_PAGE_MAX 3

/* The keys of the list are these, from the oldest; only some of them are there
 * at a time. Four each were created in the same millisecond. */
static uk_key_t keys[2 * KEYS_MAX + 1];

/* Of the current test: which keys are there, and how often each was shown. */
static int is_there[UNIT_COUNT(keys)];
static int is_shown[UNIT_COUNT(keys)];

static void set_up_keys(void)
{
    int i;

    memset(is_there, 0, sizeof(is_there));
    memset(is_shown, 0, sizeof(is_shown));
    for (i = 0; i < UNIT_COUNT(keys); i++) {
        keys[i].created_at = APR_INT64_C(1795414500000) + i / 4;
        keys[i].id = apr_psprintf(unit_pool, "key_%026d", i);
        ck_assert(uk_keyid_is_valid(keys[i].id));
    }
}

static apr_array_header_t *list_keys(void)
{
    apr_array_header_t *list =
        apr_array_make(unit_pool, UNIT_COUNT(keys), sizeof(uk_key_t *));
    int i;

    for (i = UNIT_COUNT(keys) - 1; i >= 0; i--) {
        if (is_there[i]) {
            APR_ARRAY_PUSH(list, const uk_key_t *) = &keys[i];
        }
    }
    return list;
}

static int index_of(const apr_array_header_t *list, int i)
{
    return (int)(APR_ARRAY_IDX(list, i, const uk_key_t *) - keys);
}

static int newest(void)
{
    return index_of(list_keys(), 0);
}

/* What holds for each slice, wherever it was cut: it is a part of the list as it
 * is, of the right length, and links are there where there are more keys. */
static void check_slice(const uk_slice_t *slice, int per_page)
{
    const apr_array_header_t *list = list_keys();
    int len = slice->keys->nelts, start = 0, i;

    ck_assert_int_eq(slice->total, list->nelts);
    ck_assert_int_eq(slice->per_page, per_page);
    ck_assert_int_le(len, per_page);
    if (len == 0) {
        ck_assert_ptr_null(slice->next);
        ck_assert(!slice->prev == !list->nelts);
        return;
    }
    while (index_of(list, start) != index_of(slice->keys, 0)) {
        start++;
    }
    for (i = 0; i < len; i++) {
        ck_assert_int_eq(index_of(slice->keys, i), index_of(list, start + i));
    }
    ck_assert(len == per_page || start + len == list->nelts);
    ck_assert(!slice->next == (start + len == list->nelts));
    ck_assert(!slice->prev == (start == 0));
}

static uk_slice_t take_slice(const char *cursor, int per_page)
{
    uk_slice_t slice;
    int i;

    ck_assert_int_eq(uk_slice_paginate(unit_pool, list_keys(),
                                       apr_itoa(unit_pool, per_page), cursor,
                                       &slice),
                     0);
    check_slice(&slice, per_page);
    for (i = 0; i < slice.keys->nelts; i++) {
        is_shown[index_of(slice.keys, i)]++;
    }
    return slice;
}

/* One key comes or goes after so many pages; -1: never. */
typedef struct {
    int key, after;
} event_t;

static void happen(const event_t *event, int pages)
{
    if (event->after == pages) {
        is_there[event->key] = !is_there[event->key];
    }
}

static uk_slice_t walk_to_end(int per_page, const event_t *event)
{
    uk_slice_t slice = take_slice(NULL, per_page);
    int pages = 1;

    for (; slice.next; pages++) {
        happen(event, pages);
        slice = take_slice(slice.next, per_page);
        ck_assert_int_le(pages, UNIT_COUNT(keys));
    }
    return slice;
}

/* Each key that was there all the time is shown once; none is shown twice. */
static void check_once(const event_t *event, int count)
{
    int i;

    for (i = 0; i < UNIT_COUNT(keys); i++) {
        int is_constant = i != event->key || event->after < 0;

        ck_assert_int_le(is_shown[i], 1);
        if (is_constant && i % 2 == 1 && i < 2 * count) {
            ck_assert_int_eq(is_shown[i], 1);
        }
    }
}

/* Those with odd numbers, so that others may come in between. */
static void begin_with(int count)
{
    int i;

    set_up_keys();
    for (i = 0; i < count; i++) {
        is_there[2 * i + 1] = 1;
    }
}

START_TEST(every_key_is_shown_once_to_the_end)
{
    int per_page = _i + 1, count;
    event_t event;

    for (count = 0; count <= KEYS_MAX; count++) {
        for (event.after = -1; event.after <= KEYS_MAX; event.after++) {
            for (event.key = 0; event.key <= 2 * count; event.key++) {
                begin_with(count);
                walk_to_end(per_page, &event);
                check_once(&event, count);
            }
        }
    }
}
END_TEST

/* The first page is full: it may show once more what the one after it has shown.
 * Nothing else is shown twice. */
static void forgive(const uk_slice_t *first)
{
    int i;

    for (i = 0; i < first->keys->nelts; i++) {
        int *shown = &is_shown[index_of(first->keys, i)];

        *shown = *shown == 2 ? 1 : *shown;
    }
}

static void walk_back(int per_page, const event_t *event)
{
    static const event_t nothing = {-1, -1};
    const uk_slice_t last = walk_to_end(per_page, &nothing);
    uk_slice_t slice = last;
    int pages, i;

    memset(is_shown, 0, sizeof(is_shown));
    for (i = 0; i < last.keys->nelts; i++) {
        is_shown[index_of(last.keys, i)] = 1;
    }
    for (pages = 1; slice.prev; pages++) {
        happen(event, pages);
        slice = take_slice(slice.prev, per_page);
        ck_assert_int_le(pages, UNIT_COUNT(keys));
    }
    forgive(&slice);
}

START_TEST(every_key_is_shown_once_on_the_way_back)
{
    int per_page = _i + 1, count;
    event_t event;

    for (count = 1; count <= KEYS_MAX; count++) {
        for (event.after = -1; event.after <= KEYS_MAX; event.after++) {
            for (event.key = 0; event.key <= 2 * count; event.key++) {
                begin_with(count);
                walk_back(per_page, &event);
                check_once(&event, count);
            }
        }
    }
}
END_TEST

/* All that a page would show may be deleted before it is asked for. */
START_TEST(empty_page_leads_back)
{
    uk_slice_t slice;

    begin_with(4);
    slice = take_slice(NULL, 2);
    is_there[1] = is_there[3] = 0;
    slice = take_slice(slice.next, 2);
    ck_assert_int_eq(slice.keys->nelts, 0);
    slice = take_slice(slice.prev, 2);
    ck_assert_int_eq(slice.keys->nelts, 2);
    ck_assert_int_eq(index_of(slice.keys, 0), newest());
}
END_TEST

START_TEST(cursor_of_a_list_that_is_empty_now)
{
    uk_slice_t slice;

    begin_with(2);
    slice = take_slice(NULL, 1);
    is_there[1] = is_there[3] = 0;
    slice = take_slice(slice.next, 1);
    ck_assert_int_eq(slice.keys->nelts, 0);
}
END_TEST

#define ID "key_01h455vb4pex5vsknk084sn02q"

static const struct {
    const char *per_page, *cursor;
    int status;
} rows[] = {
    {NULL, NULL, 0},
    {"1", NULL, 0},
    {"200", NULL, 0},
    {"0", NULL, -1},
    {"201", NULL, -1},
    {"", NULL, -1},
    {"-1", NULL, -1},
    {"+1", NULL, -1},
    {" 1", NULL, -1},
    {"1 ", NULL, -1},
    {"1x", NULL, -1},
    {"0x1", NULL, -1},
    {"18446744073709551617", NULL, -1},
    {"4294967297", NULL, -1},
    {NULL, "a1795414500000." ID, 0},
    {NULL, "b0." ID, 0},
    {NULL, "a999999999999999999." ID, 0},
    {NULL, "a1000000000000000000." ID, -1},
    {NULL, "", -1},
    {NULL, "a", -1},
    {NULL, "c1." ID, -1},
    {NULL, "A1." ID, -1},
    {NULL, "a." ID, -1},
    {NULL, "a-1." ID, -1},
    {NULL, "a 1." ID, -1},
    {NULL, "a1" ID, -1},
    {NULL, "a1,", -1},
    {NULL, "a1.", -1},
    {NULL, "a1.key_", -1},
    {NULL, "a1." ID "x", -1},
};

START_TEST(what_was_sent_is_checked)
{
    uk_slice_t slice;

    begin_with(2);
    ck_assert_int_eq(uk_slice_paginate(unit_pool, list_keys(),
                                       rows[_i].per_page, rows[_i].cursor,
                                       &slice),
                     rows[_i].status);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("slice");
    TCase *tcase = unit_case(suite, "slice");

    tcase_add_loop_test(tcase, every_key_is_shown_once_to_the_end, 0,
                        PER_PAGE_MAX);
    tcase_add_loop_test(tcase, every_key_is_shown_once_on_the_way_back, 0,
                        PER_PAGE_MAX);
    tcase_add_test(tcase, empty_page_leads_back);
    tcase_add_test(tcase, cursor_of_a_list_that_is_empty_now);
    tcase_add_loop_test(tcase, what_was_sent_is_checked, 0, UNIT_COUNT(rows));
    return unit_run(suite);
}
