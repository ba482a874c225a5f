/* SPDX-License-Identifier: Apache-2.0 */
/* The actions of the management endpoints. */
#ifndef UK_MANAGE_ACTIONS_H
#define UK_MANAGE_ACTIONS_H

#include "manage/context.h"

/* Each handles a request that uk_auth_identify() has accepted, for ctx->team.
 * It returns DONE after a response, or the status for the handler to return. */

/** List some keys of the team, by the parameters "perPage" and "cursor". */
int uk_list_keys(uk_context_t *ctx);

/** Create a key from the body, which is JSON or a form. */
int uk_create_key(uk_context_t *ctx);

/** Show the key ctx->id. */
int uk_show_key(uk_context_t *ctx);

/** Delete the key ctx->id; when this is answered, no server accepts it. */
int uk_delete_key(uk_context_t *ctx);

/** List the scopes that keys can hold, always as JSON. */
int uk_list_scopes(uk_context_t *ctx);

/** Send the OpenAPI description, always as JSON. */
int uk_show_openapi(uk_context_t *ctx);

#endif
