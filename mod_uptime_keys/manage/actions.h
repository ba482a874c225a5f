/* SPDX-License-Identifier: Apache-2.0 */
/* The actions of the management endpoints, for the table in routes.c.
 *
 * Each handles a request that uk_auth_identify() has accepted, for ctx->team,
 * and returns DONE after a response, or the status that the handler returns. */
#ifndef UK_MANAGE_ACTIONS_H
#define UK_MANAGE_ACTIONS_H

#include "manage/context.h"

/* act_read.c */
int uk_act_list_keys(uk_context_t *ctx);
int uk_act_show_key(uk_context_t *ctx);
int uk_act_show_self(uk_context_t *ctx);
int uk_act_list_scopes(uk_context_t *ctx);
int uk_act_show_openapi(uk_context_t *ctx);

/* act_audit.c */
int uk_act_list_events(uk_context_t *ctx);

/* act_page.c: for browsers alone */
int uk_act_show_rotation(uk_context_t *ctx);
int uk_act_show_edit(uk_context_t *ctx);

/* act_create.c, act_change.c, act_rotate.c, act_delete.c */
int uk_act_create_key(uk_context_t *ctx);
int uk_act_change_key(uk_context_t *ctx);
int uk_act_edit_key(uk_context_t *ctx);
int uk_act_rotate_key(uk_context_t *ctx);
int uk_act_delete_key(uk_context_t *ctx);

#endif
