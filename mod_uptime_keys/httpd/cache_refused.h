/* SPDX-License-Identifier: Apache-2.0 */
/* The refusals that the cache keeps for a moment, so that a key that was deleted
 * or disabled costs the database little however often it is presented. */
#ifndef UK_HTTPD_CACHE_REFUSED_H
#define UK_HTTPD_CACHE_REFUSED_H

#include "httpd/cache.h"

/** Create the memory for refusals, in post_config: one for all databases and all
 *  children. It is destroyed with the pool. @return 1, or 0 if that failed,
 *  which is logged */
int uk_cache_refused_create(apr_pool_t *pconf, server_rec *main_server);

/**
 * Find out whether a secret was refused just now, while the lease holds.
 *
 * @param look_up has the digest, the round and when the look-up began; receives
 *                the verdict, and the key's id, in the pool, if this returns 1
 * @return 1: it was; 0: look it up
 */
int uk_cache_refused_find(request_rec *r, apr_pool_t *pool,
                          uk_look_up_t *look_up);

/** Keep a refusal by the database: UK_UNKNOWN, UK_EXPIRED, UK_DISABLED or
 *  UK_ROTATED. Nothing else is kept.
 *
 *  @param principal NULL: the key is unknown */
void uk_cache_refused_store(request_rec *r, const uk_look_up_t *look_up,
                            uk_verdict_e verdict,
                            const uk_principal_t *principal);

/** Forget the refusal of a secret, which is accepted now. */
void uk_cache_refused_remove(const uk_look_up_t *look_up);

#endif
