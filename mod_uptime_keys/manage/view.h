/* SPDX-License-Identifier: Apache-2.0 */
/* A view renders responses: json.h as JSON, html_view.h as HTML. */
#ifndef UK_MANAGE_VIEW_H
#define UK_MANAGE_VIEW_H

#include "core/problem_document.h"
#include "store/rotate.h"
#include "manage/context.h"
#include "manage/event_page.h"
#include "manage/slice.h"

/* Each function returns a document in the request's pool. */
struct uk_view_t {
    const char *type;         /* media type of its documents */
    const char *problem_type; /* media type of its problem documents */
    const char *policy;       /* Content-Security-Policy; NULL: none */

    /** Some of the team's keys. */
    const char *(*keys)(const uk_context_t *ctx, const uk_slice_t *slice);
    /** One key. */
    const char *(*key)(const uk_context_t *ctx, const uk_key_t *key);
    /** A new key. @param token the key itself, shown only here */
    const char *(*created)(const uk_context_t *ctx, const uk_key_t *key,
                           const char *token);
    /** A key was rotated. @param token the new secret, shown only here */
    const char *(*rotated)(const uk_context_t *ctx, const uk_rotated_t *rotated,
                           const char *token);
    /** A key was changed. @param changed UK_CHANGED_… bits. @param status receives
     *  200; or 303, and the header Location is set */
    const char *(*changed)(const uk_context_t *ctx, const uk_key_t *key,
                           unsigned changed, int *status);
    /** A key was deleted. @param status receives 200; or 303, and the header
     *  Location is set */
    const char *(*deleted)(const uk_context_t *ctx, int *status);
    /** Some of the team's events. */
    const char *(*events)(const uk_context_t *ctx, const uk_event_page_t *page);
    /** An error. ctx may be filled in only in part. */
    const char *(*problem)(const uk_context_t *ctx,
                           const uk_problem_document_t *problem);
};

#endif
