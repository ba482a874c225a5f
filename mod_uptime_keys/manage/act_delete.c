/* SPDX-License-Identifier: Apache-2.0 */
/* DELETE: deleting a key. */
#include "store/revoke.h"
#include "httpd/lease.h"
#include "manage/actions.h"
#include "manage/outcome.h"
#include "manage/response.h"
#include "manage/view.h"

static int respond_deleted(uk_context_t *ctx)
{
    const char *document;
    int status;

    uk_outcome_log(ctx, "deleted", ctx->id);
    document = ctx->view->deleted(ctx, &status);
    return uk_respond(ctx, status, document);
}

int uk_act_delete_key(uk_context_t *ctx)
{
    const uk_actor_t actor = uk_outcome_actor(ctx);
    const uk_own_cache_t own = uk_lease_own_cache(ctx->r->server);
    uk_outcome_e outcome =
        uk_revoke_key(&ctx->db, &actor, &own, ctx->team, ctx->id);

    return outcome == UK_OK ? respond_deleted(ctx)
                            : uk_outcome_respond(ctx, outcome, NULL);
}
