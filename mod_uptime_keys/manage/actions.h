/* SPDX-License-Identifier: Apache-2.0 */
/* The routes of the management endpoints, and what they do. */
#ifndef UK_MANAGE_ACTIONS_H
#define UK_MANAGE_ACTIONS_H

#include "manage/context.h"

/* Scopes of which one is enough where nothing is changed or shown. */
#define UK_EITHER_SCOPE "api-keys:read api-keys:write"

/* The resources: the base, and what is below it. */
typedef enum {
    UK_RESOURCE_COLLECTION,
    UK_RESOURCE_ITEM,
    UK_RESOURCE_SCOPES,
    UK_RESOURCE_OPENAPI,
    UK_RESOURCE_ASSET,
    UK_RESOURCE_NOTHING
} uk_resource_e;

/* The action for a resource and a method. */
typedef struct {
    uk_resource_e resource;
    int method;
    const char *scopes; /* of which a key needs one */
    int is_change;      /* 1: refused if it comes from another site */
    /** Handles a request that uk_auth_identify() has accepted, for ctx->team.
     *  @return DONE after a response, or the status for the handler to return */
    int (*action)(uk_context_t *ctx);
    const uk_view_t *only; /* for this view alone; NULL: for all */
} uk_route_t;

/** @return the route of the method of a request at a resource; NULL: none */
const uk_route_t *uk_route_find(const uk_context_t *ctx,
                                uk_resource_e resource);

/** The value of the header Allow: the methods that every client may use. */
const char *uk_route_allowed(apr_pool_t *pool, uk_resource_e resource);

#endif
