/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON of the management endpoints. */
#include "manage/json.h"

#include <string.h>

#include "core/json_values.h"
#include "httpd/config.h"

/* assets/openapi.json, embedded at build time. */
extern const char uk_asset_openapi_json[];

static void add_type_error(apr_array_header_t *errors, const char *pointer,
                           const char *message)
{
    uk_field_error_add(errors, pointer, "invalid-type", message);
}

/* The value of a string member; NULL if it is missing or null. */
static const char *read_string(apr_pool_t *pool, const json_t *object,
                               const char *name, apr_array_header_t *errors)
{
    const json_t *value = json_object_get(object, name);

    if (value && !json_is_string(value) && !json_is_null(value)) {
        add_type_error(errors, apr_pstrcat(pool, "/", name, NULL),
                       "this must be a string");
    }
    return apr_pstrdup(pool, json_string_value(value));
}

/* The value of an array member; NULL if it is missing, and null if it is null. */
static const json_t *read_array(apr_pool_t *pool, const json_t *object,
                                const char *name, apr_array_header_t *errors)
{
    const json_t *array = json_object_get(object, name);

    if (array && !json_is_array(array) && !json_is_null(array)) {
        add_type_error(errors, apr_pstrcat(pool, "/", name, NULL),
                       "this must be an array of strings");
    }
    return array;
}

/* The strings of an array member; none if it is missing or null. */
static apr_array_header_t *read_strings(apr_pool_t *pool, const json_t *object,
                                        const char *name,
                                        apr_array_header_t *errors)
{
    const json_t *array = read_array(pool, object, name, errors);
    apr_array_header_t *strings = apr_array_make(pool, 8, sizeof(char *));
    json_t *item;
    size_t i;

    json_array_foreach(array, i, item) {
        if (!json_is_string(item)) {
            add_type_error(errors,
                           apr_psprintf(pool, "/%s/%" APR_SIZE_T_FMT, name, i),
                           "this must be a string");
        }
        APR_ARRAY_PUSH(strings, const char *) =
            json_is_string(item) ? apr_pstrdup(pool, json_string_value(item))
                                 : "";
    }
    return strings;
}

static void read_members(apr_pool_t *pool, const json_t *object,
                         uk_key_spec_t *spec, apr_array_header_t *errors)
{
    spec->name = read_string(pool, object, "name", errors);
    spec->scopes = read_strings(pool, object, "scopes", errors);
    spec->expires = read_string(pool, object, "expiresAt", errors);
    spec->addresses = read_strings(pool, object, "addresses", errors);
}

/* jansson's own message would contain a part of the body. */
json_t *uk_json_read_object(apr_pool_t *pool, const char *body, apr_size_t len,
                            const char **error)
{
    json_error_t where;
    json_t *object = uk_json_load(body, len, &where);

    *error = NULL;
    if (!object) {
        *error = apr_psprintf(pool, "The body is not JSON: line %d, column %d.",
                              where.line, where.column);
    }
    else if (!json_is_object(object)) {
        *error = "The body must be a JSON object.";
        json_decref(object);
        object = NULL;
    }
    return object;
}

int uk_json_read_spec(apr_pool_t *pool, const char *body, apr_size_t len,
                      uk_key_spec_t *spec, apr_array_header_t **errors,
                      const char **error)
{
    json_t *object = uk_json_read_object(pool, body, len, error);

    *errors = apr_array_make(pool, 2, sizeof(uk_field_error_t));
    memset(spec, 0, sizeof(*spec));
    if (!object) {
        return -1;
    }
    read_members(pool, object, spec, *errors);
    json_decref(object);
    return 0;
}

/* A JSON Pointer, RFC 6901 section 3. */
static const char *pointer_to(apr_pool_t *pool, const char *name)
{
    char *pointer = apr_palloc(pool, 2 * strlen(name) + 2);
    char *to = pointer;

    for (*to++ = '/'; *name; name++) {
        if (*name == '~' || *name == '/') {
            *to++ = '~';
            *to++ = *name == '~' ? '0' : '1';
        }
        else {
            *to++ = *name;
        }
    }
    *to = '\0';
    return pointer;
}

/* The members of an object, as bits of a table; an error for each other one. */
typedef struct {
    const char *name;
    unsigned bit;
} member_t;

