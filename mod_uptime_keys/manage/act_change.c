/* SPDX-License-Identifier: Apache-2.0 */
/* PATCH, and the form that does the same: changing, disabling and enabling a
 * key. */
#include <string.h>

#include "store/change.h"
#include "httpd/config.h"
#include "httpd/lease.h"
#include "manage/actions.h"
#include "manage/auth.h"
#include "manage/body.h"
#include "manage/etag.h"
#include "manage/form.h"
#include "manage/json.h"
#include "manage/lookup.h"
#include "manage/outcome.h"
#include "manage/response.h"
#include "manage/view.h"

/* RFC 7396. */
#define MERGE_PATCH_TYPE "application/merge-patch+json"

/* A change, and why it is refused. */
typedef struct {
    uk_context_t *ctx;
    uk_key_spec_t spec;
    const char *if_match;        /* NULL: whatever the key is */
    apr_array_header_t *unclear; /* what could not be read */
    apr_array_header_t *errors;  /* of the specification */
    int has_changed;             /* 1: not what If-Match names */
    const char *detail;          /* of a refusal or conflict */
} patch_t;

static uk_outcome_e refuse_patch(patch_t *change, uk_outcome_e outcome,
                                 const char *detail)
{
    change->detail = detail;
    return outcome;
}

/* A key may disable any other, as it may delete it; for the rest it must be able
 * to give what is there before and afterwards. */
static const char *find_refusal(const patch_t *change, const uk_key_t *before,
                                const uk_key_t *after)
{
    const char *refusal;

    if (change->spec.sent == UK_SPEC_DISABLED && change->spec.disabled) {
        return NULL;
    }
    refusal = uk_auth_refusal_to_act(change->ctx, before);
    return refusal ? refusal : uk_auth_refusal(change->ctx, after);
}

/* Make the change, as far as it is valid. A form sends all scopes: those that
 * the key has already stay, also if the catalogue lacks some. */
static void change_fields(apr_pool_t *pool, patch_t *change, uk_key_t *key)
{
    const uk_context_t *ctx = change->ctx;
    const uk_key_rules_t rules = uk_outcome_rules(ctx);
    uk_key_spec_t spec = change->spec;
    apr_array_header_t *errors;

    if (ctx->form && uk_form_has_scopes_of(ctx->form, key)) {
        spec.sent &= ~(unsigned)UK_SPEC_SCOPES;
    }
    change->errors = apr_array_copy(pool, change->unclear);
    uk_key_change_validate(pool, &rules, &spec, key, &errors);
    uk_outcome_add_errors(change->errors, errors);
}

static uk_outcome_e apply_patch(apr_pool_t *pool, uk_key_t *key, void *baton)
{
    patch_t *change = baton;
    const uk_key_t before = *key;
    const char *refusal;

    if (!uk_etag_matches(change->if_match,
                         uk_etag_make(pool, key, change->ctx->now))) {
        change->has_changed = 1;
        return UK_CONFLICT;
    }
    change_fields(pool, change, key);
    if (change->errors->nelts) {
        return UK_REFUSED;
    }
    refusal = find_refusal(change, &before, key);
    if (refusal) {
        return refuse_patch(change, UK_REFUSED, refusal);
    }
    return uk_key_is_leaked(&before) && key->disabled_at == UK_INSTANT_NONE
               ? refuse_patch(
                   change, UK_CONFLICT,
                   "The key leaked, and is not enabled again; rotate it.")
               : UK_OK;
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

/* A form that changed nothing is shown again, with the key as it is now, unless
 * the caller may not see that. */
static int respond_unchanged(patch_t *change, uk_outcome_e outcome)
{
    uk_context_t *ctx = change->ctx;
    uk_key_t *key;
    int result = ctx->form && outcome != UK_UNAVAILABLE
                         && uk_auth_holds(ctx, UK_AUTH_READ)
                     ? uk_lookup_key(ctx, &key)
                     : DECLINED;

    if (result != OK && result != DECLINED) {
        return result;
    }
    ctx->key = result == OK ? key : NULL;
    if (outcome == UK_CONFLICT && change->has_changed) {
        return uk_respond_problem(ctx, UK_PROBLEM_CHANGED, NULL);
    }
    if (outcome == UK_REFUSED && change->errors->nelts) {
        return uk_respond_invalid(ctx, change->errors);
    }
    return uk_outcome_respond(ctx, outcome, change->detail);
}

static int apply_change(patch_t *change)
{
    uk_context_t *ctx = change->ctx;
    const uk_actor_t actor = uk_outcome_actor(ctx);
    const uk_own_cache_t own = uk_lease_own_cache(ctx->r->server);
    const char *document;
    unsigned changed;
    int status;
    uk_key_t *key;
    uk_outcome_e outcome =
        uk_change_key(&ctx->db, &actor, &own, ctx->team, ctx->id, apply_patch,
                      change, &key, &changed);

    if (outcome != UK_OK) {
        return respond_unchanged(change, outcome);
    }
    log_changes(ctx, changed);
    uk_etag_set(ctx, key);
    document = ctx->view->changed(ctx, key, changed, &status);
    return uk_respond(ctx, status, document);
}

int uk_act_change_key(uk_context_t *ctx)
{
    patch_t change = {.ctx = ctx};
    const char *error;
    apr_size_t len;
    char *body;
    int result =
        uk_body_read(ctx,
                     uk_body_has_type(ctx, MERGE_PATCH_TYPE) ? MERGE_PATCH_TYPE
                                                             : UK_JSON_TYPE,
                     &body, &len);

    if (result != OK) {
        return result;
    }
    if (uk_json_read_change(ctx->r->pool, body, len, &change.spec,
                            &change.unclear, &error)
        != 0) {
        return uk_respond_problem(ctx, UK_PROBLEM_BAD_REQUEST, error);
    }
    change.if_match = apr_table_get(ctx->r->headers_in, "If-Match");
    return apply_change(&change);
}

int uk_act_edit_key(uk_context_t *ctx)
{
    patch_t change = {.ctx = ctx};
    uk_form_t *form;
    char *body;
    int result = uk_form_receive(ctx, &body);

    if (result != OK) {
        return result;
    }
    if (uk_form_read_edit(ctx, body, &form, &change.unclear) != 0) {
        return uk_form_refuse(ctx);
    }
    ctx->form = form;
    change.spec = form->spec;
    change.if_match = form->etag;
    return apply_change(&change);
}
