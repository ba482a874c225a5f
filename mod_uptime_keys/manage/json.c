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
    APR_ARRAY_PUSH(errors, uk_field_error_t) =
        (uk_field_error_t){pointer, "invalid-type", message};
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

static apr_array_header_t *read_scopes(apr_pool_t *pool, const json_t *object,
                                       apr_array_header_t *errors)
{
    const json_t *array = json_object_get(object, "scopes");
    apr_array_header_t *scopes = apr_array_make(pool, 8, sizeof(char *));
    json_t *item;
    size_t i;

    if (array && !json_is_array(array) && !json_is_null(array)) {
        add_type_error(errors, "/scopes", "this must be an array of strings");
    }
    json_array_foreach(array, i, item) {
        if (!json_is_string(item)) {
            add_type_error(errors,
                           apr_psprintf(pool, "/scopes/%" APR_SIZE_T_FMT, i),
                           "this must be a string");
        }
        APR_ARRAY_PUSH(scopes, const char *) =
            json_is_string(item) ? apr_pstrdup(pool, json_string_value(item))
                                 : "";
    }
    return scopes;
}

int uk_json_read_spec(apr_pool_t *pool, const char *body, apr_size_t len,
                      uk_key_spec_t *spec, apr_array_header_t **errors,
                      const char **error)
{
    json_error_t where;
    json_t *object = json_loadb(body, len, JSON_REJECT_DUPLICATES, &where);

    *errors = apr_array_make(pool, 2, sizeof(uk_field_error_t));
    *error = NULL;
    memset(spec, 0, sizeof(*spec));
    if (!object) {
        *error = apr_psprintf(pool, "The body is not JSON: line %d, column %d.",
                              where.line, where.column);
    }
    else if (!json_is_object(object)) {
        *error = "The body must be a JSON object.";
    }
    else {
        spec->name = read_string(pool, object, "name", *errors);
        spec->scopes = read_scopes(pool, object, *errors);
        spec->expires = read_string(pool, object, "expiresAt", *errors);
    }
    json_decref(object);
    return *error ? -1 : 0;
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
        ctx, json_pack("{s:o}", "apiKeys", uk_json_from_keys(slice->keys)),
        meta);
}

/* {"data":{"apiKey":{…}},"meta":{…}} */
static const char *json_key(const uk_context_t *ctx, const uk_key_t *key)
{
    return envelope(ctx, json_pack("{s:o}", "apiKey", uk_json_from_key(key)),
                    make_meta(ctx));
}

/* {"data":{"apiKey":{…},"key":"uptime_…"},"meta":{…}} */
static const char *json_created(const uk_context_t *ctx, const uk_key_t *key,
                                const char *token)
{
    return envelope(
        ctx,
        json_pack("{s:o, s:s}", "apiKey", uk_json_from_key(key), "key", token),
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
    .created = json_created,
    .deleted = json_deleted,
    .problem = json_problem,
};

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