/* @return 0 if there is no such member */
static unsigned bit_of(const char *name, const member_t *members, size_t count)
{
    size_t i = 0;

    while (i < count && strcmp(name, members[i].name) != 0) {
        i++;
    }
    return i < count ? members[i].bit : 0;
}

static unsigned find_members(apr_pool_t *pool, json_t *object,
                             const member_t *members, size_t count,
                             apr_array_header_t *errors)
{
    unsigned found = 0, bit;
    const char *name;
    json_t *value;

    json_object_foreach(object, name, value)
    {
        bit = bit_of(name, members, count);
        found |= bit;
        if (!bit) {
            uk_field_error_add(errors, pointer_to(pool, name), "unknown-member",
                               "there is no such member here");
        }
    }
    return found;
}

static int read_disabled(const json_t *object, apr_array_header_t *errors)
{
    const json_t *value = json_object_get(object, "disabled");

    if (value && !json_is_boolean(value) && !json_is_null(value)) {
        add_type_error(errors, "/disabled", "this must be true or false");
    }
    return json_is_true(value);
}

int uk_json_read_change(apr_pool_t *pool, const char *body, apr_size_t len,
                        uk_key_spec_t *spec, apr_array_header_t **errors,
                        const char **error)
{
    static const member_t members[] = {
        {"name", UK_SPEC_NAME},         {"scopes", UK_SPEC_SCOPES},
        {"expiresAt", UK_SPEC_EXPIRY},  {"addresses", UK_SPEC_ADDRESSES},
        {"disabled", UK_SPEC_DISABLED},
    };
    json_t *object = uk_json_read_object(pool, body, len, error);

    *errors = apr_array_make(pool, 2, sizeof(uk_field_error_t));
    memset(spec, 0, sizeof(*spec));
    if (!object) {
        return -1;
    }
    spec->sent = find_members(pool, object, members,
                              sizeof(members) / sizeof(members[0]), *errors);
    read_members(pool, object, spec, *errors);
    spec->disabled = read_disabled(object, *errors);
    if (json_object_size(object) == 0) {
        *error = "The body names nothing to change.";
    }
    json_decref(object);
    return *error ? -1 : 0;
}

static void read_overlap(const json_t *value, uk_rotation_t *rotation,
                         apr_array_header_t *errors)
{
    json_int_t seconds = json_integer_value(value);

    if (!value) {
        return;
    }
    if (!json_is_integer(value) || seconds < 0 || seconds > UK_OVERLAP_MAX) {
        uk_field_error_add(
            errors, "/overlapSeconds", "invalid-overlap",
            "an overlap is a whole number of seconds from 0 to " APR_STRINGIFY(
                UK_OVERLAP_MAX));
        return;
    }
    rotation->overlap = (int)seconds;
}

int uk_json_read_rotation(apr_pool_t *pool, const char *body, apr_size_t len,
                          uk_rotation_t *rotation, apr_array_header_t **errors,
                          const char **error)
{
    static const member_t members[] = {{"overlapSeconds", 1}, {"ifPrefix", 1}};
    json_t *object = uk_json_read_object(pool, body, len, error);

    *errors = apr_array_make(pool, 2, sizeof(uk_field_error_t));
    if (!object) {
        return -1;
    }
    (void)find_members(pool, object, members,
                       sizeof(members) / sizeof(members[0]), *errors);
    read_overlap(json_object_get(object, "overlapSeconds"), rotation, *errors);
    rotation->if_prefix = read_string(pool, object, "ifPrefix", *errors);
    json_decref(object);
    return 0;
}

static json_t *make_meta(const uk_context_t *ctx)
{
    char timestamp[UK_INSTANT_STRING_LEN + 1];

    uk_instant_format(ctx->now, timestamp);
    return json_pack("{s:s, s:s}", "requestId", ctx->request_id, "timestamp",
                     timestamp);
}

static const char *envelope(const uk_context_t *ctx, json_t *data, json_t *meta)
{
    return uk_json_dump(ctx->r->pool,
                        json_pack("{s:o, s:o}", "data", data, "meta", meta));
}

/* {"data":{"apiKeys":[…]},"meta":{…,"pagination":{…}}} */
static const char *json_keys(const uk_context_t *ctx, const uk_slice_t *slice)
{
    json_t *meta = make_meta(ctx);

    json_object_set_new(meta, "pagination",
                        json_pack("{s:s?, s:s?, s:i, s:i}", "next", slice->next,
                                  "prev", slice->prev, "perPage",
                                  slice->per_page, "total", slice->total));
    return envelope(
        ctx,
        json_pack("{s:o}", "apiKeys", uk_json_from_keys(slice->keys, ctx->now)),
        meta);
}

