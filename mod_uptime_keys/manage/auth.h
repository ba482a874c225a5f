/* SPDX-License-Identifier: Apache-2.0 */
/* Who calls the management endpoints, and what that caller may do. */
#ifndef UK_MANAGE_AUTH_H
#define UK_MANAGE_AUTH_H

#include "manage/context.h"

/**
 * Find out who calls and for which team, from the database as it is now.
 *
 * @param scopes of which a key must hold one for this, space separated
 * @return OK; else the call is answered: 401, 403, 404 or 503
 */
int uk_auth_identify(uk_context_t *ctx, const char *scopes);

/**
 * A key makes no key that can do more or live longer than itself: an expiry
 * that was not asked for is its own.
 *
 * @return OK; else the call is answered with 403, naming every scope it lacks
 */
int uk_auth_may_create(uk_context_t *ctx, uk_key_t *wanted);

/** 1 where the calling key holds a scope, else 0. */
int uk_auth_holds(const uk_context_t *ctx, const char *scope);

#endif
