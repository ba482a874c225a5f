/* SPDX-License-Identifier: Apache-2.0 */
/* What texts of uptime_keys.scopes come to, remembered: the keys of a server
 * hold few different sets, and reading JSON for each request has its price. */
#ifndef UK_STORE_SCOPE_CACHE_H
#define UK_STORE_SCOPE_CACHE_H

#include "core/scope.h"

/* Texts that are remembered, the first ones that come. */
#define UK_SCOPE_CACHE_MAX 256
/* Bytes of one; longer ones are not. */
#define UK_SCOPE_CACHE_TEXT_MAX 1024

typedef struct uk_scope_cache_t uk_scope_cache_t;

/* What a column of scopes comes to. */
typedef struct {
    const char *names; /* with one space between them; "" for none */
    uk_scopes_t set;   /* those that the catalogue knows */
} uk_scope_column_t;

/** For threads of one process. @return NULL where there is no lock to be had:
 *  nothing is remembered then */
uk_scope_cache_t *uk_scope_cache_create(apr_pool_t *pool);

/**
 * Read a column of scopes.
 *
 * @param scope_cache always with the same catalogue; NULL: remember nothing
 * @param pool for what the scope_cache does not hold
 * @param text NULL, and what is no JSON array of scopes, grants nothing
 */
uk_scope_column_t uk_scope_cache_read(uk_scope_cache_t *scope_cache,
                                      apr_pool_t *pool,
                                      const uk_catalogue_t *catalogue,
                                      const char *text);

#endif
