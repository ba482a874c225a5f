/* SPDX-License-Identifier: Apache-2.0 */
/* Any list of keys, perPage and cursor: whoever follows the cursors sees each key
 * once, back and forth.
 *
 * About: manage/slice.c
 * Options: -max_len=200 */
#include "in_httpd.h"

#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#include "manage/slice.h"
#include "fuzz.h"

#define KEYS_MAX 60
#define ID "key_01h455vb4pex5vsknk084sn0"
#define DIGITS "0123456789abcdefghjkmnpqrstvwxyz"

static int compare_keys(const void *a, const void *b)
{
    const uk_key_t *one = *(uk_key_t *const *)a, *two = *(uk_key_t *const *)b;

    if (one->created_at != two->created_at) {
        return one->created_at > two->created_at ? -1 : 1;
    }
    return -strcmp(one->id, two->id);
}

/* Some are of the same millisecond; each has another id. */
static apr_array_header_t *make_keys(fuzz_input_t *input)
{
    int count = (int)(fuzz_take_byte(input) % KEYS_MAX), i;
    apr_array_header_t *keys =
        apr_array_make(fuzz_pool(), count + 1, sizeof(uk_key_t *));

    for (i = 0; i < count; i++) {
        uk_key_t *key = apr_pcalloc(fuzz_pool(), sizeof(*key));

        key->created_at = 1700000000000 + fuzz_take_byte(input) % 16;
        key->id = apr_psprintf(fuzz_pool(), ID "%c%c", DIGITS[(i * 7) % 32],
                               DIGITS[i / 32]);
        APR_ARRAY_PUSH(keys, uk_key_t *) = key;
    }
    qsort(keys->elts, (size_t)count, sizeof(uk_key_t *), compare_keys);
    return keys;
}

/* Follow next to the end, and prev back to the beginning. */
static void walk(const apr_array_header_t *keys, int per_page)
{
    const char *size = apr_itoa(fuzz_pool(), per_page), *cursor = NULL;
    uk_slice_t slice;
    int seen = 0, i;

    do {
        FUZZ_EXPECT(uk_slice_paginate(fuzz_pool(), keys, size, cursor, &slice)
                        == 0,
                    "a cursor of ours is refused");
        for (i = 0; i < slice.keys->nelts; i++, seen++) {
            FUZZ_EXPECT(seen < keys->nelts
                            && APR_ARRAY_IDX(slice.keys, i, uk_key_t *)
                                   == APR_ARRAY_IDX(keys, seen, uk_key_t *),
                        "a key is missing, or comes twice");
        }
        FUZZ_EXPECT(slice.keys->nelts == per_page || !slice.next,
                    "a slice is short");
        cursor = slice.next;
    } while (cursor);
    FUZZ_EXPECT(seen == keys->nelts, "not all keys came");
    seen -= slice.keys->nelts;
    while (slice.prev) {
        FUZZ_EXPECT(
            uk_slice_paginate(fuzz_pool(), keys, size, slice.prev, &slice) == 0,
            "a cursor of ours is refused");
        for (i = slice.keys->nelts - 1; i >= 0; i--) {
            FUZZ_EXPECT(seen-- > 0
                            && APR_ARRAY_IDX(slice.keys, i, uk_key_t *)
                                   == APR_ARRAY_IDX(keys, seen, uk_key_t *),
                        "a key is missing on the way back");
        }
    }
    FUZZ_EXPECT(seen == 0, "not all keys came on the way back");
}

static int is_number(const char *string, size_t len)
{
    return len >= 1 && len <= 18 && strspn(string, "0123456789") >= len;
}

static int is_cursor(const char *cursor)
{
    const char *dot = strchr(cursor, '.');

    return (*cursor == 'a' || *cursor == 'b') && dot
           && is_number(cursor + 1, (size_t)(dot - cursor) - 1)
           && strncmp(dot, ".key_", 5) == 0 && strlen(dot) == 31
           && strchr("01234567", dot[5]) && strspn(dot + 5, DIGITS) == 26;
}

static void try_any(const apr_array_header_t *keys, const char *per_page,
                    const char *cursor)
{
    uk_slice_t slice;
    int is_good =
        uk_slice_paginate(fuzz_pool(), keys, per_page, cursor, &slice) == 0;
    int number =
        is_number(per_page, strlen(per_page))
            ? (int)(apr_atoi64(per_page) < 1000 ? apr_atoi64(per_page) : 1000)
            : -1;

    FUZZ_EXPECT(is_good == (number >= 1 && number <= 200 && is_cursor(cursor)),
                "perPage and cursor are judged otherwise");
    FUZZ_EXPECT(!is_good
                    || (slice.per_page == number && slice.total == keys->nelts
                        && slice.keys->nelts <= number),
                "a slice has other sizes");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input_t input = {data, size};
    const char *per_page = fuzz_take_string(&input, '\n');
    const char *cursor = fuzz_take_string(&input, '\n');
    int step = (int)(fuzz_take_byte(&input) % 20) + 1;
    const apr_array_header_t *keys = make_keys(&input);

    walk(keys, step);
    try_any(keys, per_page, cursor);
    fuzz_clear();
    return 0;
}
