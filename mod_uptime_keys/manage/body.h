/* SPDX-License-Identifier: Apache-2.0 */
/* The body of a request: its type and size, read to its end. */
#ifndef UK_MANAGE_BODY_H
#define UK_MANAGE_BODY_H

#include "manage/context.h"

/* Bytes. */
#define UK_BODY_MAX 65536

/** 1 if Content-Type is a media type, with any parameters, else 0. */
int uk_body_has_type(const uk_context_t *ctx, const char *type);

/**
 * Read the whole body, chunked or not.
 *
 * @param type the only media type to accept
 * @param body receives it with a NUL added, in the request's pool; it may
 *             contain other NULs
 * @param len  receives its length without the added NUL
 * @return OK; DONE after a response: 415 for another type or with a
 *         Content-Encoding, 413 for more than UK_BODY_MAX, 400 if the body is
 *         incomplete; or another status of ap_map_http_request_error(), for the
 *         handler to return
 */
int uk_body_read(uk_context_t *ctx, const char *type, char **body,
                 apr_size_t *len);

#endif
