/* SPDX-License-Identifier: Apache-2.0 */
/* PATCH: changing, disabling and enabling a key. */
#include <string.h>

#include "store/change.h"
#include "httpd/config.h"
#include "httpd/lease.h"
#include "manage/actions.h"
#include "manage/auth.h"
#include "manage/body.h"
#include "manage/etag.h"
#include "manage/json.h"
#include "manage/outcome.h"
#include "manage/response.h"
#include "manage/view.h"

/* RFC 7396. */
#define MERGE_PATCH_TYPE "application/merge-patch+json"

/* A change, and why it is refused. */
typedef struct {
    uk_context_t *ctx;
    uk_key_spec_t spec;
    const char *if_match; /* NULL: whatever the key is */
    int has_changed;      /* 1: not what If-Match names */
    const char *detail;   /* of a refusal or conflict */
} change_t;

static uk_outcome_e refuse(change_t *change, uk_outcome_e outcome,
                           const char *detail)
{
    change->detail = detail;
    return outcome;
}

/* A key may disable any other, as it may delete it; for the rest it must be able
 * to give what is there before and afterwards. */
static const char *find_refusal(const change_t *change, const uk_key_t *before,
                                const uk_key_t *after)
{
    const char *refusal;

    if (change->spec.sent == UK_SPEC_DISABLED && change->spec.disabled) {
        return NULL;
    }
    refusal = uk_auth_refusal_to_act(change->ctx, before);
    return refusal ? refusal : uk_auth_refusal(change->ctx, after);
}

static uk_outcome_e edit(apr_pool_t *pool, uk_key_t *key, void *baton)
{
    change_t *change = baton;
    const uk_context_t *ctx = change->ctx;
    const uk_key_rules_t rules = uk_outcome_rules(ctx);
    const uk_key_t before = *key;
    apr_array_header_t *errors;
    const char *refusal;

    if (!uk_etag_matches(change->if_match, uk_etag_make(pool, key, ctx->now))) {
        change->has_changed = 1;
        return UK_CONFLICT;
    }
    /* Without errors, which do not depend on the key: see read_change(). */
    uk_key_change_validate(pool, &rules, &change->spec, key, &errors);
    if (uk_key_is_leaked(&before) && key->disabled_at == UK_INSTANT_NONE) {
        return refuse(change, UK_CONFLICT,
                      "The key leaked, and is not enabled again; rotate it.");
    }
    refusal = find_refusal(change, &before, key);
    return refusal ? refuse(change, UK_REFUSED, refusal) : UK_OK;
}

static void log_changes(const uk_context_t *ctx, unsigned changed)
{
    if (changed & UK_CHANGED_FIELDS) {
        uk_outcome_log(ctx, "changed", ctx->id);
    }
    if (changed & (UK_CHANGED_DISABLED | UK_CHANGED_ENABLED)) {
        uk_outcome_log(ctx,
                       changed & UK_CHANGED_DISABLED ? "disabled" : "enabled",
                       ctx->id);
    }
}

static int respond(change_t *change, uk_outcome_e outcome)
{
    if (outcome == UK_CONFLICT && change->has_changed) {
        return uk_respond_problem(change->ctx, UK_PROBLEM_CHANGED, NULL);
    }
    return uk_outcome_respond(change->ctx, outcome, change->detail);
}

static int apply(change_t *change)
{
    uk_context_t *ctx = change->ctx;
    const uk_actor_t actor = uk_outcome_actor(ctx);
    const uk_own_cache_t own = uk_lease_own_cache(ctx->r->server);
    unsigned changed;
    uk_key_t *key;
    uk_outcome_e outcome = uk_change_key(&ctx->db, &actor, &own, ctx->team,
                                         ctx->id, edit, change, &key, &changed);

    if (outcome != UK_OK) {
        return respond(change, outcome);
    }
    log_changes(ctx, changed);
    uk_etag_set(ctx, key);
    return uk_respond(ctx, HTTP_OK, ctx->view->key(ctx, key));
}

/* Read and check the body. @return OK; else the request is answered */
static int read_change(uk_context_t *ctx, uk_key_spec_t *spec)
{
    const char *type = uk_body_has_type(ctx, MERGE_PATCH_TYPE)
                           ? MERGE_PATCH_TYPE
                           : UK_JSON_TYPE;
    const uk_key_rules_t rules = uk_outcome_rules(ctx);
    apr_array_header_t *errors, *more;
    uk_key_t changed = {0};
    const char *error;
    apr_size_t len;
    char *body;
    int result = uk_body_read(ctx, type, &body, &len);

    if (result != OK) {
        return result;
    }
    if (uk_json_read_change(ctx->r->pool, body, len, spec, &errors, &error)
        != 0) {
        return uk_respond_problem(ctx, UK_PROBLEM_BAD_REQUEST, error);
    }
    uk_key_change_validate(ctx->r->pool, &rules, spec, &changed, &more);
    uk_outcome_add_errors(errors, more);
    return errors->nelts ? uk_respond_invalid(ctx, errors) : OK;
}

int uk_act_change_key(uk_context_t *ctx)
{
    change_t change = {.ctx = ctx};
    int result = read_change(ctx, &change.spec);

    if (result != OK) {
        return result;
    }
    change.if_match = apr_table_get(ctx->r->headers_in, "If-Match");
    return apply(&change);
}
