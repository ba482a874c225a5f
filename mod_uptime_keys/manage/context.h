/* SPDX-License-Identifier: Apache-2.0 */
/* The context of a request to the management endpoints. */
#ifndef UK_MANAGE_CONTEXT_H
#define UK_MANAGE_CONTEXT_H

#include "core/key.h"
#include "core/principal.h"
#include "core/team.h"
#include "db/database.h"
#include "httpd/figures.h"
#include "httpd/module.h"
#include "manage/slice.h"

typedef struct uk_view_t uk_view_t;
typedef struct uk_form_t uk_form_t;

/* All strings live as long as the request. */
typedef struct {
    /* set by handler.c */
    request_rec *r;
    uk_database_t db; /* results are in r->pool */
    uk_instant_t now; /* when the request had been read, to the body's end */
    const char *request_id; /* a UUID, also in a problem's instance */
    const char *base;       /* URL path of the endpoints, no final slash */
    const char *url;        /* the same, escaped for use as a URL */
    const char *id;         /* of the key in the path; NULL: no key */
    apr_table_t *query;     /* parameters of the query string, decoded */
    const uk_view_t *view;  /* renders the response */
    /* set by act_*.c */
    const uk_form_t *form; /* as it was sent, to be shown again; NULL: none */
    const uk_key_t *key;   /* that the form changes, as it is now; NULL: none */
    /* by lookup.c: uk_rotation_time_ts (store/rotate.h); NULL: unknown */
    const apr_array_header_t *rotations;
    /* set by auth.c; NULL and UK_ROLE_NONE before */
    const char *team;                /* whose keys are managed */
    const char *actor;               /* name of the user, or id of the key */
    const uk_principal_t *principal; /* of the key; NULL for a user */
    const apr_array_header_t *teams; /* uk_member_t *s; NULL for a key */
    uk_role_e role;                  /* of the user in the team */
    const char *scopes;              /* of which a key needs one */
    uk_managed_e managed; /* how it was answered, set by response.c */
} uk_context_t;

/**
 * A URL below the location, for the same team as this request.
 *
 * @param path  "" or "/key_…", escaped; it follows the base
 * @param query "" or "&name=value", escaped
 * @return the URL, in the request's pool
 */
const char *uk_context_url(const uk_context_t *ctx, const char *path,
                           const char *query);

/** The URL of the list of keys from a cursor of a slice on. */
const char *uk_context_slice_url(const uk_context_t *ctx,
                                 const uk_slice_t *slice, const char *cursor);

#endif
