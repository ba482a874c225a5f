/* SPDX-License-Identifier: Apache-2.0 */
/* The routes of the management endpoints, and what they do. */
#include "manage/actions.h"

#include <string.h>

#include "core/secret.h"
#include "store/issue.h"
#include "httpd/config.h"
#include "httpd/lease.h"
#include "manage/auth.h"
#include "manage/body.h"
#include "manage/form.h"
#include "manage/html_view.h"
#include "manage/json.h"
#include "manage/response.h"
#include "manage/view.h"

static const char *slice_url(const uk_context_t *ctx, const uk_slice_t *slice,
                             const char *cursor, const char *rel)
{
    apr_pool_t *pool = ctx->r->pool;

    return apr_psprintf(pool, "<%s?perPage=%d&cursor=%s%s>; rel=\"%s\"",
                        ctx->url, slice->per_page,
                        ap_escape_urlencoded(pool, cursor),
                        uk_context_team_query(ctx), rel);
}

static void set_links(const uk_context_t *ctx, const uk_slice_t *slice)
{
    apr_table_t *headers = ctx->r->headers_out;

    if (slice->next) {
        apr_table_addn(headers, "Link",
                       slice_url(ctx, slice, slice->next, "next"));
    }
    if (slice->prev) {
        apr_table_addn(headers, "Link",
                       slice_url(ctx, slice, slice->prev, "prev"));
    }
}

static int list_keys(uk_context_t *ctx)
{
    apr_array_header_t *keys;
    uk_slice_t slice;

    if (uk_store_keys_of_team(&ctx->db, ctx->team, &keys) != UK_OK) {
        return uk_respond_unavailable(ctx);
    }
    if (uk_slice_paginate(ctx->r->pool, keys,
                          apr_table_get(ctx->query, "perPage"),
                          apr_table_get(ctx->query, "cursor"), &slice)
        != 0) {
        return uk_respond_problem(ctx, UK_PROBLEM_BAD_REQUEST,
                                  "perPage is a number from 1 to 200, cursor "
                                  "what another page gave as next or prev.");
    }
    set_links(ctx, &slice);
    return uk_respond(ctx, HTTP_OK, ctx->view->keys(ctx, &slice));
}

static int has_error_at(const apr_array_header_t *errors, const char *pointer)
{
    int i;

    for (i = 0; i < errors->nelts; i++) {
        if (strcmp(APR_ARRAY_IDX(errors, i, uk_field_error_t).pointer, pointer)
            == 0) {
            return 1;
        }
    }
    return 0;
}

/* A member of a wrong type also counts as missing: report only the first. */
static void add_errors(apr_array_header_t *errors,
                       const apr_array_header_t *more)
{
    int i;

    for (i = 0; i < more->nelts; i++) {
        uk_field_error_t error = APR_ARRAY_IDX(more, i, uk_field_error_t);

        if (!has_error_at(errors, error.pointer)) {
            APR_ARRAY_PUSH(errors, uk_field_error_t) = error;
        }
    }
}

static int read_json(uk_context_t *ctx, uk_key_spec_t *spec,
                     apr_array_header_t **errors)
{
    const char *error;
    apr_size_t len;
    char *body;
    int result = uk_body_read(ctx, "application/json", &body, &len);

    if (result == OK
        && uk_json_read_spec(ctx->r->pool, body, len, spec, errors, &error)
               != 0) {
        return uk_respond_problem(ctx, UK_PROBLEM_BAD_REQUEST, error);
    }
    return result;
}

static int read_form(uk_context_t *ctx, uk_key_spec_t *spec,
                     apr_array_header_t **errors)
{
    uk_form_t *form;
    apr_size_t len;
    char *body;
    int result = uk_body_read(ctx, UK_FORM_TYPE, &body, &len);

    if (result != OK) {
        return result;
    }
    if (strlen(body) != len || uk_form_read(ctx, body, &form, errors) != 0) {
        return uk_respond_problem(ctx, UK_PROBLEM_BAD_REQUEST,
                                  "The form is damaged.");
    }
    ctx->form = form;
    *spec = form->spec;
    return OK;
}

/* Read and check the body. @return OK; else the request is answered */
static int read_spec(uk_context_t *ctx, uk_key_t *key)
{
    apr_array_header_t *errors, *more;
    uk_key_spec_t spec;
    int result = uk_body_has_type(ctx, UK_FORM_TYPE)
                     ? read_form(ctx, &spec, &errors)
                     : read_json(ctx, &spec, &errors);

    if (result != OK) {
        return result;
    }
    uk_key_spec_validate(ctx->r->pool, uk_config_catalogue(), &spec, ctx->now,
                         key, &more);
    add_errors(errors, more);
    return errors->nelts ? uk_respond_invalid(ctx, errors)
                         : uk_auth_may_create(ctx, key);
}

static uk_actor_t actor_of(const uk_context_t *ctx)
{
    return (uk_actor_t){ctx->actor, ctx->r->useragent_ip, ctx->now};
}

/* A user name can contain anything: httpd escapes what it logs. */
static void log_change(const uk_context_t *ctx, const char *action,
                       const char *id)
{
    ap_log_rerror(APLOG_MARK, APLOG_NOTICE, 0, ctx->r,
                  UKLOGNO(0040) "key %s of team %s %s by %s", id, ctx->team,
                  action, ctx->actor);
}

