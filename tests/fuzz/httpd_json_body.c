/* SPDX-License-Identifier: Apache-2.0 */
/* Any body as JSON that creates, changes or rotates a key: each wrong member is
 * named, by a pointer that leads to it, and no other.
 *
 * About: manage/json.c
 * Options: -max_len=500 */
#include "in_httpd.h"

#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#include "manage/json.h"
#include "fuzz.h"

/* RFC 6901 section 4, for what the pointers here are made of. */
static const json_t *resolve(const json_t *at, const char *pointer)
{
    char name[600];

    while (at && *pointer == '/') {
        size_t n = 0;

        for (pointer++; *pointer && *pointer != '/'; pointer++) {
            if (*pointer == '~') {
                pointer++;
                FUZZ_EXPECT(*pointer == '0' || *pointer == '1',
                            "a pointer is malformed");
                name[n++] = *pointer == '0' ? '~' : '/';
            }
            else {
                name[n++] = *pointer;
            }
        }
        name[n] = '\0';
        at = json_is_array(at) ? json_array_get(at, (size_t)apr_atoi64(name))
                               : json_object_get(at, name);
    }
    FUZZ_EXPECT(!*pointer, "a pointer does not begin with a slash");
    return at;
}

static int is_null_or(const json_t *value, int is_right)
{
    return !value || json_is_null(value) || is_right;
}

/* How many members, and items of arrays, have a wrong type. */
static int count_wrong(const json_t *object, int with_disabled)
{
    static const char *const strings[] = {"name", "expiresAt"};
    static const char *const arrays[] = {"scopes", "addresses"};
    int count = 0;
    size_t i, j;

    for (i = 0; i < 2; i++) {
        const json_t *string = json_object_get(object, strings[i]);
        const json_t *array = json_object_get(object, arrays[i]);

        count += !is_null_or(string, json_is_string(string));
        count += !is_null_or(array, json_is_array(array));
        for (j = 0; j < json_array_size(array); j++) {
            count += !json_is_string(json_array_get(array, j));
        }
    }
    if (with_disabled) {
        const json_t *disabled = json_object_get(object, "disabled");

        count += !is_null_or(disabled, json_is_boolean(disabled));
    }
    return count;
}

static int count_unknown(json_t *object, const char *known)
{
    const char *name;
    json_t *value;
    int count = 0;

    json_object_foreach(object, name, value)
    {
        const char *marked = apr_pstrcat(fuzz_pool(), " ", name, " ", NULL);

        count += strchr(name, ' ') || !*name || !strstr(known, marked);
    }
    return count;
}

static void expect_errors(const apr_array_header_t *errors, json_t *object,
                          int wanted)
{
    int i;

    FUZZ_EXPECT(errors->nelts == wanted, "another number of members is wrong");
    for (i = 0; i < errors->nelts; i++) {
        FUZZ_EXPECT(
            resolve(object, APR_ARRAY_IDX(errors, i, uk_field_error_t).pointer),
            "a pointer leads nowhere");
    }
}

static int is_same(const json_t *value, const char *string)
{
    return json_is_string(value)
               ? string && strcmp(json_string_value(value), string) == 0
               : !string;
}

static void expect_strings(const json_t *array,
                           const apr_array_header_t *strings)
{
    size_t i;

    FUZZ_EXPECT((size_t)strings->nelts == json_array_size(array),
                "an item is lost");
    for (i = 0; i < json_array_size(array); i++) {
        const char *string = APR_ARRAY_IDX(strings, (int)i, const char *);
        const json_t *item = json_array_get(array, i);

        FUZZ_EXPECT(is_same(item, json_is_string(item) ? string : NULL),
                    "an item is another one");
    }
}

