/* SPDX-License-Identifier: Apache-2.0 */
/* The management endpoints: from method and path to an action. */
#include "manage/handler.h"

#include <string.h>
#include <util_script.h>

#include "core/keyid.h"
#include "httpd/config.h"
#include "httpd/dbd.h"
#include "httpd/problem.h"
#include "httpd/request.h"
#include "httpd/requirements.h"
#include "manage/accept.h"
#include "manage/assets.h"
#include "manage/auth.h"
#include "manage/body.h"
#include "manage/csrf.h"
#include "manage/html_view.h"
#include "manage/json.h"
#include "manage/leaked.h"
#include "manage/response.h"
#include "manage/routes.h"

/* Of UK_ASSET_FOLDER without its final slash. */
#define ASSETS_LEN ((int)sizeof(UK_ASSET_FOLDER) - 2)

static int respond_malformed_id(uk_context_t *ctx)
{
    apr_array_header_t *errors =
        apr_array_make(ctx->r->pool, 1, sizeof(uk_field_error_t));

    APR_ARRAY_PUSH(errors, uk_field_error_t) =
        (uk_field_error_t){"/id", "invalid-id",
                           "the id of a key looks like "
                           "key_01h455vb4pex5vsknk084sn02q"};
    return uk_respond_invalid(ctx, errors);
}

/* The resources that have a name of their own, below the base. */
static const struct {
    const char *path;
    uk_resource_e resource;
} names[] = {
    {"/scopes", UK_RESOURCE_SCOPES},
    {"/openapi.json", UK_RESOURCE_OPENAPI},
    {"/self", UK_RESOURCE_SELF},
    {"/audit", UK_RESOURCE_AUDIT},
};

/* UK_RESOURCE_NOTHING: the path is not the name of one. */
static uk_resource_e find_named(const char *path)
{
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(path, names[i].path) == 0) {
            return names[i].resource;
        }
    }
    return UK_RESOURCE_NOTHING;
}

/* The resource at the rest of a key's path, "" or "/rotate". */
static uk_resource_e find_part(const char *rest)
{
    static const struct {
        const char *path;
        uk_resource_e resource;
    } parts[] = {
        {"", UK_RESOURCE_ITEM},
        {"/rotate", UK_RESOURCE_ROTATE},
        {"/edit", UK_RESOURCE_EDIT},
    };
    size_t i;

    for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (strcmp(rest, parts[i].path) == 0) {
            return parts[i].resource;
        }
    }
    return UK_RESOURCE_NOTHING;
}

/* The resource at "/ID" or "/ID/rotate". */
static uk_resource_e find_key_resource(uk_context_t *ctx, const char *rest)
{
    size_t id_len = *rest == '/' ? strcspn(rest + 1, "/") : 0;
    uk_resource_e resource =
        id_len ? find_part(rest + 1 + id_len) : UK_RESOURCE_NOTHING;

    if (resource != UK_RESOURCE_NOTHING) {
        ctx->id = apr_pstrmemdup(ctx->r->pool, rest + 1, id_len);
    }
    return resource;
}

/* The resource at the rest of a path, which follows the base. Sets ctx->id if it
 * is one of a key. */
static uk_resource_e find_resource(uk_context_t *ctx, const char *rest)
{
    uk_resource_e resource = find_named(rest);

    if (resource != UK_RESOURCE_NOTHING) {
        return resource;
    }
    if (!*rest || strcmp(rest, "/") == 0) {
        return UK_RESOURCE_COLLECTION;
    }
    if (strncmp(rest, UK_ASSET_FOLDER, strlen(UK_ASSET_FOLDER)) == 0) {
        return UK_RESOURCE_ASSET;
    }
    return find_key_resource(ctx, rest);
}

static const char *without_slash(apr_pool_t *pool, const char *path)
{
    size_t len = strlen(path);

    while (len > 0 && path[len - 1] == '/') {
        len--;
    }
    return apr_pstrmemdup(pool, path, len);
}

static int is_below(const char *uri, const char *base)
{
    size_t len = strlen(base);

    return strncmp(uri, base, len) == 0 && (!uri[len] || uri[len] == '/');
}

/* The end of a path, from a slash on, if it names a resource below a base; else
 * NULL. */
