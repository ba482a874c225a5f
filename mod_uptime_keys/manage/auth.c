/* SPDX-License-Identifier: Apache-2.0 */
/* The user or key behind a request to the management endpoints, and what they
 * may do. */
#include "manage/auth.h"

#include <string.h>

#include "core/networks.h"
#include "store/keys.h"
#include "store/teams.h"
#include "httpd/config.h"
#include "httpd/dbd.h"
#include "httpd/finding.h"
#include "httpd/request.h"
#include "manage/response.h"

/* The team that UptimeKeysTeam names, else the query string; NULL: neither.
 * @return 0, or -1 if they name different teams */
static int find_requested_team(uk_context_t *ctx, const char **team)
{
    const char *configured = uk_dir_config(ctx->r)->team;
    const char *sent = apr_table_get(ctx->query, "team");

    *team = configured ? configured : sent;
    return configured && sent && strcmp(configured, sent) != 0 ? -1 : 0;
}

static int identify_key(uk_context_t *ctx, const uk_principal_t *principal,
                        const char *team)
{
    const char *scopes = ctx->scopes;
    uk_scopes_t needed = {{0}};
    const char *rest = scopes ? scopes : "";

    if (team && strcmp(team, principal->team) != 0) {
        return uk_respond_problem(ctx, UK_PROBLEM_NOT_FOUND, NULL);
    }
    while (*rest) {
        uk_scopes_add(&needed,
                      uk_catalogue_find(uk_config_catalogue(),
                                        ap_getword_white(ctx->r->pool, &rest)));
    }
    if (scopes && principal->is_previous) {
        return uk_respond_problem(ctx, UK_PROBLEM_FORBIDDEN,
                                  "This key was rotated. Its old secret may "
                                  "still use the API, and not manage keys.");
    }
    if (scopes && !uk_scopes_intersect(&needed, &principal->scopes)) {
        return uk_respond_scope_missing(ctx, scopes);
    }
    ctx->principal = principal;
    ctx->actor = principal->id;
    ctx->team = principal->team;
    return OK;
}

/* The membership in the requested team, or in the first team by id. */
static const uk_member_t *find_membership(const apr_array_header_t *members,
                                          const char *team)
{
    int i;

    for (i = 0; i < members->nelts; i++) {
        const uk_member_t *member =
            APR_ARRAY_IDX(members, i, const uk_member_t *);

        if (!team || strcmp(team, member->team) == 0) {
            return member;
        }
    }
    return NULL;
}

static int identify_user(uk_context_t *ctx, const char *team)
{
    apr_array_header_t *members;
    const uk_member_t *member;

    ctx->actor = apr_pstrdup(ctx->r->pool, ctx->r->user);
    if (uk_store_teams_of_user(&ctx->db, ctx->actor, &members) != UK_OK) {
        return uk_respond_unavailable(ctx);
    }
    ctx->teams = members;
    member = find_membership(members, team);
    if (!member) {
        return uk_respond_problem(ctx, UK_PROBLEM_NOT_FOUND, NULL);
    }
    ctx->team = member->team;
    ctx->role = member->role;
    if (!uk_role_may_manage(member->role)) {
        return uk_respond_problem(ctx, UK_PROBLEM_FORBIDDEN,
                                  "Only the team's owner and admins may manage "
                                  "its API keys.");
    }
    return OK;
}

/* Whether the key that acts is still what was presented, by its record. */
static int is_still_good(const uk_context_t *ctx, const uk_key_t *key)
{
    uk_instant_t now = uk_instant_from_apr(apr_time_now());

    return key->disabled_at == UK_INSTANT_NONE
           && !uk_instant_is_over(key->expires_at, now)
           && strcmp(key->prefix, ctx->principal->prefix) == 0
           && strcmp(key->team, ctx->principal->team) == 0;
}

int uk_auth_identify(uk_context_t *ctx, const char *scopes)
{
    const uk_request_t *state = uk_request_authenticated(ctx->r);
    const char *team;

    if (!state && !uk_request_has_user(ctx->r)) {
        return uk_respond_unauthorized(ctx);
    }
    if (find_requested_team(ctx, &team) != 0 || (!state && !scopes)) {
        return uk_respond_problem(ctx, UK_PROBLEM_NOT_FOUND, NULL);
    }
    ctx->scopes = scopes;
    return state ? identify_key(ctx, state->principal, team)
                 : identify_user(ctx, team);
}

