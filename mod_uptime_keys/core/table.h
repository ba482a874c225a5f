/* SPDX-License-Identifier: Apache-2.0 */
/* A table of authenticated entries, in memory that processes share.
 *
 * It has no locks: nobody ever waits for a process that was stopped or killed
 * in the middle of its work. What two writers mix up, or what anybody else
 * writes into this memory, fails its authentication and is not there. */
#ifndef UK_CORE_TABLE_H
#define UK_CORE_TABLE_H

#include <apr_pools.h>

#include "core/secret.h"

/* Bytes of memory that make a table, at least. */
#define UK_TABLE_SIZE_MIN 65536
/* Bytes of one entry. */
#define UK_TABLE_ENTRY_MAX 2008

typedef struct uk_table_t uk_table_t;

/* What an entry is found and trusted by. */
typedef struct {
    unsigned char digest[UK_DIGEST_LEN];    /* keyed, of what it is about */
    apr_uint64_t generation;                /* all others are void */
} uk_table_name_t;

/**
 * Lay a table over memory that is all zeros.
 *
 * @param memory at least UK_TABLE_SIZE_MIN bytes, aligned for any type, that
 *               live as long as the pool
 */
uk_table_t *uk_table_create(apr_pool_t *pool, void *memory, size_t size);

/** The key for digests, made anew for each table; processes inherit it. */
const unsigned char *uk_table_key(const uk_table_t *table);

/**
 * Find an entry.
 *
 * @param len receives its length
 * @return a copy in the pool, NULL where there is none
 */
const unsigned char *uk_table_get(const uk_table_t *table,
                                  const uk_table_name_t *name,
                                  apr_pool_t *pool, size_t *len);

/** Put an entry in the place of an older one of that name or, where there is no
 *  room, of any other; one above UK_TABLE_ENTRY_MAX is not kept. */
void uk_table_put(uk_table_t *table, const uk_table_name_t *name,
                  const unsigned char *entry, size_t len);

#endif
