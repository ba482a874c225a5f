/* SPDX-License-Identifier: Apache-2.0 */
/* A call to the management endpoints, and how its parts fit together. */
#ifndef UK_MANAGE_CONTEXT_H
#define UK_MANAGE_CONTEXT_H

#include "store/store.h"
#include "httpd/module.h"

typedef struct uk_view_t uk_view_t;
typedef struct uk_form_t uk_form_t;

/* A call as far as it is understood; each step fills in its part. */
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
    /* caller.c's */
    const char *team;                /* whose keys it is about */
    const char *who;                 /* user name, or id of the calling key */
    const uk_principal_t *principal; /* of the calling key; NULL for a person */
    const apr_array_header_t *teams; /* uk_member_t *s of a person; NULL */
    uk_role_e role;                  /* of that person in the team */
} uk_context_t;

/** Hook handler: serve the management endpoints. */
int uk_manage_handle(request_rec *r);

/** Hook insert_error_filter: what every answer of these endpoints carries is on
 *  those too that httpd makes. */
void uk_manage_insert_error_filter(request_rec *r);

#endif