static int respond_created(uk_context_t *ctx, const uk_key_t *key,
                           const char *token)
{
    const char *path = apr_pstrcat(ctx->r->pool, "/", key->id, NULL);

    apr_table_setn(ctx->r->headers_out, "Location",
                   uk_context_url(ctx, path, ""));
    log_change(ctx, "created", key->id);
    return uk_respond(ctx, HTTP_CREATED, ctx->view->created(ctx, key, token));
}

static int respond_issued(uk_context_t *ctx, const uk_key_t *key, int limit,
                          uk_outcome_e outcome, const char *token)
{
    switch (outcome) {
    case UK_OK:
        return respond_created(ctx, key, token);
    case UK_LIMIT:
        return uk_respond_problem(
            ctx, UK_PROBLEM_LIMIT,
            apr_psprintf(ctx->r->pool,
                         "The team has its %d keys already, "
                         "expired ones included; delete one first.",
                         limit));
    case UK_EXISTS:
        return uk_respond_problem(ctx, UK_PROBLEM_CONFLICT, NULL);
    case UK_NOT_FOUND:
        return uk_respond_problem(ctx, UK_PROBLEM_NOT_FOUND, NULL);
    default:
        return uk_respond_unavailable(ctx);
    }
}

static int create_key(uk_context_t *ctx)
{
    const uk_actor_t actor = actor_of(ctx);
    int limit = uk_config_max_per_team(uk_server_config(ctx->r->server));
    char token[UK_TOKEN_LEN + 1];
    uk_outcome_e outcome;
    uk_key_t key;
    int result = read_spec(ctx, &key);

    if (result != OK) {
        return result;
    }
    /* A form contains the id, so that sending it twice creates one key. */
    key.id = ctx->form ? ctx->form->id : NULL;
    key.team = ctx->team;
    outcome = uk_issue_key(&ctx->db, &actor, &key, limit, token);
    result = respond_issued(ctx, &key, limit, outcome, token);
    uk_secret_wipe(token, sizeof(token));
    return result;
}

static int show_key(uk_context_t *ctx)
{
    uk_key_t *key;
    uk_outcome_e outcome = uk_store_key_by_id(&ctx->db, ctx->id, &key);

    if (outcome == UK_UNAVAILABLE) {
        return uk_respond_unavailable(ctx);
    }
    if (outcome != UK_OK || strcmp(key->team, ctx->team) != 0) {
        return uk_respond_problem(ctx, UK_PROBLEM_NOT_FOUND, NULL);
    }
    return uk_respond(ctx, HTTP_OK, ctx->view->key(ctx, key));
}

static int respond_deleted(uk_context_t *ctx)
{
    const char *document;
    int status;

    log_change(ctx, "deleted", ctx->id);
    document = ctx->view->deleted(ctx, &status);
    return uk_respond(ctx, status, document);
}

static int delete_key(uk_context_t *ctx)
{
    const uk_actor_t actor = actor_of(ctx);
    const uk_own_cache_t own = uk_lease_own_cache(ctx->r->server);

    switch (uk_revoke_key(&ctx->db, &actor, &own, ctx->team, ctx->id)) {
    case UK_OK:
        return respond_deleted(ctx);
    case UK_NOT_FOUND:
        return uk_respond_problem(ctx, UK_PROBLEM_NOT_FOUND, NULL);
    default:
        return uk_respond_unavailable(ctx);
    }
}

/* There is no page of these: a browser gets JSON too. */
static int list_scopes(uk_context_t *ctx)
{
    ctx->view = &uk_json_view;
    return uk_respond(ctx, HTTP_OK, uk_json_write_scope_list(ctx));
}

static int show_openapi(uk_context_t *ctx)
{
    ctx->view = &uk_json_view;
    return uk_respond(ctx, HTTP_OK, uk_json_write_openapi(ctx));
}

#define READ_SCOPE "api-keys:read"
#define WRITE_SCOPE "api-keys:write"

/* clang-format off */
static const uk_route_t routes[] = {
    {UK_RESOURCE_COLLECTION, M_GET, READ_SCOPE, 0, list_keys, NULL},
    {UK_RESOURCE_COLLECTION, M_POST, WRITE_SCOPE, 1, create_key, NULL},
    {UK_RESOURCE_ITEM, M_GET, READ_SCOPE, 0, show_key, NULL},
    {UK_RESOURCE_ITEM, M_DELETE, WRITE_SCOPE, 1, delete_key, NULL},
    /* HTML forms cannot send DELETE. */
    {UK_RESOURCE_ITEM, M_POST, WRITE_SCOPE, 1, delete_key, &uk_html_view},
    {UK_RESOURCE_SCOPES, M_GET, UK_EITHER_SCOPE, 0, list_scopes, NULL},
    {UK_RESOURCE_OPENAPI, M_GET, UK_EITHER_SCOPE, 0, show_openapi, NULL},
};
/* clang-format on */

const uk_route_t *uk_route_find(const uk_context_t *ctx, uk_resource_e resource)
{
    size_t i;

    for (i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
        const uk_route_t *route = &routes[i];

        if (route->resource == resource
            && route->method == ctx->r->method_number
            && (!route->only || route->only == ctx->view)) {
            return route;
        }
    }
    return NULL;
}

const char *uk_route_allowed(apr_pool_t *pool, uk_resource_e resource)
{
    const char *allowed = "GET, HEAD";
    size_t i;

    for (i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
        const uk_route_t *route = &routes[i];

        if (route->resource == resource && route->method != M_GET
            && !route->only) {
            allowed = apr_pstrcat(pool, allowed, ", ",
                                  ap_method_name_of(pool, route->method), NULL);
        }
    }
    return allowed;
}
