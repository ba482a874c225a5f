/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes that all children share, in httpd's own cache of small objects. */
#ifndef UK_HTTPD_CACHE_SHARED_H
#define UK_HTTPD_CACHE_SHARED_H

#include "httpd/module.h"

/* Bytes of one object. */
#define UK_CACHE_SHARED_OBJECT_MAX 2048

/** Get ready for a pass over the configuration, in pre_config. */
void uk_cache_shared_register(apr_pool_t *pconf);

/**
 * Make the cache, in post_config.
 *
 * @param size bytes of shared memory
 * @return 0 where that cannot be, which is logged
 */
int uk_cache_shared_create(apr_pool_t *pconf, server_rec *main_server,
                           apr_size_t size);

/** Begin in a child. */
void uk_cache_shared_child_init(apr_pool_t *pchild, server_rec *main_server);

/**
 * Find an object.
 *
 * Nobody waits for long for a child that was stopped in the middle of its work:
 * what cannot be had at once is not there.
 *
 * @param bytes receives up to UK_CACHE_SHARED_OBJECT_MAX
 * @return their number, 0 where there is none
 */
apr_size_t uk_cache_shared_get(request_rec *r, const unsigned char *id,
                               apr_size_t id_len, unsigned char *bytes);

/** Keep an object for a while, if there is room. */
void uk_cache_shared_put(request_rec *r, const unsigned char *id,
                         apr_size_t id_len, unsigned char *bytes,
                         apr_size_t len);

#endif
