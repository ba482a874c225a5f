/* SPDX-License-Identifier: Apache-2.0 */
/* The body of a request: its type and size, read to its end. */
#ifndef UK_MANAGE_BODY_H
#define UK_MANAGE_BODY_H

#include "manage/context.h"

/* Bytes. */
#define UK_BODY_MAX 65536

#define UK_JSON_TYPE "application/json"

/** 1 if Content-Type is a media type, with any parameters, else 0. */
int uk_body_has_type(const uk_context_t *ctx, const char *type);

/**
 * Read the whole body, chunked or not, and then confirm who the caller is.
 *
 * @param type the only media type to accept; NULL: any, and none
 * @param body receives it with a NUL added, in the request's pool; it may
 *             contain other NULs
 * @param len  receives its length without the added NUL
 * @return OK; DONE after a response: 415 for another type or with a
 *         Content-Encoding, 413 for more than UK_BODY_MAX, 400 if the body is
 *         incomplete, or one of uk_auth_confirm(); or another status of
 *         ap_map_http_request_error(), for the handler to return
 */
int uk_body_read(uk_context_t *ctx, const char *type, char **body,
                 apr_size_t *len);

/** The same with another limit than UK_BODY_MAX, where nobody has to be
 *  confirmed. @param max in bytes */
int uk_body_read_up_to(uk_context_t *ctx, const char *type, apr_size_t max,
                       char **body, apr_size_t *len);

/** 1 if a module has read the body for itself: with it, a user has logged in by
 *  a form that was posted to the URL of a page (mod_auth_form). Else 0. */
int uk_body_is_consumed(const request_rec *r);

/** The detail of a 413 that httpd answers: LimitRequestBody, if it is exceeded
 *  while uk_body_read() reads. The string is in the request's pool. */
const char *uk_body_limit_of_httpd(request_rec *r);

#endif