static const char *subresource(const char *path)
{
    const char *last = ap_strrchr_c(path, '/');

    if (last && last - path >= ASSETS_LEN
        && strncmp(last - ASSETS_LEN, UK_ASSET_FOLDER, ASSETS_LEN + 1) == 0) {
        return last - ASSETS_LEN;
    }
    if (last && find_part(last) != UK_RESOURCE_NOTHING) {
        do {
            last = last > path ? last - 1 : NULL;
        } while (last && *last != '/');
    }
    return last
                   && (find_named(last) != UK_RESOURCE_NOTHING
                       || ap_cstr_casecmpn(last, "/key_", 5) == 0)
               ? last
               : NULL;
}

/* The base where SetHandler is in a section for a regular expression or a
 * directory, which does not contain it: the path without its subresource. */
static const char *infer_base(apr_pool_t *pool, const char *uri)
{
    const char *base = without_slash(pool, uri);
    const char *part = subresource(base);

    return part ? apr_pstrmemdup(pool, base, (apr_size_t)(part - base)) : base;
}

static const char *find_base(request_rec *r)
{
    const char *path = uk_config_managed_path(uk_dir_config(r));
    const char *base = path ? without_slash(r->pool, path) : NULL;

    return base && is_below(r->uri, base) ? base : infer_base(r->pool, r->uri);
}

/* Forms send a space as "+", which httpd does not know. */
static char *with_spaces(apr_pool_t *pool, const char *args)
{
    char *decoded = apr_palloc(pool, 3 * strlen(args) + 1);
    char *to = decoded;

    for (; *args; args++) {
        if (*args == '+') {
            memcpy(to, "%20", 3);
            to += 3;
        }
        else {
            *to++ = *args;
        }
    }
    *to = '\0';
    return decoded;
}

static void read_query(uk_context_t *ctx, request_rec *r)
{
    char *args = r->args;

    r->args = args ? with_spaces(r->pool, args) : NULL;
    ap_args_to_table(r, &ctx->query);
    r->args = args;
}

/* Fill in what the request itself contains; the database is not read yet. */
static void init_context(uk_context_t *ctx, request_rec *r)
{
    memset(ctx, 0, sizeof(*ctx));
    ctx->r = r;
    ctx->now = uk_instant_from_apr(apr_time_now());
    ctx->request_id = uk_problem_make_id(r->pool);
    ctx->base = find_base(r);
    ctx->url = ap_os_escape_path(r->pool, ctx->base, 1);
    ctx->view = !uk_config_takes_leaks(uk_dir_config(r)) && uk_accept_is_page(r)
                    ? &uk_html_view
                    : &uk_json_view;
    uk_dbd_open(&ctx->db, r->server, r->pool);
    read_query(ctx, r);
}

/* An id in upper case is well-formed, but no key has it. */
static int is_id(uk_context_t *ctx)
{
    char *lower = apr_pstrdup(ctx->r->pool, ctx->id);

    ap_str_tolower(lower);
    return uk_keyid_is_valid(lower);
}

/* A resource that is for browsers alone does not exist for others. */
static int respond_no_route(uk_context_t *ctx, uk_resource_e resource)
{
    const char *allowed = uk_route_allowed(ctx, resource);

    return allowed ? uk_respond_method(ctx, allowed)
                   : uk_respond_problem(ctx, UK_PROBLEM_NOT_FOUND, NULL);
}

/* The key was accepted for another place then, perhaps from the cache. A
 * previous secret, which may ask for itself alone, is as good as it was. */
static int is_redirected(const uk_context_t *ctx)
{
    return (ctx->r->prev || ctx->r->main) && ctx->scopes;
}

static int run_action(uk_context_t *ctx, uk_resource_e resource,
                      const uk_route_t *route)
{
    int result = uk_auth_identify(ctx, route ? route->scopes : UK_EITHER_SCOPE);

    if (result == OK && is_redirected(ctx)) {
        result = uk_auth_confirm(ctx);
    }
    if (result != OK) {
        return result;
    }
    if (!route) {
        return respond_no_route(ctx, resource);
    }
    if (route->is_change && (result = uk_csrf_check(ctx)) != OK) {
        return result;
    }
    if (ctx->id && !is_id(ctx)) {
        return respond_malformed_id(ctx);
    }
    return route->action(ctx);
}

