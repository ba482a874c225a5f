/* SPDX-License-Identifier: Apache-2.0 */
/* Who calls the management endpoints, and what that caller may do. */
#include "manage/auth.h"

#include <string.h>

#include "store/teams.h"
#include "httpd/config.h"
#include "httpd/dbd.h"
#include "httpd/request.h"
#include "manage/response.h"

/* The team asked for: by the place if it is pinned to one, else by the caller.
 * NULL: none. -1: the caller asks for another than the place's. */
static int find_asked_team(uk_context_t *ctx, const char **team)
{
    const char *pinned = uk_dir_config(ctx->r)->team;
    const char *asked = apr_table_get(ctx->query, "team");

    *team = pinned ? pinned : asked;
    return pinned && asked && strcmp(pinned, asked) != 0 ? -1 : 0;
}

static int identify_key(uk_context_t *ctx, const uk_request_t *state,
                        const char *asked, const char *scopes)
{
    uk_scopes_t needed = {{0}};
    const char *rest = scopes;

    if (asked && strcmp(asked, state->principal->team) != 0) {
        return uk_respond_problem(ctx, UK_PROBLEM_NOT_FOUND, NULL);
    }
    while (*rest) {
        uk_scopes_add(&needed,
                      uk_catalogue_find(uk_config_catalogue(),
                                        ap_getword_white(ctx->r->pool, &rest)));
    }
    if (!uk_scopes_intersect(&needed, &state->principal->scopes)) {
        return uk_respond_scope_missing(ctx, scopes);
    }
    ctx->principal = state->principal;
    ctx->who = state->principal->id;
    ctx->team = state->principal->team;
    return OK;
}

/* The membership that counts: in the team asked for, or the first by id. */
static const uk_member_t *find_membership(const apr_array_header_t *members,
                                          const char *asked)
{
    int i;

    for (i = 0; i < members->nelts; i++) {
        const uk_member_t *member =
            APR_ARRAY_IDX(members, i, const uk_member_t *);

        if (!asked || strcmp(asked, member->team) == 0) {
            return member;
        }
    }
    return NULL;
}

static int identify_user(uk_context_t *ctx, const char *asked)
{
    apr_array_header_t *members;
    const uk_member_t *member;

    ctx->who = apr_pstrdup(ctx->r->pool, ctx->r->user);
    if (uk_store_teams_of_user(&ctx->db, ctx->who, &members) != UK_OK) {
        return uk_respond_unavailable(ctx);
    }
    ctx->teams = members;
    member = find_membership(members, asked);
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

/* An ErrorDocument of a refusal: httpd hands on a user name that was not the
 * right one. */
static int is_refused(const request_rec *r)
{
    while ((r = r->prev) != NULL) {
        if (ap_is_HTTP_ERROR(r->status)) {
            return 1;
        }
    }
    return 0;
}

/* A name that some httpd authentication has vouched for, and not one that a
 * module took out of a header without looking at the password. */
static int has_user(const request_rec *r)
{
    return r->user && *r->user && !is_refused(r)
           && !apr_table_get(r->notes, AP_GET_BASIC_AUTH_PW_NOTE);
}

int uk_auth_identify(uk_context_t *ctx, const char *scopes)
{
    const uk_request_t *state = uk_request_authenticated(ctx->r);
    const char *asked;

    if (!state && !has_user(ctx->r)) {
        return uk_respond_unauthorized(ctx);
    }
    if (find_asked_team(ctx, &asked) != 0) {
        return uk_respond_problem(ctx, UK_PROBLEM_NOT_FOUND, NULL);
    }
    return state ? identify_key(ctx, state, asked, scopes)
                 : identify_user(ctx, asked);
}

int uk_auth_holds(const uk_context_t *ctx, const char *scope)
{
    return uk_scopes_contain(&ctx->principal->scopes, uk_config_catalogue(),
                             scope);
}

/* The scopes that the calling key lacks itself; NULL: none. */
static const char *missing_scopes(const uk_context_t *ctx,
                                  const uk_key_t *wanted)
{
    apr_array_header_t *missing =
        apr_array_make(ctx->r->pool, 4, sizeof(char *));
    int i;

    for (i = 0; i < wanted->scopes->nelts; i++) {
        const char *scope = APR_ARRAY_IDX(wanted->scopes, i, const char *);

        if (!uk_auth_holds(ctx, scope)) {
            APR_ARRAY_PUSH(missing, const char *) = scope;
        }
    }
    return missing->nelts ? apr_array_pstrcat(ctx->r->pool, missing, ' ')
                          : NULL;
}

int uk_auth_may_create(uk_context_t *ctx, uk_key_t *wanted)
{
    const char *missing;
    uk_instant_t end;

    if (!ctx->principal) {
        return OK;
    }
    missing = missing_scopes(ctx, wanted);
    if (missing) {
        return uk_respond_problem(
            ctx, UK_PROBLEM_FORBIDDEN,
            apr_psprintf(ctx->r->pool,
                         "A key cannot give what it does not "
                         "hold itself: %s.",
                         missing));
    }
    end = ctx->principal->expires_at;
    if (end != UK_INSTANT_NONE && wanted->expires_at == UK_INSTANT_NONE) {
        wanted->expires_at = end;
    }
    if (end != UK_INSTANT_NONE && wanted->expires_at > end) {
        return uk_respond_problem(ctx, UK_PROBLEM_FORBIDDEN,
                                  "A key cannot make one that expires later "
                                  "than itself.");
    }
    return OK;
}
