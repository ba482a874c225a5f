/* SPDX-License-Identifier: Apache-2.0 */
/* A cache of parsed values of uptime_keys.scopes. */
#include "store/scope_cache.h"

#include <apr_hash.h>
#include <apr_strings.h>
#include <apr_thread_mutex.h>
#include <string.h>

#include "store/rows.h"

struct uk_scope_cache_t {
    apr_pool_t *pool; /* of the entries; guarded by the lock */
    apr_thread_mutex_t *lock;
    apr_hash_t *columns; /* value -> uk_scope_column_t *; never removed */
};

uk_scope_cache_t *uk_scope_cache_create(apr_pool_t *pool)
{
    uk_scope_cache_t *scope_cache = apr_pcalloc(pool, sizeof(*scope_cache));

    if (apr_thread_mutex_create(&scope_cache->lock, APR_THREAD_MUTEX_DEFAULT,
                                pool)
        != APR_SUCCESS) {
        return NULL;
    }
    apr_pool_create(&scope_cache->pool, pool);
    scope_cache->columns = apr_hash_make(scope_cache->pool);
    return scope_cache;
}

static uk_scope_column_t read_column(apr_pool_t *pool,
                                     const uk_catalogue_t *catalogue,
                                     const char *value)
{
    apr_array_header_t *names = uk_row_scopes(pool, value);

    return (uk_scope_column_t){apr_array_pstrcat(pool, names, ' '),
                               uk_scopes_from_names(catalogue, names)};
}

static const uk_scope_column_t *find_column(uk_scope_cache_t *scope_cache,
                                            const char *value)
{
    const uk_scope_column_t *column;

    apr_thread_mutex_lock(scope_cache->lock);
    column = apr_hash_get(scope_cache->columns, value, APR_HASH_KEY_STRING);
    apr_thread_mutex_unlock(scope_cache->lock);
    return column;
}

static void put_column(uk_scope_cache_t *scope_cache, const char *value,
                       const uk_scope_column_t *column)
{
    uk_scope_column_t *entry;

    apr_thread_mutex_lock(scope_cache->lock);
    if (apr_hash_count(scope_cache->columns) < UK_SCOPE_CACHE_MAX
        && strlen(value) <= UK_SCOPE_CACHE_VALUE_MAX
        && !apr_hash_get(scope_cache->columns, value, APR_HASH_KEY_STRING)) {
        entry = apr_pmemdup(scope_cache->pool, column, sizeof(*column));
        entry->names = apr_pstrdup(scope_cache->pool, column->names);
        apr_hash_set(scope_cache->columns,
                     apr_pstrdup(scope_cache->pool, value), APR_HASH_KEY_STRING,
                     entry);
    }
    apr_thread_mutex_unlock(scope_cache->lock);
}

uk_scope_column_t uk_scope_cache_read(uk_scope_cache_t *scope_cache,
                                      apr_pool_t *pool,
                                      const uk_catalogue_t *catalogue,
                                      const char *value)
{
    const uk_scope_column_t *known =
        scope_cache && value ? find_column(scope_cache, value) : NULL;
    uk_scope_column_t column;

    if (known) {
        return *known;
    }
    column = read_column(pool, catalogue, value);
    if (scope_cache && value) {
        put_column(scope_cache, value, &column);
    }
    return column;
}