/* {"data":{"events":[…]},"meta":{…,"pagination":{…}}}; nobody counts them. */
static const char *json_events(const uk_context_t *ctx,
                               const uk_event_page_t *page)
{
    json_t *meta = make_meta(ctx);

    json_object_set_new(meta, "pagination", uk_event_page_pagination(page));
    return envelope(
        ctx, json_pack("{s:o}", "events", uk_event_page_events(page)), meta);
}

/* {"data":{"apiKey":{…}},"meta":{…}} */
static const char *json_key(const uk_context_t *ctx, const uk_key_t *key)
{
    return envelope(
        ctx, json_pack("{s:o}", "apiKey", uk_json_from_key(key, ctx->now)),
        make_meta(ctx));
}

static const char *json_changed(const uk_context_t *ctx, const uk_key_t *key,
                                unsigned changed, int *status)
{
    (void)changed;
    *status = HTTP_OK;
    return json_key(ctx, key);
}

/* {"data":{"apiKey":{…},"key":"uptime_…"},"meta":{…}} */
static const char *json_created(const uk_context_t *ctx, const uk_key_t *key,
                                const char *token)
{
    return envelope(ctx,
                    json_pack("{s:o, s:s}", "apiKey",
                              uk_json_from_key(key, ctx->now), "key", token),
                    make_meta(ctx));
}

/* {"data":{"apiKey":{…},"key":"uptime_…","ended":[…]},"meta":{…}} */
static const char *json_rotated(const uk_context_t *ctx,
                                const uk_rotated_t *rotated, const char *token)
{
    json_t *ended = json_array();
    size_t i;

    for (i = 0; i < 2 && rotated->ended[i]; i++) {
        json_array_append_new(ended, uk_json_string(rotated->ended[i]));
    }
    return envelope(ctx,
                    json_pack("{s:o, s:s, s:o}", "apiKey",
                              uk_json_from_key(rotated->key, ctx->now), "key",
                              token, "ended", ended),
                    make_meta(ctx));
}

/* {"data":{"deleted":true},"meta":{…}} */
static const char *json_deleted(const uk_context_t *ctx, int *status)
{
    *status = HTTP_OK;
    return envelope(ctx, json_pack("{s:b}", "deleted", 1), make_meta(ctx));
}

static const char *json_problem(const uk_context_t *ctx,
                                const uk_problem_document_t *problem)
{
    return uk_problem_document_write(ctx->r->pool, problem);
}

const uk_view_t uk_json_view = {
    .type = "application/json",
    .problem_type = "application/problem+json",
    .keys = json_keys,
    .key = json_key,
    .changed = json_changed,
    .created = json_created,
    .rotated = json_rotated,
    .deleted = json_deleted,
    .events = json_events,
    .problem = json_problem,
};

const char *uk_json_write_self(const uk_context_t *ctx, const uk_key_t *key)
{
    return envelope(ctx,
                    json_pack("{s:o, s:o}", "apiKey",
                              uk_json_from_key(key, ctx->now), "team",
                              uk_json_string(key->team)),
                    make_meta(ctx));
}

const char *uk_json_write_scope_list(const uk_context_t *ctx)
{
    return envelope(ctx,
                    json_pack("{s:o}", "scopes",
                              uk_json_from_catalogue(uk_config_catalogue())),
                    make_meta(ctx));
}

static json_t *scope_names(void)
{
    const uk_catalogue_t *catalogue = uk_config_catalogue();
    json_t *names = json_array();
    int i;

    for (i = 0; i < uk_catalogue_size(catalogue); i++) {
        json_array_append_new(
            names, json_string(uk_catalogue_get(catalogue, i)->name));
    }
    return names;
}

const char *uk_json_write_openapi(const uk_context_t *ctx)
{
    json_t *document = json_loads(uk_asset_openapi_json, 0, NULL);
    json_t *schemas =
        json_object_get(json_object_get(document, "components"), "schemas");

    json_object_set_new(document, "servers",
                        json_pack("[{s:s}]", "url", ctx->url));
    json_object_set_new(json_object_get(schemas, "Scope"), "enum",
                        scope_names());
    return uk_json_dump(ctx->r->pool, document);
}
