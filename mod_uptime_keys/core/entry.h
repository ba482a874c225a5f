/* SPDX-License-Identifier: Apache-2.0 */
/* An accepted key as a few bytes, for a cache: no text of the key in it, nor
 * its hash. */
#ifndef UK_CORE_ENTRY_H
#define UK_CORE_ENTRY_H

#include "core/key.h"

/* What a look-up came to. */
typedef struct {
    uk_key_t key;           /* without created_at and created_by where it was
                             * unpacked */
    uk_scopes_t scopes;     /* its scopes as a set */
    int has_checksum;       /* 1 unless it is an imported key without */
} uk_entry_t;

/**
 * Write an entry as bytes that mean something to this catalogue alone.
 *
 * @param bytes receives up to max bytes
 * @return their number; 0 where they are not enough
 */
size_t uk_entry_pack(const uk_entry_t *entry, const uk_catalogue_t *catalogue,
                     unsigned char *bytes, size_t max);

/**
 * Read what uk_entry_pack() wrote.
 *
 * @param bytes must live as long as the entry, which points into them
 * @param pool  for the rest of it
 * @return 0, or -1 where these are not such bytes
 */
int uk_entry_unpack(apr_pool_t *pool, const uk_catalogue_t *catalogue,
                    const unsigned char *bytes, size_t len, uk_entry_t *entry)
    __attribute__((warn_unused_result));

#endif
