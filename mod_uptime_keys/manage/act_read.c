/* SPDX-License-Identifier: Apache-2.0 */
/* GET: lists and single resources. */
#include "manage/actions.h"

#include "store/keys.h"
#include "httpd/request.h"
#include "manage/etag.h"
#include "manage/html_view.h"
#include "manage/json.h"
#include "manage/lookup.h"
#include "manage/response.h"
#include "manage/view.h"

static void add_slice_link(const uk_context_t *ctx, const uk_slice_t *slice,
                           const char *cursor, const char *rel)
{
    if (cursor) {
        uk_response_add_link(ctx, uk_context_slice_url(ctx, slice, cursor),
                             rel);
    }
}

int uk_act_list_keys(uk_context_t *ctx)
{
    apr_array_header_t *keys;
    uk_slice_t slice;
    int result;

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
    result = uk_lookup_rotations(ctx, slice.keys);
    if (result != OK) {
        return result;
    }
    add_slice_link(ctx, &slice, slice.next, "next");
    add_slice_link(ctx, &slice, slice.prev, "prev");
    return uk_respond(ctx, HTTP_OK, ctx->view->keys(ctx, &slice));
}

int uk_act_show_key(uk_context_t *ctx)
{
    uk_key_t *key;
    int result = uk_lookup_key(ctx, &key);

    if (result != OK) {
        return result;
    }
    uk_etag_set(ctx, key);
    return uk_respond(ctx, HTTP_OK, ctx->view->key(ctx, key));
}

/* A key's own record. */
int uk_act_show_self(uk_context_t *ctx)
{
    uk_key_t *key;
    uk_outcome_e outcome =
        uk_store_key_by_id(&ctx->db, ctx->principal->id, &key);

    if (outcome == UK_NOT_FOUND) {
        return uk_respond_unauthorized(ctx);
    }
    if (outcome != UK_OK) {
        return uk_respond_unavailable(ctx);
    }
    ctx->view = &uk_json_view;
    return uk_respond(ctx, HTTP_OK, uk_json_write_self(ctx, key));
}

/* There is no page of these: a browser gets JSON too. */
int uk_act_list_scopes(uk_context_t *ctx)
{
    ctx->view = &uk_json_view;
    return uk_respond(ctx, HTTP_OK, uk_json_write_scope_list(ctx));
}

int uk_act_show_openapi(uk_context_t *ctx)
{
    ctx->view = &uk_json_view;
    return uk_respond(ctx, HTTP_OK, uk_json_write_openapi(ctx));
}