static void try_create(const char *body, size_t len, json_t *object)
{
    apr_array_header_t *errors;
    const char *error;
    uk_key_spec_t spec;
    int is_good =
        uk_json_read_spec(fuzz_pool(), body, len, &spec, &errors, &error) == 0;

    FUZZ_EXPECT(is_good == (object != NULL), "the body is judged otherwise");
    FUZZ_EXPECT(is_good == (error == NULL), "there is no reason");
    if (is_good) {
        expect_errors(errors, object, count_wrong(object, 0));
        FUZZ_EXPECT(is_same(json_object_get(object, "name"), spec.name),
                    "the name is another one");
        FUZZ_EXPECT(is_same(json_object_get(object, "expiresAt"), spec.expires),
                    "the expiry is another one");
        expect_strings(json_object_get(object, "scopes"), spec.scopes);
        expect_strings(json_object_get(object, "addresses"), spec.addresses);
    }
}

static void try_change(const char *body, size_t len, json_t *object)
{
    apr_array_header_t *errors;
    const char *error;
    uk_key_spec_t spec;
    int is_good =
        uk_json_read_change(fuzz_pool(), body, len, &spec, &errors, &error)
        == 0;

    FUZZ_EXPECT(is_good == (object && json_object_size(object) > 0),
                "the change is judged otherwise");
    if (is_good) {
        expect_errors(
            errors, object,
            count_wrong(object, 1)
                + count_unknown(object,
                                " name scopes expiresAt addresses disabled "));
        FUZZ_EXPECT(!(spec.sent & UK_SPEC_DISABLED)
                        == !json_object_get(object, "disabled"),
                    "a member is lost");
        FUZZ_EXPECT(!spec.disabled
                        == !json_is_true(json_object_get(object, "disabled")),
                    "disabled is another value");
    }
}

static void try_rotation(const char *body, size_t len, json_t *object)
{
    const json_t *overlap = json_object_get(object, "overlapSeconds");
    const json_t *prefix = json_object_get(object, "ifPrefix");
    uk_rotation_t rotation = {.overlap = 77};
    apr_array_header_t *errors;
    const char *error;
    int is_good = uk_json_read_rotation(fuzz_pool(), body, len, &rotation,
                                        &errors, &error)
                  == 0;
    int is_range = json_is_integer(overlap) && json_integer_value(overlap) >= 0
                   && json_integer_value(overlap) <= 2592000;

    FUZZ_EXPECT(is_good == (object != NULL),
                "the rotation is judged otherwise");
    if (is_good) {
        expect_errors(errors, object,
                      (overlap && !is_range)
                          + !is_null_or(prefix, json_is_string(prefix))
                          + count_unknown(object, " overlapSeconds ifPrefix "));
        FUZZ_EXPECT(rotation.overlap
                        == (is_range ? json_integer_value(overlap) : 77),
                    "the overlap is another one");
        FUZZ_EXPECT(is_same(prefix, rotation.if_prefix),
                    "the prefix is another one");
    }
}

/* The same, with a member twice, or with something behind it. */
static void try_damaged(const char *body, size_t len, const json_t *object)
{
    apr_pool_t *pool = fuzz_pool();
    size_t before = (size_t)((const char *)memchr(body, '{', len) - body) + 1;
    const char *more = json_object_size(object) ? "\"name\":0," : "\"name\":0";
    size_t more_len = strlen(more);
    char *damaged = apr_palloc(pool, len + more_len + 1);
    const char *error;
    json_t *again;

    memcpy(damaged, body, before);
    memcpy(damaged + before, more, more_len);
    memcpy(damaged + before + more_len, body + before, len - before);
    again = uk_json_read_object(pool, damaged, len + more_len, &error);
    FUZZ_EXPECT(!again == (json_object_get(object, "name") != NULL),
                "a member that is there twice");
    json_decref(again);
    memcpy(damaged, body, len);
    damaged[len] = ',';
    FUZZ_EXPECT(!uk_json_read_object(pool, damaged, len + 1, &error),
                "something follows the object");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *body = fuzz_bytes(data, size), *error;
    json_t *object = uk_json_read_object(fuzz_pool(), body, size, &error);

    try_create(body, size, object);
    try_change(body, size, object);
    try_rotation(body, size, object);
    if (object) {
        try_damaged(body, size, object);
    }
    json_decref(object);
    fuzz_clear();
    return 0;
}