/* @return the principal of a key as it is now; NULL if it is refused now */
static const uk_principal_t *renew_principal(const uk_context_t *ctx,
                                             const uk_key_t *key)
{
    apr_pool_t *pool = ctx->r->pool;
    uk_principal_t *principal =
        apr_pmemdup(pool, ctx->principal, sizeof(*principal));

    principal->scopes =
        uk_scopes_from_names(uk_config_catalogue(), key->scopes);
    principal->expires_at = key->expires_at;
    principal->addresses =
        key->addresses ? apr_array_pstrcat(pool, key->addresses, ' ') : "";
    return is_still_good(ctx, key) && uk_finding_is_from(ctx->r, principal)
               ? principal
               : NULL;
}

static int confirm_key(uk_context_t *ctx)
{
    const uk_principal_t *principal;
    uk_key_t *key;
    uk_outcome_e outcome =
        uk_store_key_by_id(&ctx->db, ctx->principal->id, &key);

    if (outcome == UK_UNAVAILABLE) {
        return uk_respond_unavailable(ctx);
    }
    principal = outcome == UK_OK ? renew_principal(ctx, key) : NULL;
    return principal ? identify_key(ctx, principal, ctx->team)
                     : uk_respond_unauthorized(ctx);
}

int uk_auth_confirm(uk_context_t *ctx)
{
    return ctx->principal ? confirm_key(ctx) : identify_user(ctx, ctx->team);
}

int uk_auth_holds(const uk_context_t *ctx, const char *scope)
{
    return !ctx->principal
           || uk_scopes_contain(&ctx->principal->scopes, uk_config_catalogue(),
                                scope);
}

/* The scopes that the creating key lacks itself; NULL: none. */
static const char *missing_scopes(const uk_context_t *ctx, const uk_key_t *key)
{
    apr_array_header_t *missing =
        apr_array_make(ctx->r->pool, 4, sizeof(char *));
    int i;

    for (i = 0; i < key->scopes->nelts; i++) {
        const char *scope = APR_ARRAY_IDX(key->scopes, i, const char *);

        if (!uk_auth_holds(ctx, scope)) {
            APR_ARRAY_PUSH(missing, const char *) = scope;
        }
    }
    return missing->nelts ? apr_array_pstrcat(ctx->r->pool, missing, ' ')
                          : NULL;
}

static int lives_longer(const uk_context_t *ctx, const uk_key_t *key)
{
    uk_instant_t end = ctx->principal->expires_at;

    return end != UK_INSTANT_NONE
           && (key->expires_at == UK_INSTANT_NONE || key->expires_at > end);
}

const char *uk_auth_refusal(const uk_context_t *ctx, const uk_key_t *key)
{
    const char *missing;

    if (!ctx->principal) {
        return NULL;
    }
    missing = missing_scopes(ctx, key);
    if (missing) {
        return apr_psprintf(ctx->r->pool,
                            "A key cannot give what it does not hold itself: "
                            "%s.",
                            missing);
    }
    if (lives_longer(ctx, key)) {
        return "A key cannot give another one a later expiry than its own.";
    }
    return uk_networks_lie_in(key->addresses, ctx->principal->addresses)
               ? NULL
               : "A key cannot give another one addresses beyond its own.";
}

const char *uk_auth_refusal_to_act(const uk_context_t *ctx, const uk_key_t *key)
{
    if (ctx->principal && strcmp(key->id, ctx->principal->id) == 0
        && !is_still_good(ctx, key)) {
        return "This key was disabled or rotated, or has expired, meanwhile.";
    }
    return uk_auth_refusal(ctx, key) ? UK_AUTH_STRONGER : NULL;
}

int uk_auth_may_give(uk_context_t *ctx, const uk_key_t *key)
{
    const char *refusal = uk_auth_refusal(ctx, key);

    return refusal ? uk_respond_problem(ctx, UK_PROBLEM_FORBIDDEN, refusal)
                   : OK;
}
