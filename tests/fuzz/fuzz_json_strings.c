/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as a JSON array of strings, and any lines written as one.
 *
 * About: core/json.c core/json_values.c
 * Options: -max_len=600 */
#include <jansson.h>
#include <string.h>

#include "core/json.h"
#include "core/json_values.h"
#include "fuzz.h"

static int are_same(const apr_array_header_t *a, const apr_array_header_t *b)
{
    int i, same = a->nelts == b->nelts;

    for (i = 0; same && i < a->nelts; i++) {
        same = strcmp(APR_ARRAY_IDX(a, i, const char *),
                      APR_ARRAY_IDX(b, i, const char *))
               == 0;
    }
    return same;
}

/* What jansson makes of the same strings. */
static void expect_written(const char *json, const apr_array_header_t *strings)
{
    json_t *array = json_array();
    char *dump;
    int i;

    for (i = 0; i < strings->nelts; i++) {
        json_array_append_new(
            array, json_string(APR_ARRAY_IDX(strings, i, const char *)));
    }
    dump = json_dumps(array, JSON_COMPACT);
    FUZZ_EXPECT(strcmp(dump, json) == 0, "jansson writes other JSON");
    free(dump);
    json_decref(array);
}

static void try_read(const char *json)
{
    apr_array_header_t *strings = uk_json_read_strings(fuzz_pool(), json);
    const char *written;

    if (strings) {
        written = uk_json_write_strings(fuzz_pool(), strings);
        expect_written(written, strings);
        FUZZ_EXPECT(
            are_same(strings, uk_json_read_strings(fuzz_pool(), written)),
            "other strings are read than were written");
    }
}

/* Strings that are not UTF-8 are left out. */
static void try_write(fuzz_input_t input)
{
    apr_array_header_t *strings =
        apr_array_make(fuzz_pool(), 4, sizeof(char *));
    apr_array_header_t *valid = apr_array_make(fuzz_pool(), 4, sizeof(char *));
    const char *written;

    while (input.left) {
        const char *string = fuzz_take_string(&input, '\n');
        json_t *value = json_string(string);

        APR_ARRAY_PUSH(strings, const char *) = string;
        if (value) {
            APR_ARRAY_PUSH(valid, const char *) = string;
        }
        json_decref(value);
    }
    written = uk_json_write_strings(fuzz_pool(), strings);
    expect_written(written, strings);
    FUZZ_EXPECT(are_same(valid, uk_json_read_strings(fuzz_pool(), written)),
                "other strings are read than were written");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    try_read(fuzz_string(data, size));
    try_write((fuzz_input_t){data, size});
    fuzz_clear();
    return 0;
}
