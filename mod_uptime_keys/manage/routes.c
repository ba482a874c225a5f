/* SPDX-License-Identifier: Apache-2.0 */
/* The routes of the management endpoints. */
#include "manage/routes.h"

#include "manage/actions.h"
#include "manage/auth.h"
#include "manage/html_view.h"

#define READ_SCOPE UK_AUTH_READ
#define WRITE_SCOPE UK_AUTH_WRITE

/* clang-format off */
static const uk_route_t routes[] = {
    {UK_RESOURCE_COLLECTION, M_GET, READ_SCOPE, 0, UK_MANAGE_LIST,
     uk_act_list_keys, NULL},
    {UK_RESOURCE_COLLECTION, M_POST, WRITE_SCOPE, 1, UK_MANAGE_CREATE,
     uk_act_create_key, NULL},
    {UK_RESOURCE_ITEM, M_GET, READ_SCOPE, 0, UK_MANAGE_READ,
     uk_act_show_key, NULL},
    {UK_RESOURCE_ITEM, M_PATCH, WRITE_SCOPE, 1, UK_MANAGE_UPDATE,
     uk_act_change_key, NULL},
    {UK_RESOURCE_ITEM, M_DELETE, WRITE_SCOPE, 1, UK_MANAGE_DELETE,
     uk_act_delete_key, NULL},
    /* HTML forms cannot send DELETE. */
    {UK_RESOURCE_ITEM, M_POST, WRITE_SCOPE, 1, UK_MANAGE_DELETE,
     uk_act_delete_key,
     &uk_html_view},
    /* These also need WRITE_SCOPE. */
    {UK_RESOURCE_ROTATE, M_GET, READ_SCOPE, 0, UK_MANAGE_READ,
     uk_act_show_rotation,
     &uk_html_view},
    {UK_RESOURCE_EDIT, M_GET, READ_SCOPE, 0, UK_MANAGE_READ,
     uk_act_show_edit, &uk_html_view},
    {UK_RESOURCE_ROTATE, M_POST, WRITE_SCOPE, 1, UK_MANAGE_ROTATE,
     uk_act_rotate_key, NULL},
    {UK_RESOURCE_EDIT, M_POST, WRITE_SCOPE, 1, UK_MANAGE_UPDATE,
     uk_act_edit_key, &uk_html_view},
    {UK_RESOURCE_SELF, M_GET, NULL, 0, UK_MANAGE_READ,
     uk_act_show_self, NULL},
    {UK_RESOURCE_AUDIT, M_GET, READ_SCOPE, 0, UK_MANAGE_AUDIT,
     uk_act_list_events, NULL},
    {UK_RESOURCE_SCOPES, M_GET, UK_EITHER_SCOPE, 0, UK_MANAGE_READ,
     uk_act_list_scopes, NULL},
    {UK_RESOURCE_OPENAPI, M_GET, UK_EITHER_SCOPE, 0, UK_MANAGE_READ,
     uk_act_show_openapi, NULL},
};
/* clang-format on */

static int is_for(const uk_route_t *route, const uk_context_t *ctx,
                  uk_resource_e resource)
{
    return route->resource == resource
           && (!route->only || route->only == ctx->view);
}

const uk_route_t *uk_route_find(const uk_context_t *ctx, uk_resource_e resource)
{
    size_t i;

    for (i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
        if (is_for(&routes[i], ctx, resource)
            && routes[i].method == ctx->r->method_number) {
            return &routes[i];
        }
    }
    return NULL;
}

const char *uk_route_allowed(const uk_context_t *ctx, uk_resource_e resource)
{
    apr_pool_t *pool = ctx->r->pool;
    const char *allowed = NULL;
    size_t i;

    for (i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
        if (is_for(&routes[i], ctx, resource)) {
            const char *method =
                routes[i].method == M_GET
                    ? "GET, HEAD"
                    : ap_method_name_of(pool, routes[i].method);

            allowed = allowed ? apr_pstrcat(pool, allowed, ", ", method, NULL)
                              : method;
        }
    }
    return allowed;
}
