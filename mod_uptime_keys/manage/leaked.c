/* SPDX-License-Identifier: Apache-2.0 */
/* SetHandler uptime-keys-leaked: whoever holds a secret may end it. */
#include "manage/leaked.h"

#include <apr_hash.h>

#include "core/json_values.h"
#include "core/key_spec.h"
#include "core/token.h"
#include "store/leak.h"
#include "httpd/config.h"
#include "httpd/lease.h"
#include "httpd/request.h"
#include "manage/body.h"
#include "manage/csrf.h"
#include "manage/json.h"
#include "manage/outcome.h"
#include "manage/response.h"

#define POINTER "/credentials"
/* The actor of a report without a login, in uptime_audit. */
#define REPORTER "leak report"

/* It tells nobody which secrets exist. */
static const char received[] = "{\"data\":{\"received\":true}}";

/* Whether a string is looked up. */
static int may_be_key(const uk_context_t *ctx, const char *string)
{
    switch (uk_token_check(string, strlen(string))) {
    case UK_TOKEN_GOOD:
        return 1;
    case UK_TOKEN_BAD_CHECKSUM:
        return !uk_config_require_checksum(uk_server_config(ctx->r->server));
    default:
        return 0;
    }
}

/* The hashes of what may be a key, each once. */
static apr_array_header_t *find_leaks(const uk_context_t *ctx,
                                      const json_t *credentials)
{
    apr_pool_t *pool = ctx->r->pool;
    apr_array_header_t *leaks = apr_array_make(pool, 8, sizeof(uk_leak_t));
    apr_hash_t *known = apr_hash_make(pool);
    const json_t *item;
    size_t i;

    json_array_foreach(credentials, i, item) {
        const char *string = json_string_value(item);

        if (may_be_key(ctx, string)
            && !apr_hash_get(known, string, UK_TOKEN_LEN)) {
            uk_leak_t *leak = apr_array_push(leaks);

            apr_hash_set(known, string, UK_TOKEN_LEN, string);
            uk_secret_hash(string, UK_TOKEN_LEN, leak->hash);
        }
    }
    return leaks;
}

static void check_items(apr_pool_t *pool, const json_t *credentials,
                        apr_array_header_t *errors)
{
    const json_t *item;
    size_t i;

    json_array_foreach(credentials, i, item) {
        if (!json_is_string(item)) {
            uk_field_error_add(
                errors, apr_psprintf(pool, POINTER "/%" APR_SIZE_T_FMT, i),
                "invalid-type", "this must be a string");
        }
    }
}

/* @return uk_field_error_ts */
static apr_array_header_t *check_credentials(apr_pool_t *pool,
                                             const json_t *credentials)
{
    apr_array_header_t *errors =
        apr_array_make(pool, 2, sizeof(uk_field_error_t));

    if (!json_is_array(credentials)) {
        uk_field_error_add(errors, POINTER,
                           credentials ? "invalid-type" : "required",
                           "this must be an array of strings");
    }
    else if (json_array_size(credentials) > UK_LEAKED_MAX) {
        uk_field_error_add(errors, POINTER, "too-many",
                           "at most " APR_STRINGIFY(
                               UK_LEAKED_MAX) " credentials in a request");
    }
    else {
        check_items(pool, credentials, errors);
    }
    return errors;
}

static void log_ended(uk_context_t *ctx, const apr_array_header_t *leaks)
{
    int i;

    for (i = 0; i < leaks->nelts; i++) {
        const uk_leak_t *leak = &APR_ARRAY_IDX(leaks, i, uk_leak_t);

        if (leak->is_ended) {
            ctx->team = leak->team;
            uk_outcome_log(ctx,
                           leak->is_previous ? "lost its old secret, which "
                                               "leaked, reported"
                                             : "disabled, because it leaked, "
                                               "reported",
                           leak->id);
        }
    }
}

static int end_leaks(uk_context_t *ctx, apr_array_header_t *leaks)
{
    const uk_actor_t actor = uk_outcome_actor(ctx);
    const uk_own_cache_t own = uk_lease_own_cache(ctx->r->server);

    if (leaks->nelts > 0
        && uk_leaks_end(&ctx->db, &actor, &own, leaks) != UK_OK) {
        return uk_respond_unavailable(ctx);
    }
    log_ended(ctx, leaks);
    return uk_respond(ctx, HTTP_ACCEPTED, received);
}

static void wipe_strings(const json_t *array)
{
    json_t *item;
    size_t i;

    json_array_foreach(array, i, item) {
        uk_secret_wipe((char *)json_string_value(item),
                       json_string_length(item));
    }
}

static int report_object(uk_context_t *ctx, const json_t *object)
{
    const json_t *credentials = json_object_get(object, "credentials");
    apr_array_header_t *errors = check_credentials(ctx->r->pool, credentials);

    return errors->nelts ? uk_respond_invalid(ctx, errors)
                         : end_leaks(ctx, find_leaks(ctx, credentials));
}

static int report_body(uk_context_t *ctx, const char *body, apr_size_t len)
{
    const char *error;
    json_t *object = uk_json_read_object(ctx->r->pool, body, len, &error);
    int result;

    if (!object) {
        return uk_respond_problem(ctx, UK_PROBLEM_BAD_REQUEST, error);
    }
    result = report_object(ctx, object);
    wipe_strings(json_object_get(object, "credentials"));
    json_decref(object);
    return result;
}

int uk_leaked_report(uk_context_t *ctx)
{
    request_rec *r = ctx->r;
    apr_size_t len;
    char *body;
    int result = uk_csrf_check(ctx);

    if (result == OK) {
        result = uk_body_read_up_to(ctx, UK_JSON_TYPE, UK_LEAKED_BODY_MAX,
                                    &body, &len);
    }
    if (result != OK) {
        return result;
    }
    ctx->actor =
        uk_request_has_user(r) ? apr_pstrdup(r->pool, r->user) : REPORTER;
    result = report_body(ctx, body, len);
    uk_secret_wipe(body, len);
    return result;
}
