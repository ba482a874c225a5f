/* SPDX-License-Identifier: Apache-2.0 */
/* A cache of parsed values of uptime_keys.scopes: few of them differ, and it
 * would be costly to parse JSON for each request. */
#ifndef UK_STORE_SCOPE_CACHE_H
#define UK_STORE_SCOPE_CACHE_H

#include "core/scope.h"

/* Maximum number of values; once it is full, no value is added or replaced. */
#define UK_SCOPE_CACHE_MAX 256
/* Longer values, in bytes, are not cached. */
#define UK_SCOPE_CACHE_VALUE_MAX 1024

typedef struct uk_scope_cache_t uk_scope_cache_t;

/* A parsed value of uptime_keys.scopes. */
typedef struct {
    const char *names; /* separated by one space; "" for none */
    uk_scopes_t set;   /* those that are in the catalogue */
} uk_scope_column_t;

/** Create a cache that the threads of a process can share, in the pool. @return
 *  the cache; NULL, which uk_scope_cache_read() accepts, if its lock cannot be
 *  created */
uk_scope_cache_t *uk_scope_cache_create(apr_pool_t *pool);

/**
 * Parse a value of uptime_keys.scopes, or take it from the cache.
 *
 * @param scope_cache always with the same catalogue; NULL: no cache
 * @param pool        for names, unless they were found in the cache and live as
 *                    long as that
 * @param value       NULL, and anything but a JSON array of scopes, grants
 *                    nothing
 */
uk_scope_column_t uk_scope_cache_read(uk_scope_cache_t *scope_cache,
                                      apr_pool_t *pool,
                                      const uk_catalogue_t *catalogue,
                                      const char *value);

#endif
