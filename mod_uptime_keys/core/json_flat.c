/* SPDX-License-Identifier: Apache-2.0 */
/* JSON objects that contain no other one. */
#include "core/json_flat.h"

#include <apr_strings.h>
#include <string.h>

/* More digits may be too many for 64 bits. */
#define DIGITS_MAX 18

/* What is left of the text. */
typedef struct {
    apr_pool_t *pool;
    const char *at, *end;
} text_t;

/* Skip white space. @return the next byte, which is not taken; 0 at the end */
static char peek(text_t *text)
{
    while (text->at < text->end
           && (*text->at == ' ' || *text->at == '\t' || *text->at == '\r'
               || *text->at == '\n')) {
        text->at++;
    }
    return text->at < text->end ? *text->at : '\0';
}

/* @return 1 if the next byte was this one, and was taken; else 0 */
static int take(text_t *text, char byte)
{
    int found = peek(text) == byte;

    text->at += found;
    return found;
}

/* Take a string. @return its first byte; NULL: there is none that is simple */
static const char *take_string(text_t *text, apr_size_t *len)
{
    const char *start;

    if (!take(text, '"')) {
        return NULL;
    }
    start = text->at;
    while (text->at < text->end && *text->at >= ' ' && *text->at <= '~'
           && *text->at != '"' && *text->at != '\\') {
        text->at++;
    }
    if (text->at == text->end || *text->at != '"') {
        return NULL;
    }
    *len = (apr_size_t)(text->at - start);
    text->at++;
    return start;
}

static const char *copy_string(text_t *text)
{
    apr_size_t len;
    const char *start = take_string(text, &len);

    return start ? apr_pstrmemdup(text->pool, start, len) : NULL;
}

static int take_strings(text_t *text, uk_flat_value_t *value)
{
    value->strings = apr_array_make(text->pool, 4, sizeof(char *));
    text->at++;
    if (take(text, ']')) {
        return 1;
    }
    do {
        const char *string = copy_string(text);

        if (!string) {
            return 0;
        }
        APR_ARRAY_PUSH(value->strings, const char *) = string;
    } while (take(text, ','));
    return take(text, ']');
}

static int take_integer(text_t *text, uk_flat_value_t *value)
{
    const char *start = text->at;

    while (text->at < text->end && *text->at >= '0' && *text->at <= '9') {
        if (text->at - start == DIGITS_MAX) {
            return 0;
        }
        value->integer = value->integer * 10 + (*text->at++ - '0');
    }
    return *start != '0';
}

static int take_null(text_t *text)
{
    static const char word[] = "null";
    const apr_size_t len = sizeof(word) - 1;

    if ((apr_size_t)(text->end - text->at) < len
        || memcmp(text->at, word, len) != 0) {
        return 0;
    }
    text->at += len;
    return 1;
}

static int take_flat_value(text_t *text, uk_flat_value_t *value)
{
    char byte = peek(text);

    *value = (uk_flat_value_t){UK_FLAT_OTHER, NULL, 0, NULL};
    switch (byte) {
    case '"':
        value->kind = UK_FLAT_STRING;
        value->string = copy_string(text);
        return value->string != NULL;
    case '[':
        value->kind = UK_FLAT_STRINGS;
        return take_strings(text, value);
    case 'n':
        value->kind = UK_FLAT_NULL;
        return take_null(text);
    default:
        value->kind = UK_FLAT_INTEGER;
        return byte >= '1' && byte <= '9' && take_integer(text, value);
    }
}

static int is_there(const uk_flat_object_t *object, const char *name,
                    apr_size_t len)
{
    int i;

    for (i = 0; i < object->count; i++) {
        if (object->members[i].len == len
            && memcmp(object->members[i].name, name, len) == 0) {
            return 1;
        }
    }
    return 0;
}

static int take_member(text_t *text, uk_flat_object_t *object)
{
    uk_flat_member_t *member = &object->members[object->count];

    if (object->count == UK_FLAT_MAX) {
        return 0;
    }
    member->name = take_string(text, &member->len);
    if (!member->name || is_there(object, member->name, member->len)
        || !take(text, ':') || !take_flat_value(text, &member->value)) {
        return 0;
    }
    object->count++;
    return 1;
}

int uk_json_read_flat(apr_pool_t *pool, const char *text, apr_size_t len,
                      uk_flat_object_t *object)
{
    text_t rest = {pool, text, text + len};

    object->count = 0;
    if (!take(&rest, '{')) {
        return 0;
    }
    do {
        if (!take_member(&rest, object)) {
            return 0;
        }
    } while (take(&rest, ','));
    return take(&rest, '}') && peek(&rest) == '\0' && rest.at == rest.end;
}
