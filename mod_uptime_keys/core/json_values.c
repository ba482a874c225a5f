/* SPDX-License-Identifier: Apache-2.0 */
/* Keys, scopes and strings as jansson's values. */
#include "core/json_values.h"

#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

/* As jansson counts: lines and columns from 1. */
static void refuse_nul(const char *text, const char *nul, json_error_t *where)
{
    where->line = where->column = 1;
    for (; text < nul; text++) {
        where->line += *text == '\n';
        where->column = *text == '\n' ? 1 : where->column + 1;
    }
    apr_cpystrn(where->text, "a NUL byte", sizeof(where->text));
}

json_t *uk_json_load(const char *text, size_t len, json_error_t *where)
{
    json_t *document = json_loadb(text, len, JSON_REJECT_DUPLICATES, where);
    const char *nul = document ? memchr(text, '\0', len) : NULL;

    if (nul) {
        refuse_nul(text, nul, where);
        json_decref(document);
        document = NULL;
    }
    return document;
}

apr_array_header_t *uk_json_to_strings(apr_pool_t *pool, const json_t *array)
{
    apr_array_header_t *strings;
    json_t *item;
    size_t i;

    if (!json_is_array(array)) {
        return NULL;
    }
    strings = apr_array_make(pool, (int)json_array_size(array), sizeof(char *));
    json_array_foreach(array, i, item) {
        if (!json_is_string(item)) {
            return NULL;
        }
        APR_ARRAY_PUSH(strings, const char *) =
            apr_pstrdup(pool, json_string_value(item));
    }
    return strings;
}

const char *uk_json_dump(apr_pool_t *pool, json_t *document)
{
    char *dump = json_dumps(document, JSON_COMPACT);
    const char *json = apr_pstrdup(pool, dump);

    free(dump);
    json_decref(document);
    return json;
}

json_t *uk_json_from_strings(const apr_array_header_t *strings)
{
    json_t *array = json_array();
    int i;

    for (i = 0; i < strings->nelts; i++) {
        json_array_append_new(
            array, json_string(APR_ARRAY_IDX(strings, i, const char *)));
    }
    return array;
}

static json_t *instant_or_null(uk_instant_t instant)
{
    return instant == UK_INSTANT_NONE ? json_null() : json_integer(instant);
}

json_t *uk_json_string(const char *string)
{
    json_t *value = json_string(string);

    return value ? value : json_null();
}

/* A string or an array that is null is not shown as an empty one. */
static json_t *from_field(const uk_key_t *key, const uk_key_field_t *field)
{
    const apr_array_header_t *strings;

    switch (field->kind) {
    case UK_KIND_STRING:
    case UK_KIND_TEXT:
        return uk_json_string(UK_KEY_AT(const char *, key, field));
    case UK_KIND_SCOPES:
    case UK_KIND_NETWORKS:
        strings = UK_KEY_AT(const apr_array_header_t *, key, field);
        return strings ? uk_json_from_strings(strings) : json_null();
    case UK_KIND_INSTANT:
        return json_integer(UK_KEY_AT(uk_instant_t, key, field));
    case UK_KIND_OPTIONAL:
    case UK_KIND_EXPIRY:
        break;
    }
    return instant_or_null(UK_KEY_AT(uk_instant_t, key, field));
}

static void add_field(json_t *object, const uk_key_t *key,
                      const uk_key_field_t *field)
{
    json_t *value;

    if (field->shown != UK_SHOWN_ALWAYS && field->shown != UK_SHOWN_IF_SET) {
        return;
    }
    value = from_field(key, field);
    if (field->shown == UK_SHOWN_IF_SET && json_is_null(value)) {
        json_decref(value);
        return;
    }
    json_object_set_new(object, field->member, value);
}

json_t *uk_json_from_key(const uk_key_t *key, uk_instant_t now)
{
    json_t *object = json_object();
    int i;

    for (i = 0; i < UK_KEY_FIELD_COUNT; i++) {
        add_field(object, key, &uk_key_fields[i]);
    }
    if (uk_key_has_previous(key, now)) {
        json_object_set_new(
            object, "previous",
            json_pack("{s:o, s:I, s:o}", "keyPrefix",
                      uk_json_string(key->previous_prefix), "endsAt",
                      (json_int_t)uk_key_previous_end(key), "lastUsedAt",
                      instant_or_null(key->previous_used_at)));
    }
    return object;
}

json_t *uk_json_from_keys(const apr_array_header_t *keys, uk_instant_t now)
{
    json_t *array = json_array();
    int i;

    for (i = 0; i < keys->nelts; i++) {
        json_array_append_new(
            array,
            uk_json_from_key(APR_ARRAY_IDX(keys, i, const uk_key_t *), now));
    }
    return array;
}

static json_t *object_of_scope(const uk_scope_t *scope)
{
    return json_pack("{s:s, s:o, s:o}", "name", scope->name, "group",
                     uk_json_string(scope->group), "description",
                     uk_json_string(scope->description));
}

json_t *uk_json_from_catalogue(const uk_catalogue_t *catalogue)
{
    json_t *array = json_array();
    int i;

    for (i = 0; i < uk_catalogue_size(catalogue); i++) {
        json_array_append_new(array,
                              object_of_scope(uk_catalogue_get(catalogue, i)));
    }
    return array;
}
