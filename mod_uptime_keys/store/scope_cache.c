/* SPDX-License-Identifier: Apache-2.0 */
/* What texts of uptime_keys.scopes come to, remembered. */
#include "store/scope_cache.h"

#include <apr_hash.h>
#include <apr_strings.h>
#include <apr_thread_mutex.h>
#include <string.h>

#include "store/rows.h"

struct uk_scope_memo_t {
    apr_pool_t *pool; /* of its own: guarded by the lock too */
    apr_thread_mutex_t *lock;
    apr_hash_t *columns; /* text -> uk_scope_column_t *, which stay */
};

uk_scope_memo_t *uk_scope_memo_create(apr_pool_t *pool)
{
    uk_scope_memo_t *memo = apr_pcalloc(pool, sizeof(*memo));

    if (apr_thread_mutex_create(&memo->lock, APR_THREAD_MUTEX_DEFAULT, pool)
        != APR_SUCCESS) {
        return NULL;
    }
    apr_pool_create(&memo->pool, pool);
    memo->columns = apr_hash_make(memo->pool);
    return memo;
}

static uk_scope_column_t read_column(apr_pool_t *pool,
                                     const uk_catalogue_t *catalogue,
                                     const char *text)
{
    apr_array_header_t *names = uk_row_scopes(pool, text);

    return (uk_scope_column_t){apr_array_pstrcat(pool, names, ' '),
                               uk_scopes_of_names(catalogue, names)};
}

static const uk_scope_column_t *find(uk_scope_memo_t *memo, const char *text)
{
    const uk_scope_column_t *column;

    apr_thread_mutex_lock(memo->lock);
    column = apr_hash_get(memo->columns, text, APR_HASH_KEY_STRING);
    apr_thread_mutex_unlock(memo->lock);
    return column;
}

static void keep(uk_scope_memo_t *memo, const char *text,
                 const uk_scope_column_t *column)
{
    uk_scope_column_t *kept;

    apr_thread_mutex_lock(memo->lock);
    if (apr_hash_count(memo->columns) < UK_SCOPE_MEMO_MAX
        && strlen(text) <= UK_SCOPE_MEMO_TEXT_MAX
        && !apr_hash_get(memo->columns, text, APR_HASH_KEY_STRING)) {
        kept = apr_pmemdup(memo->pool, column, sizeof(*column));
        kept->names = apr_pstrdup(memo->pool, column->names);
        apr_hash_set(memo->columns, apr_pstrdup(memo->pool, text),
                     APR_HASH_KEY_STRING, kept);
    }
    apr_thread_mutex_unlock(memo->lock);
}

uk_scope_column_t uk_scope_memo_read(uk_scope_memo_t *memo, apr_pool_t *pool,
                                     const uk_catalogue_t *catalogue,
                                     const char *text)
{
    const uk_scope_column_t *known = memo && text ? find(memo, text) : NULL;
    uk_scope_column_t column;

    if (known) {
        return *known;
    }
    column = read_column(pool, catalogue, text);
    if (memo && text) {
        keep(memo, text, &column);
    }
    return column;
}
