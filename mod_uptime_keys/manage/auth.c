/* SPDX-License-Identifier: Apache-2.0 */
/* The user or key behind a request to the management endpoints, and what they
 * may do. */
#include "manage/auth.h"

#include <string.h>

#include "core/networks.h"
#include "store/teams.h"
#include "httpd/config.h"
#include "httpd/dbd.h"
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

static int identify_key(uk_context_t *ctx, const uk_request_t *state,
                        const char *team, const char *scopes)
{
    uk_scopes_t needed = {{0}};
    const char *rest = scopes ? scopes : "";

    if (team && strcmp(team, state->principal->team) != 0) {
        return uk_respond_problem(ctx, UK_PROBLEM_NOT_FOUND, NULL);
    }
    while (*rest) {
        uk_scopes_add(&needed,
                      uk_catalogue_find(uk_config_catalogue(),
                                        ap_getword_white(ctx->r->pool, &rest)));
    }
    if (scopes && state->principal->is_previous) {
        return uk_respond_problem(ctx, UK_PROBLEM_FORBIDDEN,
                                  "This key was rotated. Its old secret may "
                                  "still use the API, and not manage keys.");
    }
    if (scopes && !uk_scopes_intersect(&needed, &state->principal->scopes)) {
        return uk_respond_scope_missing(ctx, scopes);
    }
    ctx->principal = state->principal;
    ctx->actor = state->principal->id;
    ctx->team = state->principal->team;
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
    return state ? identify_key(ctx, state, team, scopes)
                 : identify_user(ctx, team);
}

int uk_auth_holds(const uk_context_t *ctx, const char *scope)
{
    return uk_scopes_contain(&ctx->principal->scopes, uk_config_catalogue(),
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

int uk_auth_may_give(uk_context_t *ctx, const uk_key_t *key)
{
    const char *refusal = uk_auth_refusal(ctx, key);

    return refusal ? uk_respond_problem(ctx, UK_PROBLEM_FORBIDDEN, refusal)
                   : OK;
}
