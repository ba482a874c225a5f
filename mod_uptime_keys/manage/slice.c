/* SPDX-License-Identifier: Apache-2.0 */
/* Pagination of a list of keys, by cursors.
 *
 * A cursor is a direction, an instant and an id: "a1795416911598.key_01…" is
 * for the keys that are older than that one, "b…" for the newer ones. */
#include "manage/slice.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

#include "core/keyid.h"

#define OLDER 'a'
#define NEWER 'b'

typedef struct {
    char direction;
    uk_instant_t created_at;
    const char *id;
} cursor_t;

apr_int64_t uk_slice_parse_number(const char *string, char **end)
{
    return apr_isdigit(*string) && strspn(string, "0123456789") < 19
               ? apr_strtoi64(string, end, 10)
               : -1;
}

int uk_slice_parse_per_page(const char *string, int *per_page)
{
    char *end = NULL;
    apr_int64_t number =
        string ? uk_slice_parse_number(string, &end) : UK_SLICE_DEFAULT;

    *per_page = (int)number;
    return number >= 1 && number <= UK_SLICE_MAX && (!end || !*end) ? 0 : -1;
}

static int parse_cursor(const char *string, cursor_t *cursor)
{
    char *end;

    cursor->direction = *string;
    if (*string != OLDER && *string != NEWER) {
        return -1;
    }
    cursor->created_at = uk_slice_parse_number(string + 1, &end);
    if (cursor->created_at < 0 || *end != '.') {
        return -1;
    }
    cursor->id = end + 1;
    return uk_keyid_is_valid(cursor->id) ? 0 : -1;
}

static const char *write_cursor(apr_pool_t *pool, const cursor_t *cursor)
{
    return apr_psprintf(pool, "%c%" APR_INT64_T_FMT ".%s", cursor->direction,
                        cursor->created_at, cursor->id);
}

static cursor_t cursor_at(char direction, const apr_array_header_t *keys, int i)
{
    const uk_key_t *key = APR_ARRAY_IDX(keys, i, const uk_key_t *);

    return (cursor_t){direction, key->created_at, key->id};
}

static int is_older(const uk_key_t *key, const cursor_t *cursor)
{
    return key->created_at != cursor->created_at
               ? key->created_at < cursor->created_at
               : strcmp(key->id, cursor->id) < 0;
}

/* The index of the slice's first key. A slice of newer keys ends before the
 * cursor's own key. */
static int find_start(const apr_array_header_t *keys, const cursor_t *cursor,
                      int per_page)
{
    int i;

    for (i = 0; i < keys->nelts; i++) {
        const uk_key_t *key = APR_ARRAY_IDX(keys, i, const uk_key_t *);

        if (is_older(key, cursor)
            || (cursor->direction == NEWER
                && strcmp(key->id, cursor->id) == 0)) {
            break;
        }
    }
    if (cursor->direction == OLDER) {
        return i;
    }
    return i > per_page ? i - per_page : 0;
}

int uk_slice_paginate(apr_pool_t *pool, const apr_array_header_t *keys,
                      const char *per_page, const char *cursor,
                      uk_slice_t *slice)
{
    apr_array_header_t *items;
    cursor_t from;
    int start = 0, i;

    memset(slice, 0, sizeof(*slice));
    if (uk_slice_parse_per_page(per_page, &slice->per_page) != 0) {
        return -1;
    }
    if (cursor) {
        if (parse_cursor(cursor, &from) != 0) {
            return -1;
        }
        start = find_start(keys, &from, slice->per_page);
    }
    items = apr_array_make(pool, slice->per_page, sizeof(uk_key_t *));
    for (i = start; i < keys->nelts && items->nelts < slice->per_page; i++) {
        APR_ARRAY_PUSH(items, const uk_key_t *) =
            APR_ARRAY_IDX(keys, i, const uk_key_t *);
    }
    slice->keys = items;
    slice->total = keys->nelts;
    if (start > 0) {
        /* From an empty page, where all keys are newer, its own cursor leads back. */
        if (items->nelts) {
            from = cursor_at(NEWER, items, 0);
        }
        from.direction = NEWER;
        slice->prev = write_cursor(pool, &from);
    }
    if (items->nelts && i < keys->nelts) {
        from = cursor_at(OLDER, items, items->nelts - 1);
        slice->next = write_cursor(pool, &from);
    }
    return 0;
}
