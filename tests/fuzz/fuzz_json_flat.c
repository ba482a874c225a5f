/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as a simple JSON object, checked against jansson: what the quick reader
 * takes is what jansson reads, and it takes all that its header calls simple.
 *
 * About: core/json_flat.c
 * Options: -max_len=600 */
#include <jansson.h>
#include <string.h>

#include "core/json_flat.h"
#include "fuzz.h"

static int is_same_string(const char *string, const json_t *value)
{
    return json_is_string(value) && strlen(string) == json_string_length(value)
           && strcmp(string, json_string_value(value)) == 0;
}

static int are_same_strings(const apr_array_header_t *strings,
                            const json_t *value)
{
    int i, same = json_is_array(value)
                  && (size_t)strings->nelts == json_array_size(value);

    for (i = 0; same && i < strings->nelts; i++) {
        same = is_same_string(APR_ARRAY_IDX(strings, i, const char *),
                              json_array_get(value, (size_t)i));
    }
    return same;
}

static int is_same_value(const uk_flat_value_t *flat, const json_t *value)
{
    switch (flat->kind) {
    case UK_FLAT_NULL:
        return json_is_null(value);
    case UK_FLAT_STRING:
        return is_same_string(flat->string, value);
    case UK_FLAT_INTEGER:
        return json_is_integer(value)
               && json_integer_value(value) == flat->integer;
    case UK_FLAT_STRINGS:
        return are_same_strings(flat->strings, value);
    default:
        return 0;
    }
}

static void compare_objects(const uk_flat_object_t *flat, json_t *object)
{
    int i;

    FUZZ_EXPECT(json_is_object(object), "jansson refuses this");
    FUZZ_EXPECT((size_t)flat->count == json_object_size(object),
                "jansson reads another number of members");
    for (i = 0; i < flat->count; i++) {
        const uk_flat_member_t *member = &flat->members[i];
        const char *name = fuzz_string(member->name, member->len);

        FUZZ_EXPECT(
            is_same_value(&member->value, json_object_get(object, name)),
            "jansson reads another value");
    }
}

static int is_simple_value(const json_t *value)
{
    size_t i;

    for (i = 0; i < json_array_size(value); i++) {
        if (!json_is_string(json_array_get(value, i))) {
            return 0;
        }
    }
    return json_is_null(value) || json_is_string(value) || json_is_array(value)
           || (json_is_integer(value) && json_integer_value(value) > 0
               && json_integer_value(value) < 1000000000000000000);
}

/* As the header of json_flat.h has it. */
static int is_simple(const char *text, size_t size, json_t *object)
{
    const char *name;
    json_t *value;
    size_t i;

    for (i = 0; i < size; i++) {
        if (text[i] == '\\' || text[i] > '~'
            || (text[i] < ' ' && text[i] != '\t' && text[i] != '\r'
                && text[i] != '\n')) {
            return 0;
        }
    }
    json_object_foreach(object, name, value)
    {
        if (!is_simple_value(value)) {
            return 0;
        }
    }
    return json_object_size(object) >= 1
           && json_object_size(object) <= UK_FLAT_MAX;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = fuzz_bytes(data, size);
    json_t *object = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
    uk_flat_object_t flat;

    if (uk_json_read_flat(fuzz_pool(), text, size, &flat)) {
        compare_objects(&flat, object);
    }
    else {
        FUZZ_EXPECT(!json_is_object(object) || !is_simple(text, size, object),
                    "this is simple, and was not read");
    }
    json_decref(object);
    fuzz_clear();
    return 0;
}
