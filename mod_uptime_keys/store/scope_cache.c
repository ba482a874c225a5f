/* SPDX-License-Identifier: Apache-2.0 */
/* What texts of uptime_keys.scopes come to, remembered. */
#include "store/scope_cache.h"

#include <apr_hash.h>
#include <apr_strings.h>
#include <apr_thread_mutex.h>
#include <string.h>

#include "store/rows.h"

struct uk_scope_cache_t {
    apr_pool_t *pool; /* of its own: guarded by the lock too */
    apr_thread_mutex_t *lock;
    apr_hash_t *columns; /* text -> uk_scope_column_t *, which stay */
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
                                     const char *text)
{
    apr_array_header_t *names = uk_row_scopes(pool, text);

    return (uk_scope_column_t){apr_array_pstrcat(pool, names, ' '),
                               uk_scopes_from_names(catalogue, names)};
}

static const uk_scope_column_t *find(uk_scope_cache_t *scope_cache,
                                     const char *text)
{
    const uk_scope_column_t *column;

    apr_thread_mutex_lock(scope_cache->lock);
    column = apr_hash_get(scope_cache->columns, text, APR_HASH_KEY_STRING);
    apr_thread_mutex_unlock(scope_cache->lock);
    return column;
}

static void put(uk_scope_cache_t *scope_cache, const char *text,
                const uk_scope_column_t *column)
{
    uk_scope_column_t *copy;

    apr_thread_mutex_lock(scope_cache->lock);
    if (apr_hash_count(scope_cache->columns) < UK_SCOPE_CACHE_MAX
        && strlen(text) <= UK_SCOPE_CACHE_TEXT_MAX
        && !apr_hash_get(scope_cache->columns, text, APR_HASH_KEY_STRING)) {
        copy = apr_pmemdup(scope_cache->pool, column, sizeof(*column));
        copy->names = apr_pstrdup(scope_cache->pool, column->names);
        apr_hash_set(scope_cache->columns, apr_pstrdup(scope_cache->pool, text),
                     APR_HASH_KEY_STRING, copy);
    }
    apr_thread_mutex_unlock(scope_cache->lock);
}

uk_scope_column_t uk_scope_cache_read(uk_scope_cache_t *scope_cache,
                                      apr_pool_t *pool,
                                      const uk_catalogue_t *catalogue,
                                      const char *text)
{
    const uk_scope_column_t *known =
        scope_cache && text ? find(scope_cache, text) : NULL;
    uk_scope_column_t column;

    if (known) {
        return *known;
    }
    column = read_column(pool, catalogue, text);
    if (scope_cache && text) {
        put(scope_cache, text, &column);
    }
    return column;
}
