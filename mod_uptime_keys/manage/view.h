/* SPDX-License-Identifier: Apache-2.0 */
/* The two ways to show the same things: as JSON and as a page. */
#ifndef UK_MANAGE_VIEW_H
#define UK_MANAGE_VIEW_H

#include "core/problem_document.h"
#include "manage/context.h"
#include "manage/slice.h"

/* Each of these returns a document in the request's pool. */
struct uk_view_t {
    const char *type;         /* media type of its documents */
    const char *problem_type; /* and of its problems */
    const char *policy;       /* Content-Security-Policy; NULL: none */

    /** Keys of the call's team. */
    const char *(*keys)(const uk_context_t *ctx, const uk_slice_t *slice);
    /** One of them. */
    const char *(*key)(const uk_context_t *ctx, const uk_key_t *key);
    /** One that was just made. @param token its text, to be shown this once */
    const char *(*created)(const uk_context_t *ctx, const uk_key_t *key,
                           const char *token);
    /** One is gone. @param status receives 200, or 303 and the header Location
     *  is set */
    const char *(*deleted)(const uk_context_t *ctx, int *status);
    /** What was asked for cannot be. The call is known as far as it came. */
    const char *(*problem)(const uk_context_t *ctx,
                           const uk_problem_document_t *problem);
};

/* json.c's */
extern const uk_view_t uk_json_view;
/* page.c's */
extern const uk_view_t uk_html_view;

#endif
