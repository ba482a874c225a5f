/* SPDX-License-Identifier: Apache-2.0 */
/* The context of a request to the management endpoints: URLs for responses. */
#include "manage/context.h"

/* "&team=…", escaped, if the query string chose the team, else "". */
static const char *team_query(const uk_context_t *ctx)
{
    apr_pool_t *pool = ctx->r->pool;

    return ctx->team && apr_table_get(ctx->query, "team") ? apr_pstrcat(
               pool, "&team=", ap_escape_urlencoded(pool, ctx->team), NULL)
                                                          : "";
}

const char *uk_context_url(const uk_context_t *ctx, const char *path,
                           const char *query)
{
    apr_pool_t *pool = ctx->r->pool;
    const char *parameters = apr_pstrcat(pool, team_query(ctx), query, NULL);

    return *parameters
               ? apr_pstrcat(pool, ctx->url, path, "?", parameters + 1, NULL)
               : apr_pstrcat(pool, ctx->url, path, NULL);
}

const char *uk_context_slice_url(const uk_context_t *ctx,
                                 const uk_slice_t *slice, const char *cursor)
{
    apr_pool_t *pool = ctx->r->pool;

    return uk_context_url(ctx, "",
                          apr_psprintf(pool, "&perPage=%d&cursor=%s",
                                       slice->per_page,
                                       ap_escape_urlencoded(pool, cursor)));
}
