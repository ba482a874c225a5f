/* SPDX-License-Identifier: Apache-2.0 */
/* The cache of accepted keys, which spares the database most look-ups. */
#ifndef UK_HTTPD_CACHE_H
#define UK_HTTPD_CACHE_H

#include "core/principal.h"
#include "core/secret.h"
#include "httpd/module.h"

/* A look-up on its way. */
typedef struct {
    unsigned char digest[UK_DIGEST_LEN]; /* keyed, of what was presented */
    apr_uint64_t generation;             /* that was current before it */
    int is_storable; /* what comes out of it may be stored */
} uk_look_up_t;

/** Make a cache for every database of this server, where UptimeKeysCache says
 *  so. What is missing for it is logged, and nothing cached. */
void uk_cache_init(apr_pool_t *pconf, server_rec *main_server);

/** Begin in a child, before mod_watchdog does. */
void uk_cache_child_init(apr_pool_t *pchild, server_rec *main_server);

/**
 * Find the key of a presented text, where it would be accepted right now and
 * there is nothing to do about it in the database.
 *
 * @param look_up receives what uk_cache_store() needs, if the key is looked up
 *                now because it was not found
 * @param principal   receives what it grants, in the pool
 * @return 1 where it was found, else 0
 */
int uk_cache_find(request_rec *r, apr_pool_t *pool, const char *text,
                  uk_look_up_t *look_up, uk_principal_t **principal);

/** Keep an accepted key, whose use the caller sees to be noted if it is due. */
void uk_cache_store(request_rec *r, const uk_look_up_t *look_up,
                    const uk_principal_t *principal);

#endif
