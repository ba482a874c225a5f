/* SPDX-License-Identifier: Apache-2.0 */
/* A request to the management endpoints, as far as it is understood. */
#ifndef UK_MANAGE_CONTEXT_H
#define UK_MANAGE_CONTEXT_H

#include "core/key.h"
#include "core/principal.h"
#include "core/team.h"
#include "db/database.h"
#include "httpd/module.h"

typedef struct uk_view_t uk_view_t;
typedef struct uk_form_t uk_form_t;

/* Each step of handler.c fills in its part. */
typedef struct {
    request_rec *r;
    uk_database_t db;
    uk_instant_t now;
    const char *request_id; /* a UUID, also in a problem's instance */
    const char *base;       /* path of the collection, no slash behind */
    const char *url;        /* the same, escaped, to be sent */
    const char *id;         /* of the key in the path; NULL: none */
    apr_table_t *query;     /* parameters behind the "?" */
    const uk_view_t *view;  /* how it is answered: as JSON or as a page */
    const uk_form_t *form;  /* what was typed and must not get lost; NULL */
    /* filled in by auth.c */
    const char *team;                /* whose keys it is about */
    const char *who;                 /* user name, or id of the calling key */
    const uk_principal_t *principal; /* of the calling key; NULL for a user */
    const apr_array_header_t *teams; /* uk_member_t *s of a user; NULL */
    uk_role_e role;                  /* of that user in the team */
} uk_context_t;

/** "&team=…" if the request chose a team, else ""; escaped. */
const char *uk_context_team_query(const uk_context_t *ctx);

/**
 * A URL at this handler, for the same team as this request.
 *
 * @param path  "" or "/key_…", behind the base
 * @param query "" or "&name=value", escaped
 */
const char *uk_context_url(const uk_context_t *ctx, const char *path,
                           const char *query);

#endif
