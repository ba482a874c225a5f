/* SPDX-License-Identifier: Apache-2.0 */
/* The user or key behind a request to the management endpoints, and what they
 * may do. */
#ifndef UK_MANAGE_AUTH_H
#define UK_MANAGE_AUTH_H

#include "manage/context.h"

/**
 * Identify the user or key, and the team, from the database without a cache.
 *
 * @param ctx    receives team, actor, and principal of a key, or teams and role
 *               of a user; after a failure, what was found until then
 * @param scopes separated by spaces; a key must hold one of them. NULL: any key
 *               will do, a previous secret too, and no user (404)
 * @return OK; else DONE after a response: 401 if there is no user and no key,
 *         404 if they do not belong to the team or the location is for another
 *         one, 403 if the key lacks a scope or is a previous secret, or the
 *         user's role does not allow managing keys, 503 if the database is
 *         unavailable
 */
int uk_auth_identify(uk_context_t *ctx, const char *scopes);

/**
 * Identify the same user or key once more, after the request has been read: a
 * client can take minutes to send it, and what it acts as may have ended or lost
 * something since.
 *
 * @return as uk_auth_identify(); 401 also if the key is no longer good
 */
int uk_auth_confirm(uk_context_t *ctx);

/**
 * Whether the caller may make a key like this, or leave one like this behind: a
 * key can give no scope that it lacks, no later expiry than its own, and no
 * address beyond its own. A user may give anything.
 *
 * @return NULL, or why not, for the caller: it names every scope that is missing
 */
const char *uk_auth_refusal(const uk_context_t *ctx, const uk_key_t *key);

/** Like uk_auth_refusal(). @return OK; else DONE after a response with 403 */
int uk_auth_may_give(uk_context_t *ctx, const uk_key_t *key);

/**
 * Whether the caller may act on a key, which is locked: one for which
 * uk_auth_refusal() gives no reason, and not on itself if it has ended since it
 * was identified.
 *
 * @return NULL, or why not, for the caller
 */
const char *uk_auth_refusal_to_act(const uk_context_t *ctx,
                                   const uk_key_t *key);

/* The detail of a refusal to act on a key that can do more than the caller. */
#define UK_AUTH_STRONGER                                                       \
    "That key can do more, lives longer, or may be used from more addresses "  \
    "than the key that asks."

/* What a key needs to list and show keys, and to change them. */
#define UK_AUTH_READ "api-keys:read"
#define UK_AUTH_WRITE "api-keys:write"

/** 1 if a user sends the request, or a key that holds a scope; else 0. */
int uk_auth_holds(const uk_context_t *ctx, const char *scope);

#endif
