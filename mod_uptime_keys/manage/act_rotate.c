/* SPDX-License-Identifier: Apache-2.0 */
/* POST …/rotate: a new secret for a key. */
#include "core/secret.h"
#include "store/rotate.h"
#include "httpd/config.h"
#include "httpd/lease.h"
#include "manage/actions.h"
#include "manage/auth.h"
#include "manage/body.h"
#include "manage/etag.h"
#include "manage/form.h"
#include "manage/json.h"
#include "manage/outcome.h"
#include "manage/response.h"
#include "manage/view.h"

/* A rotation, and why it is refused. */
typedef struct {
    const uk_context_t *ctx;
    const char *refusal;
} rotation_request_t;

/* A body is optional. */
static int read_rotation_json(uk_context_t *ctx, uk_rotation_t *rotation,
                              apr_array_header_t **errors)
{
    int has_type = apr_table_get(ctx->r->headers_in, "Content-Type") != NULL;
    const char *error;
    apr_size_t len;
    char *body;
    int result = uk_body_read(ctx, has_type ? UK_JSON_TYPE : NULL, &body, &len);

    *errors = NULL;
    if (result != OK || !len) {
        return result;
    }
    if (!has_type) {
        return uk_respond_problem(ctx, UK_PROBLEM_MEDIA_TYPE, NULL);
    }
    return uk_json_read_rotation(ctx->r->pool, body, len, rotation, errors,
                                 &error)
                   == 0
               ? OK
               : uk_respond_problem(ctx, UK_PROBLEM_BAD_REQUEST, error);
}

static int read_rotation_form(uk_context_t *ctx, uk_rotation_t *rotation,
                              apr_array_header_t **errors)
{
    char *body;
    int result = uk_form_receive(ctx, &body);

    if (result != OK) {
        return result;
    }
    return uk_form_read_rotation(ctx->r->pool, body, rotation, errors) == 0
               ? OK
               : uk_form_refuse(ctx);
}

/* Read and check the body. @return OK; else the request is answered */
static int read_rotation(uk_context_t *ctx, uk_rotation_t *rotation)
{
    apr_array_header_t *errors;
    int result = uk_body_has_type(ctx, UK_FORM_TYPE)
                     ? read_rotation_form(ctx, rotation, &errors)
                     : read_rotation_json(ctx, rotation, &errors);

    return result == OK && errors && errors->nelts
               ? uk_respond_invalid(ctx, errors)
               : result;
}

static int may_rotate(const uk_key_t *key, void *baton)
{
    rotation_request_t *rotate = baton;

    rotate->refusal = uk_auth_refusal_to_act(rotate->ctx, key);
    return !rotate->refusal;
}

static int respond_rotated(uk_context_t *ctx, const uk_rotated_t *rotated,
                           const char *token)
{
    uk_outcome_log(ctx, "rotated", ctx->id);
    uk_etag_set(ctx, rotated->key);
    return uk_respond(ctx, HTTP_OK, ctx->view->rotated(ctx, rotated, token));
}

static uk_rotation_t preset_rotation(rotation_request_t *rotate)
{
    const uk_context_t *ctx = rotate->ctx;
    const uk_server_config_t *config = uk_server_config(ctx->r->server);

    return (uk_rotation_t){.team = ctx->team,
                           .id = ctx->id,
                           .overlap = uk_config_rotate_overlap(config),
                           .lifetimes = uk_config_lifetimes(config),
                           .may_rotate = may_rotate,
                           .baton = rotate};
}

int uk_act_rotate_key(uk_context_t *ctx)
{
    const uk_own_cache_t own = uk_lease_own_cache(ctx->r->server);
    rotation_request_t rotate = {ctx, NULL};
    uk_rotation_t rotation = preset_rotation(&rotate);
    char token[UK_TOKEN_LEN + 1];
    uk_rotated_t rotated;
    uk_outcome_e outcome;
    uk_actor_t actor;
    int result = read_rotation(ctx, &rotation);

    if (result != OK) {
        return result;
    }
    actor = uk_outcome_actor(ctx);
    outcome = uk_rotate_key(&ctx->db, &actor, &own, &rotation, &rotated, token);
    result = outcome == UK_OK
                 ? respond_rotated(ctx, &rotated, token)
                 : uk_outcome_respond(ctx, outcome,
                                      outcome == UK_REFUSED ? rotate.refusal
                                                            : rotated.conflict);
    uk_secret_wipe(token, sizeof(token));
    return result;
}
