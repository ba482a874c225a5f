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
 * @param scopes separated by spaces; a key must hold one of them
 * @return OK; else DONE after a response: 401 if there is no user and no key,
 *         404 if they do not belong to the team or the location is for another
 *         one, 403 if the key lacks a scope or the user's role does not allow
 *         managing keys, 503 if the database is unavailable
 */
int uk_auth_identify(uk_context_t *ctx, const char *scopes);

/**
 * Check that a new key can do no more than the key that creates it, and expires
 * no later. A user may create any key.
 *
 * @param key if it has no expiry, it receives that of the creating key
 * @return OK; else DONE after a response with 403, which names every scope that
 *         the creating key lacks
 */
int uk_auth_may_create(uk_context_t *ctx, uk_key_t *key);

/** 1 if the key that sends the request holds a scope, else 0. ctx->principal
 *  must not be NULL. */
int uk_auth_holds(const uk_context_t *ctx, const char *scope);

#endif
