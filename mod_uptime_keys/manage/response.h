/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of the management endpoints: documents and problems. */
#ifndef UK_MANAGE_RESPONSE_H
#define UK_MANAGE_RESPONSE_H

#include "httpd/problem_types.h"
#include "manage/context.h"

/* Each of these answers the call and returns DONE, for the handler to pass on:
 * a caller that gets anything but OK has nothing left to do. */

/** Send a document with status 200 or 201. */
int uk_respond(uk_context_t *ctx, int status, const char *document);

/** @param detail NULL for the detail of the type */
int uk_respond_problem(uk_context_t *ctx, uk_problem_e type,
                       const char *detail);

/** 400 with every field at fault. */
int uk_respond_invalid(uk_context_t *ctx, const apr_array_header_t *errors);

/** 401 with the challenge of whatever authentication is configured. */
int uk_respond_unauthorized(uk_context_t *ctx);

/** 403 with the challenge that names the scopes of which one was needed. */
int uk_respond_scope_missing(uk_context_t *ctx, const char *scopes);

/** 405. @param allowed methods, for the header Allow */
int uk_respond_method(uk_context_t *ctx, const char *allowed);

/** 503 with Retry-After; logs why. */
int uk_respond_unavailable(uk_context_t *ctx);

/** Put a problem in the place of the page that httpd is about to send for an
 *  error that no code of ours has answered. */
void uk_response_replace_error(const uk_context_t *ctx);

/** Set the headers that are on every answer. */
void uk_response_set_headers(const uk_context_t *ctx);

#endif