/* The status of an error that httpd answers: it could not read the body. */
static uk_managed_e managed_by_status(int status)
{
    return ap_is_HTTP_SERVER_ERROR(status) ? UK_MANAGED_UNAVAILABLE
           : status == HTTP_UNAUTHORIZED || status == HTTP_FORBIDDEN
               ? UK_MANAGED_REFUSED
               : UK_MANAGED_INVALID;
}

/* @return the result, which is that of a handler */
static int count_call(const uk_context_t *ctx, uk_manage_action_e action,
                      int result)
{
    uk_figures_count_managed(
        ctx->r, action,
        ap_is_HTTP_ERROR(result) ? managed_by_status(result) : ctx->managed);
    return result;
}

static int run_counted(uk_context_t *ctx, uk_resource_e resource)
{
    const uk_route_t *route = uk_route_find(ctx, resource);
    int result = run_action(ctx, resource, route);

    return route ? count_call(ctx, route->counted, result) : result;
}

/* Assets need no authentication: pages that refuse a request use them, too. */
static int serve_resource(uk_context_t *ctx, const char *rest)
{
    uk_resource_e resource = find_resource(ctx, rest);

    if (resource != UK_RESOURCE_ASSET) {
        return run_counted(ctx, resource);
    }
    return ctx->r->method_number == M_GET
               ? uk_asset_serve(ctx, rest + strlen(UK_ASSET_FOLDER))
               : uk_respond_method(ctx, "GET, HEAD");
}

/* AddHandler, which .htaccess may contain, enables neither. */
static int takes_leaks(request_rec *r)
{
    return r->handler && strcmp(r->handler, UK_LEAKED_HANDLER) == 0
           && uk_config_takes_leaks(uk_dir_config(r));
}

static int manages_keys(request_rec *r)
{
    return r->handler && strcmp(r->handler, UK_HANDLER) == 0
           && uk_config_managed_path(uk_dir_config(r));
}

/* Another method is no report, and is not counted as one. */
static int take_leaks(uk_context_t *ctx)
{
    return ctx->r->method_number == M_POST
               ? count_call(ctx, UK_MANAGE_LEAK, uk_leaked_report(ctx))
               : uk_respond_method(ctx, "POST");
}

int uk_manage_handle(request_rec *r)
{
    uk_context_t ctx;

    if (!manages_keys(r) && !takes_leaks(r)) {
        return DECLINED;
    }
    if (uk_body_is_consumed(r)) {
        /* What the user wanted before the login, as far as that is known. */
        r->method = "GET";
        r->method_number = M_GET;
    }
    init_context(&ctx, r);
    if (uk_requirements_is_forked(r->server)) {
        apr_table_setn(r->err_headers_out, "Retry-After",
                       UK_RETRY_AFTER_SECONDS);
        return uk_respond_problem(&ctx, UK_PROBLEM_UNAVAILABLE, NULL);
    }
    if (takes_leaks(r)) {
        return take_leaks(&ctx);
    }
    /* A C string would end there, and the value be taken for another one. */
    if (r->args && strstr(r->args, "%00")) {
        return uk_respond_problem(&ctx, UK_PROBLEM_BAD_REQUEST,
                                  "A parameter holds a NUL.");
    }
    return serve_resource(&ctx, r->uri + strlen(ctx.base));
}

/* Before an error response, httpd reads the body of the request to its end,
 * unless the connection is then closed. */
static int has_body(const request_rec *r)
{
    return apr_table_get(r->headers_in, "Content-Length")
           || apr_table_get(r->headers_in, "Transfer-Encoding");
}

void uk_manage_insert_error_filter(request_rec *r)
{
    const uk_request_t *state = uk_request_find(r);
    uk_context_t ctx;

    if (!uk_config_managed_path(uk_dir_config(r))
        && !uk_config_takes_leaks(uk_dir_config(r))) {
        return;
    }
    init_context(&ctx, r);
    if (!state || !state->instance) {
        uk_response_replace_error(&ctx);
    }
    uk_response_set_headers(&ctx);
    if (has_body(r)) {
        r->connection->keepalive = AP_CONN_CLOSE;
    }
}
