/* SPDX-License-Identifier: Apache-2.0 */
/* The shared cache: objects that all children share, in httpd's socache. */
#ifndef UK_HTTPD_CACHE_SHARED_H
#define UK_HTTPD_CACHE_SHARED_H

#include "httpd/module.h"

/* Bytes of one object. */
#define UK_CACHE_SHARED_OBJECT_MAX 2048

/** Register the type of mutex, in pre_config. */
void uk_cache_shared_register(apr_pool_t *pconf);

/**
 * Create the cache, in post_config. It is destroyed with the pool.
 *
 * @param size bytes of shared memory
 * @return 1, or 0 if that failed, which is logged
 */
int uk_cache_shared_create(apr_pool_t *pconf, server_rec *main_server,
                           apr_size_t size);

/** Hook child_init: open the locks. If that fails it is logged, and this child
 *  finds and stores nothing. */
void uk_cache_shared_child_init(apr_pool_t *pchild, server_rec *main_server);

/**
 * Find an object. The lock is waited for 10 ms at the most, as a child may be
 * stopped while it holds it; after that the object counts as not found.
 *
 * @param id    at least one byte
 * @param bytes receives up to UK_CACHE_SHARED_OBJECT_MAX bytes
 * @return their number, 0 if there is no such object
 */
apr_size_t uk_cache_shared_get(request_rec *r, const unsigned char *id,
                               apr_size_t id_len, unsigned char *bytes);

/** Store a copy of an object, for an hour at the most. The cache may decline to
 *  store it, or replace it by others. @param bytes is not const only because of
 *  the provider's prototype; they are not changed */
void uk_cache_shared_put(request_rec *r, const unsigned char *id,
                         apr_size_t id_len, unsigned char *bytes,
                         apr_size_t len);

#endif
