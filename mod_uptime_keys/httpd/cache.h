/* SPDX-License-Identifier: Apache-2.0 */
/* The cache of accepted keys, which saves most look-ups in the database. */
#ifndef UK_HTTPD_CACHE_H
#define UK_HTTPD_CACHE_H

#include "core/principal.h"
#include "core/secret.h"
#include "httpd/module.h"

/* A look-up in progress: uk_cache_find() fills it for uk_cache_store(). */
typedef struct {
    unsigned char digest[UK_DIGEST_LEN]; /* of the presented key */
    apr_uint64_t generation; /* of the lease, read before the look-up */
    int is_storable; /* 0: do not store the outcome; the rest is not set */
} uk_look_up_t;

/** In post_config, after uk_dbd_init(): if UptimeKeysCache is on, create a
 *  cache for each database, and set it in the state (httpd/state.h) of the
 *  servers that use the database. If that fails, it is logged and nothing is
 *  cached. */
void uk_cache_init(apr_pool_t *pconf, server_rec *main_server);

/** Hook child_init, before that of mod_watchdog. */
void uk_cache_child_init(apr_pool_t *pchild, server_rec *main_server);

/**
 * Look for a presented key in the cache. A cached key is found only if the
 * lease (httpd/lease.h) holds, the key would be accepted right now, and its
 * last use need not be written.
 *
 * @param value     what was presented, ending in NUL
 * @param look_up   receives what uk_cache_store() needs; if the key is not
 *                  found, read the database only after this call
 * @param principal receives the principal, in the pool; NULL if not found
 * @return 1 if it was found, else 0
 */
int uk_cache_find(request_rec *r, apr_pool_t *pool, const char *value,
                  uk_look_up_t *look_up, uk_principal_t **principal);

/** Store an accepted key. If its last use is due to be written, it is stored as
 *  if it had been, because this request writes it, by uk_usage_note(). */
void uk_cache_store(request_rec *r, const uk_look_up_t *look_up,
                    const uk_principal_t *principal);

#endif
