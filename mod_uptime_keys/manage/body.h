/* SPDX-License-Identifier: Apache-2.0 */
/* The body of a request: its type and size, read to its end. */
#ifndef UK_MANAGE_BODY_H
#define UK_MANAGE_BODY_H

#include "manage/context.h"

#define UK_BODY_MAX 65536

/** 1 where the body is announced as being of a media type, else 0. */
int uk_body_has_type(const uk_context_t *ctx, const char *type);

/**
 * Read the whole body, chunked or not, slow or not.
 *
 * @param type the one media type it may have
 * @param body receives it with a NUL behind; it may hold others
 * @return OK; else the call is answered: 415, 413, 400, or what httpd says
 */
int uk_body_read(uk_context_t *ctx, const char *type, char **body,
                 apr_size_t *len);

#endif
