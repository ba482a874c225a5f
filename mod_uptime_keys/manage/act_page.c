/* SPDX-License-Identifier: Apache-2.0 */
/* GET: the pages on which a key is rotated and edited. */
#include "manage/actions.h"
#include "manage/auth.h"
#include "manage/html_edit.h"
#include "manage/html_rotate.h"
#include "manage/lookup.h"
#include "manage/response.h"

/* A page shows a key, and is of no use to who may not change it. */
static int lookup_changeable(uk_context_t *ctx, uk_key_t **key)
{
    return uk_auth_holds(ctx, UK_AUTH_WRITE)
               ? uk_lookup_key(ctx, key)
               : uk_respond_scope_missing(ctx, UK_AUTH_WRITE);
}

int uk_act_show_rotation(uk_context_t *ctx)
{
    uk_key_t *key = NULL;
    int result = lookup_changeable(ctx, &key);

    return result == OK ? uk_respond(ctx, HTTP_OK, uk_html_rotation(ctx, key))
                        : result;
}

int uk_act_show_edit(uk_context_t *ctx)
{
    uk_key_t *key = NULL;
    int result = lookup_changeable(ctx, &key);

    if (result != OK) {
        return result;
    }
    ctx->key = key;
    return uk_respond(ctx, HTTP_OK, uk_html_edit(ctx, NULL));
}
