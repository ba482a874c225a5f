/* SPDX-License-Identifier: Apache-2.0 */
/* The routes of the management endpoints. */
#ifndef UK_MANAGE_ROUTES_H
#define UK_MANAGE_ROUTES_H

#include "httpd/figures.h"
#include "manage/context.h"

/* Scopes of which one is enough where no key is listed, shown or changed. */
#define UK_EITHER_SCOPE "api-keys:read api-keys:write"

/* The resources: what the path below ctx->base means. */
typedef enum {
    UK_RESOURCE_COLLECTION, /* the keys of the team: the base itself */
    UK_RESOURCE_ITEM,       /* one key */
    UK_RESOURCE_ROTATE,     /* …/rotate of one key */
    UK_RESOURCE_EDIT,       /* …/edit of one key, for browsers alone */
    UK_RESOURCE_SELF,       /* the key that asks */
    UK_RESOURCE_AUDIT,      /* the events of the team */
    UK_RESOURCE_SCOPES,     /* the catalogue of scopes */
    UK_RESOURCE_OPENAPI,    /* the OpenAPI description */
    UK_RESOURCE_ASSET,      /* a static file, see manage/assets.h */
    UK_RESOURCE_NOTHING     /* no resource */
} uk_resource_e;

/* The action for a resource and a method. */
typedef struct {
    uk_resource_e resource;
    int method;         /* M_GET, M_POST, … of httpd.h */
    const char *scopes; /* of which a key needs one; NULL: none, a previous
                           secret may do it too, and no user */
    int is_change;      /* 1: uk_csrf_check() comes first */
    uk_manage_action_e counted; /* how a call is counted */
    /** Handles a request that uk_auth_identify() has accepted, for ctx->team.
     *  @return DONE after a response, or the status that the handler returns */
    int (*action)(uk_context_t *ctx);
    const uk_view_t *only; /* for this view alone; NULL: for all */
} uk_route_t;

/** @return the route of the method of a request at a resource; NULL: none */
const uk_route_t *uk_route_find(const uk_context_t *ctx,
                                uk_resource_e resource);

/** The value of the header Allow: the methods that have a route for the view of
 *  a request. @return it, in the request's pool; NULL: the resource does not
 *  exist for this view */
const char *uk_route_allowed(const uk_context_t *ctx, uk_resource_e resource);

#endif
