/* SPDX-License-Identifier: Apache-2.0 */
/* Responses of the management endpoints: documents and problems. */
#ifndef UK_MANAGE_RESPONSE_H
#define UK_MANAGE_RESPONSE_H

#include "httpd/problem_types.h"
#include "manage/context.h"

/* Each uk_respond…() sends a response by ctx->view and returns DONE, for the
 * handler to return. All but uk_respond() send a problem, and log it. */

/** Send a document with a status of success. */
int uk_respond(uk_context_t *ctx, int status, const char *document);

/** Send a problem. @param detail NULL: that of the type */
int uk_respond_problem(uk_context_t *ctx, uk_problem_e type,
                       const char *detail);

/** 400 with the fields at fault. @param errors uk_field_error_ts */
int uk_respond_invalid(uk_context_t *ctx, const apr_array_header_t *errors);

/** 401 with the challenge of the AuthType that is configured. */
int uk_respond_unauthorized(uk_context_t *ctx);

/** 403 with a challenge. @param scopes of which one was needed, separated by
 *  spaces */
int uk_respond_scope_missing(uk_context_t *ctx, const char *scopes);

/** 405. @param allowed the methods for the header Allow, "GET, HEAD" */
int uk_respond_method(uk_context_t *ctx, const char *allowed);

/** 503 with Retry-After; logs ctx->db.error. */
int uk_respond_unavailable(uk_context_t *ctx);

/** If httpd is about to send an error that this module has not answered,
 *  replace its page by a problem document, unless an ErrorDocument is
 *  configured. */
void uk_response_replace_error(const uk_context_t *ctx);

/** Add a field Link to the response. @param rel "next", "prev" */
void uk_response_add_link(const uk_context_t *ctx, const char *url,
                          const char *rel);

/** Set the headers that every response has. */
void uk_response_set_headers(const uk_context_t *ctx);

#endif
