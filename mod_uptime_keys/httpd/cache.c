/* SPDX-License-Identifier: Apache-2.0 */
/* The cache of accepted keys, which saves most look-ups in the database.
 *
 * An entry is found by a digest of the presented key, under a random key for
 * each database. So an entry contains nothing that an API key could be made
 * from, and a key of one database finds no entry of another. */
#include "httpd/cache.h"

#include <string.h>

#include "core/token.h"
#include "httpd/cache_local.h"
#include "httpd/cache_shared.h"
#include "httpd/config.h"
#include "httpd/dbd.h"
#include "httpd/figures.h"
#include "httpd/lease.h"
#include "httpd/state.h"
#include "httpd/usage.h"

/* An entry is found by the first bytes of the digest. All of the digest is in
 * the entry, and is compared in constant time. */
#define ID_LEN UK_CACHE_LOCAL_ID_LEN

typedef struct uk_cache_t uk_cache_t;

struct uk_cache_t {
    uk_lease_t *lease;
    unsigned char key[UK_DIGEST_KEY_LEN]; /* of digests; random */
};

/* An entry is this header and a packed principal. */
typedef struct {
    unsigned char digest[UK_DIGEST_LEN];
    apr_uint64_t generation;
} entry_header_t;

#define PRINCIPAL_MAX (UK_CACHE_SHARED_OBJECT_MAX - sizeof(entry_header_t))

static uk_cache_t *create_cache(apr_pool_t *pconf, server_rec *server)
{
    uk_cache_t *cache = apr_pcalloc(pconf, sizeof(*cache));

    uk_secret_random(cache->key, sizeof(cache->key));
    cache->lease = uk_lease_create(pconf, server);
    return cache->lease ? cache : NULL;
}

void uk_cache_init(apr_pool_t *pconf, server_rec *main_server)
{
    const uk_server_config_t *config = uk_server_config(main_server);
    server_rec *server;

    if (!uk_config_cache(config)
        || !uk_cache_shared_create(pconf, main_server,
                                   (apr_size_t)uk_config_cache_size(config))) {
        return;
    }
    for (server = main_server; server; server = server->next) {
        uk_server_state_t *own = uk_server_state(server);
        server_rec *first = uk_dbd_first_with_database(main_server, server);

        if (uk_server_config(server)->dbd_driver) {
            own->cache = first == server ? create_cache(pconf, server)
                                         : uk_server_state(first)->cache;
            own->lease = own->cache ? own->cache->lease : NULL;
        }
    }
}

void uk_cache_child_init(apr_pool_t *pchild, server_rec *main_server)
{
    server_rec *server;

    uk_cache_shared_child_init(pchild, main_server);
    for (server = main_server; server; server = server->next) {
        uk_lease_t *lease = uk_server_state(server)->lease;

        if (lease
            && uk_dbd_first_with_database(main_server, server) == server) {
            uk_lease_child_init(lease, pchild);
        }
    }
}

/* @return 0 if the key must be looked up: it is refused now, or its last use is
 * due to be written */
static int is_usable(request_rec *r, const uk_principal_t *principal)
{
    const uk_server_config_t *config = uk_server_config(r->server);

    return (principal->has_checksum || !uk_config_require_checksum(config))
           /* Most keys do not expire, and need no clock. */
           && (principal->expires_at == UK_INSTANT_NONE
               || !uk_instant_is_over(principal->expires_at,
                                      uk_instant_from_apr(apr_time_now())))
           && !uk_usage_is_due(principal, r);
}

/* Unpack the principal of an entry. @return NULL if the entry is of another
 * key or generation, or not usable */
static uk_principal_t *open_entry(request_rec *r, apr_pool_t *pool,
                                  const char *value,
                                  const uk_look_up_t *look_up,
                                  const unsigned char *bytes, apr_size_t len)
{
    const unsigned char *packed;
    uk_principal_t *principal;
    entry_header_t header;

    if (len < sizeof(header)) {
        return NULL;
    }
    memcpy(&header, bytes, sizeof(header));
    len -= sizeof(header);
    if (!uk_secret_equal(header.digest, look_up->digest, sizeof(header.digest))
        || header.generation != look_up->generation) {
        return NULL;
    }
    packed = apr_pmemdup(pool, bytes + sizeof(header), len);
    principal = apr_palloc(pool, sizeof(*principal));
    principal->prefix = apr_pstrmemdup(pool, value, UK_TOKEN_PREFIX_LEN);
    return uk_principal_unpack(packed, len, principal) == 0
                   && is_usable(r, principal)
               ? principal
               : NULL;
}

/* The entry of this thread may be older than the shared one, which another
 * thread has stored again with a later last use. */
static uk_principal_t *find_principal(request_rec *r, apr_pool_t *pool,
                                      const char *value,
                                      const uk_look_up_t *look_up)
{
    unsigned char shared[UK_CACHE_SHARED_OBJECT_MAX];
    apr_size_t len;
    const unsigned char *local = uk_cache_local_get(look_up->digest, &len);
    uk_principal_t *principal = open_entry(r, pool, value, look_up, local, len);

    if (principal) {
        uk_figures_count(r, UK_COUNT_CACHE + UK_CACHE_THREAD);
        return principal;
    }
    len = uk_cache_shared_get(r, look_up->digest, ID_LEN, shared);
    principal = open_entry(r, pool, value, look_up, shared, len);
    if (principal) {
        uk_cache_local_put(look_up->digest, shared, len);
        uk_figures_count(r, UK_COUNT_CACHE + UK_CACHE_SHARED);
    }
    return principal;
}

int uk_cache_find(request_rec *r, apr_pool_t *pool, const char *value,
                  uk_look_up_t *look_up, uk_principal_t **principal)
{
    const uk_cache_t *cache = uk_server_state(r->server)->cache;

    *principal = NULL;
    look_up->is_storable = 0;
    /* Management requests bypass the cache. */
    if (!cache || strlen(value) != UK_TOKEN_LEN
        || uk_config_managed_path(uk_dir_config(r))) {
        return 0;
    }
    if (uk_lease_holds(cache->lease, &look_up->generation)) {
        look_up->is_storable = 1;
        uk_secret_digest(cache->key, value, UK_TOKEN_LEN, look_up->digest);
        *principal = find_principal(r, pool, value, look_up);
    }
    if (!*principal) {
        uk_figures_count(r, UK_COUNT_CACHE + UK_CACHE_MISS);
    }
    return *principal != NULL;
}

void uk_cache_store(request_rec *r, const uk_look_up_t *look_up,
                    const uk_principal_t *principal)
{
    unsigned char bytes[UK_CACHE_SHARED_OBJECT_MAX];
    entry_header_t header = {.generation = look_up->generation};
    uk_principal_t stored = *principal;
    apr_size_t len;

    if (!look_up->is_storable) {
        return;
    }
    /* Only this request has last_used_at written; the entry counts as just
     * used. */
    if (uk_usage_is_due(&stored, r)) {
        stored.last_used_at = uk_instant_from_apr(r->request_time);
    }
    memcpy(header.digest, look_up->digest, sizeof(header.digest));
    memcpy(bytes, &header, sizeof(header));
    len = uk_principal_pack(&stored, bytes + sizeof(header), PRINCIPAL_MAX);
    if (len > 0) {
        uk_cache_shared_put(r, look_up->digest, ID_LEN, bytes,
                            sizeof(header) + len);
    }
}
