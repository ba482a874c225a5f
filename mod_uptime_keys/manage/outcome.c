/* SPDX-License-Identifier: Apache-2.0 */
/* What all changes of keys have in common. */
#include "manage/outcome.h"

#include <apr_hash.h>

#include "httpd/config.h"
#include "manage/response.h"

uk_actor_t uk_outcome_actor(const uk_context_t *ctx)
{
    return (uk_actor_t){ctx->actor, ctx->r->useragent_ip, ctx->now};
}

uk_key_rules_t uk_outcome_rules(const uk_context_t *ctx)
{
    return (uk_key_rules_t){
        .catalogue = uk_config_catalogue(),
        .now = ctx->now,
        .lifetimes = uk_config_lifetimes(uk_server_config(ctx->r->server)),
        .maker_expires_at =
            ctx->principal ? ctx->principal->expires_at : UK_INSTANT_NONE,
    };
}

/* A body can have tens of thousands of errors. */
void uk_outcome_add_errors(apr_array_header_t *errors,
                           const apr_array_header_t *more)
{
    apr_hash_t *pointers = apr_hash_make(errors->pool);
    int i;

    for (i = 0; i < errors->nelts; i++) {
        const char *pointer =
            APR_ARRAY_IDX(errors, i, uk_field_error_t).pointer;

        apr_hash_set(pointers, pointer, APR_HASH_KEY_STRING, pointer);
    }
    for (i = 0; i < more->nelts; i++) {
        uk_field_error_t error = APR_ARRAY_IDX(more, i, uk_field_error_t);

        if (!apr_hash_get(pointers, error.pointer, APR_HASH_KEY_STRING)) {
            APR_ARRAY_PUSH(errors, uk_field_error_t) = error;
        }
    }
}

/* A user name can contain anything: httpd escapes what it logs. */
void uk_outcome_log(const uk_context_t *ctx, const char *action, const char *id)
{
    ap_log_rerror(APLOG_MARK, APLOG_NOTICE, 0, ctx->r,
                  UKLOGNO(0040) "key %s of team %s %s by %s", id, ctx->team,
                  action, ctx->actor);
}

static int respond_limit(uk_context_t *ctx)
{
    return uk_respond_problem(
        ctx, UK_PROBLEM_LIMIT,
        apr_psprintf(ctx->r->pool,
                     "The team has its %d keys already, expired ones included; "
                     "delete one first.",
                     uk_config_max_per_team(uk_server_config(ctx->r->server))));
}

int uk_outcome_respond(uk_context_t *ctx, uk_outcome_e outcome,
                       const char *detail)
{
    switch (outcome) {
    case UK_LIMIT:
        return respond_limit(ctx);
    case UK_EXISTS:
    case UK_CONFLICT:
        return uk_respond_problem(ctx, UK_PROBLEM_CONFLICT, detail);
    case UK_REFUSED:
        return uk_respond_problem(ctx, UK_PROBLEM_FORBIDDEN, detail);
    case UK_NOT_FOUND:
        return uk_respond_problem(ctx, UK_PROBLEM_NOT_FOUND, NULL);
    default:
        return uk_respond_unavailable(ctx);
    }
}
