/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of a long list. */
#ifndef UK_MANAGE_SLICE_H
#define UK_MANAGE_SLICE_H

#include "core/key.h"

#define UK_SLICE_DEFAULT 50
#define UK_SLICE_MAX 200

/* A slice of a list, newest first. */
typedef struct {
    const apr_array_header_t *keys; /* uk_key_t *s of the slice */
    const char *next;               /* cursors; NULL: no such slice */
    const char *prev;
    int per_page;
    int total;
} uk_slice_t;

/**
 * Cut a slice out of a list.
 *
 * @param per_page as sent; NULL for the default
 * @param cursor   as sent; NULL for the first slice. It stays good when keys come
 *                 and go, the one it was made of included
 * @return 0, or -1 where per_page or cursor is not what we gave out
 */
int uk_slice_paginate(apr_pool_t *pool, const apr_array_header_t *keys,
                      const char *per_page, const char *cursor,
                      uk_slice_t *slice) __attribute__((warn_unused_result));

#endif
