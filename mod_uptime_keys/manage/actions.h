/* SPDX-License-Identifier: Apache-2.0 */
/* What can be done at the management endpoints. */
#ifndef UK_MANAGE_ACTIONS_H
#define UK_MANAGE_ACTIONS_H

#include "manage/context.h"

/* Each serves a call whose caller is known and may do this, and returns DONE or
 * the status that httpd is to answer with. */

int uk_list_keys(uk_context_t *ctx);
int uk_create_key(uk_context_t *ctx);
int uk_show_key(uk_context_t *ctx);
int uk_delete_key(uk_context_t *ctx);
int uk_list_scopes(uk_context_t *ctx);
int uk_show_openapi(uk_context_t *ctx);

#endif
