/* SPDX-License-Identifier: Apache-2.0 */
/* POST: creating a key. */
#include "manage/actions.h"

#include "core/secret.h"
#include "store/issue.h"
#include "httpd/config.h"
#include "manage/auth.h"
#include "manage/body.h"
#include "manage/form.h"
#include "manage/json.h"
#include "manage/outcome.h"
#include "manage/response.h"
#include "manage/view.h"

static int read_spec_json(uk_context_t *ctx, uk_key_spec_t *spec,
                          apr_array_header_t **errors)
{
    const char *error;
    apr_size_t len;
    char *body;
    int result = uk_body_read(ctx, UK_JSON_TYPE, &body, &len);

    if (result == OK
        && uk_json_read_spec(ctx->r->pool, body, len, spec, errors, &error)
               != 0) {
        return uk_respond_problem(ctx, UK_PROBLEM_BAD_REQUEST, error);
    }
    return result;
}

static int read_spec_form(uk_context_t *ctx, uk_key_spec_t *spec,
                          apr_array_header_t **errors)
{
    uk_form_t *form;
    char *body;
    int result = uk_form_receive(ctx, &body);

    if (result != OK) {
        return result;
    }
    if (uk_form_read(ctx, body, &form, errors) != 0) {
        return uk_form_refuse(ctx);
    }
    ctx->form = form;
    *spec = form->spec;
    return OK;
}

/* Read and check the body. @return OK; else the request is answered */
static int read_spec(uk_context_t *ctx, uk_key_t *key)
{
    apr_array_header_t *errors, *more;
    uk_key_rules_t rules;
    uk_key_spec_t spec;
    int result = uk_body_has_type(ctx, UK_FORM_TYPE)
                     ? read_spec_form(ctx, &spec, &errors)
                     : read_spec_json(ctx, &spec, &errors);

    if (result != OK) {
        return result;
    }
    rules = uk_outcome_rules(ctx);
    uk_key_spec_validate(ctx->r->pool, &rules, &spec, key, &more);
    uk_outcome_add_errors(errors, more);
    return errors->nelts ? uk_respond_invalid(ctx, errors)
                         : uk_auth_may_give(ctx, key);
}

static int respond_created(uk_context_t *ctx, const uk_key_t *key,
                           const char *token)
{
    const char *path = apr_pstrcat(ctx->r->pool, "/", key->id, NULL);

    apr_table_setn(ctx->r->headers_out, "Location",
                   uk_context_url(ctx, path, ""));
    uk_outcome_log(ctx, "created", key->id);
    return uk_respond(ctx, HTTP_CREATED, ctx->view->created(ctx, key, token));
}

int uk_act_create_key(uk_context_t *ctx)
{
    int limit = uk_config_max_per_team(uk_server_config(ctx->r->server));
    char token[UK_TOKEN_LEN + 1];
    uk_outcome_e outcome;
    uk_actor_t actor;
    uk_key_t key;
    int result = read_spec(ctx, &key);

    if (result != OK) {
        return result;
    }
    /* A form contains the id, so that sending it twice creates one key. */
    key.id = ctx->form ? ctx->form->id : NULL;
    key.team = ctx->team;
    actor = uk_outcome_actor(ctx);
    outcome = uk_issue_key(&ctx->db, &actor, &key, limit, token);
    result = outcome == UK_OK ? respond_created(ctx, &key, token)
                              : uk_outcome_respond(ctx, outcome, NULL);
    uk_secret_wipe(token, sizeof(token));
    return result;
}
