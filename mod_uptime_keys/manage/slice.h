/* SPDX-License-Identifier: Apache-2.0 */
/* Pagination of a list of keys, by cursors. */
#ifndef UK_MANAGE_SLICE_H
#define UK_MANAGE_SLICE_H

#include "core/key.h"

/* Keys per slice. */
#define UK_SLICE_DEFAULT 50
#define UK_SLICE_MAX 200

/* A slice of a list, newest first. */
typedef struct {
    const apr_array_header_t *keys; /* uk_key_t *s, shared with the list */
    const char *next;               /* cursor of older keys; NULL: none */
    const char *prev;               /* cursor of newer keys; NULL: none */
    int per_page;
    int total; /* of the list */
} uk_slice_t;

/** Parse a number of at most 18 digits, without a sign. @param end receives what
 *  follows it. @return -1: there is none */
apr_int64_t uk_slice_parse_number(const char *string, char **end);

/** Parse perPage. @param string as sent; NULL: UK_SLICE_DEFAULT. @return 0, or -1
 *  if it is not a number from 1 to UK_SLICE_MAX */
int uk_slice_parse_per_page(const char *string, int *per_page)
    __attribute__((warn_unused_result));

/**
 * Take a slice of a list.
 *
 * @param keys     uk_key_t *s, newest first
 * @param per_page as sent; NULL: UK_SLICE_DEFAULT
 * @param cursor   as sent; NULL: the newest keys. It stays valid when keys are
 *                 created and deleted, even the one that it was made from
 * @return 0, or -1 if per_page is not a number from 1 to UK_SLICE_MAX or cursor
 *         is malformed
 */
int uk_slice_paginate(apr_pool_t *pool, const apr_array_header_t *keys,
                      const char *per_page, const char *cursor,
                      uk_slice_t *slice) __attribute__((warn_unused_result));

#endif
