/* SPDX-License-Identifier: Apache-2.0 */
/* The cache of accepted keys, and for a moment of refused ones, which saves most
 * look-ups in the database. */
#ifndef UK_HTTPD_CACHE_H
#define UK_HTTPD_CACHE_H

#include "core/clock.h"
#include "core/principal.h"
#include "core/secret.h"
#include "core/verdict.h"
#include "httpd/module.h"

/* A look-up in progress: uk_cache_find() fills it for uk_cache_store(). */
typedef struct {
    uk_verdict_e verdict; /* of what was found */
    const char *id; /* of a refused key that was found; NULL: it has none */
    unsigned char digest[UK_DIGEST_LEN]; /* of the presented key */
    apr_uint64_t round;  /* of the lease, in which the look-up began */
    uk_clock_ms_t began; /* when it began */
    int is_storable;     /* 0: do not store the outcome; the rest is not set */
} uk_look_up_t;

/** In post_config, after uk_dbd_init(): if UptimeKeysCache is on, create a
 *  cache for each database, and set it in the state (httpd/state.h) of the
 *  servers that use the database. If that fails, it is logged and nothing is
 *  cached. */
void uk_cache_init(apr_pool_t *pconf, server_rec *main_server);

/** Hook child_init, before that of mod_watchdog. */
void uk_cache_child_init(apr_pool_t *pchild, server_rec *main_server);

/**
 * Look for a presented key in the cache. It is found only if the lease
 * (httpd/lease.h) holds; an accepted one only if it would be accepted right now,
 * and its last use need not be written; a refused one only if that was just now.
 *
 * @param value     what was presented, ending in NUL
 * @param look_up   receives what uk_cache_store() needs; if the key is not
 *                  found, read the database only after this call
 * @param principal receives the principal, in the pool; NULL if not found, or
 *                  refused
 * @return 1 if it was found, accepted or refused, else 0
 */
int uk_cache_find(request_rec *r, apr_pool_t *pool, const char *value,
                  uk_look_up_t *look_up, uk_principal_t **principal);

/** Store what was not found: an accepted key, or for a moment that the database
 *  refuses one (httpd/cache_refused.h). If the last use of an accepted key is due
 *  to be written, it is stored as if it had been, because this request writes
 *  it, by uk_usage_note().
 *
 *  @param verdict   any; what is not stored is ignored
 *  @param principal of the key; NULL: it is unknown */
void uk_cache_store(request_rec *r, const uk_look_up_t *look_up,
                    uk_verdict_e verdict, const uk_principal_t *principal);

#endif
