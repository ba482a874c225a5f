/* SPDX-License-Identifier: Apache-2.0 */
/* The cache of accepted keys, and for a moment of refused ones, which saves most
 * look-ups in the database.
 *
 * An entry is found by a digest of the presented key, under a random key for
 * each database. So an entry contains nothing that an API key could be made
 * from, and a key of one database finds no entry of another. */
#include "httpd/cache.h"

#include <string.h>

#include "core/token.h"
#include "httpd/cache_local.h"
#include "httpd/cache_refused.h"
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
    apr_uint64_t round; /* of the lease, in which it was looked up */
} entry_header_t;

#define PRINCIPAL_MAX (UK_CACHE_SHARED_OBJECT_MAX - sizeof(entry_header_t))

/* A principal with all that its strings are in: one allocation. */
typedef struct {
    uk_principal_t principal;
    char prefix[UK_TOKEN_PREFIX_LEN + 1];
    unsigned char packed[];
} unpacked_t;

static uk_leases_t *leases; /* NULL: there is no cache */

static uk_cache_t *create_cache(apr_pool_t *pconf, server_rec *server)
{
    uk_cache_t *cache = apr_pcalloc(pconf, sizeof(*cache));

    uk_secret_random(cache->key, sizeof(cache->key));
    cache->lease = uk_lease_create(leases, server);
    return cache;
}

static int has_own_database(server_rec *server)
{
    return uk_server_config(server)->dbd_driver && uk_dbd_is_first(server);
}

static int count_databases(server_rec *main_server)
{
    server_rec *server;
    int count = 0;

    for (server = main_server; server; server = server->next) {
        count += has_own_database(server);
    }
    return count;
}

static void create_caches(apr_pool_t *pconf, server_rec *main_server)
{
    server_rec *server;

    for (server = main_server; server; server = server->next) {
        uk_server_state_t *own = uk_server_state(server);

        if (uk_server_config(server)->dbd_driver) {
            own->cache =
                has_own_database(server)
                    ? create_cache(pconf, server)
                    : uk_server_state(uk_dbd_first_with_database(server))
                          ->cache;
            own->lease = own->cache->lease;
        }
    }
}

void uk_cache_init(apr_pool_t *pconf, server_rec *main_server)
{
    const uk_server_config_t *config = uk_server_config(main_server);
    int count = count_databases(main_server);

    leases = NULL;
    if (count > 0 && uk_config_cache(config)
        && uk_cache_shared_create(pconf, main_server,
                                  (apr_size_t)uk_config_cache_size(config))
        && uk_cache_refused_create(pconf, main_server)) {
        leases = uk_leases_create(pconf, main_server, count);
    }
    if (leases) {
        create_caches(pconf, main_server);
    }
}

void uk_cache_child_init(apr_pool_t *pchild, server_rec *main_server)
{
    uk_cache_shared_child_init(pchild, main_server);
    if (leases) {
        uk_leases_child_init(leases, pchild);
    }
}

/* @return 0 if the key must be looked up: it was changed or is refused now, or
 * its last use is due to be written */
static int is_usable(request_rec *r, apr_uint64_t round,
                     const uk_principal_t *principal)
{
    const uk_server_config_t *config = uk_server_config(r->server);

    return uk_lease_is_valid(uk_server_state(r->server)->lease, round,
                             principal->group)
           && (principal->has_checksum || !uk_config_require_checksum(config))
           /* Most keys do not expire, and need no clock. */
           && (principal->expires_at == UK_INSTANT_NONE
               || !uk_instant_is_over(principal->expires_at,
                                      uk_instant_from_apr(apr_time_now())))
           && !uk_usage_is_due(principal, r);
}

/* Unpack the principal of an entry. @return NULL if the entry is of another
 * key, or not usable */
static uk_principal_t *open_entry(request_rec *r, apr_pool_t *pool,
                                  const char *value,
                                  const uk_look_up_t *look_up,
                                  const unsigned char *bytes, apr_size_t len)
{
    unpacked_t *unpacked;
    entry_header_t header;

    if (len < sizeof(header)) {
        return NULL;
    }
    memcpy(&header, bytes, sizeof(header));
    len -= sizeof(header);
    if (!uk_secret_equal(header.digest, look_up->digest,
                         sizeof(header.digest))) {
        return NULL;
    }
    unpacked = apr_palloc(pool, sizeof(*unpacked) + len);
    memcpy(unpacked->packed, bytes + sizeof(header), len);
    memcpy(unpacked->prefix, value, UK_TOKEN_PREFIX_LEN);
    unpacked->prefix[UK_TOKEN_PREFIX_LEN] = '\0';
    unpacked->principal.prefix = unpacked->prefix;
    return uk_principal_unpack(unpacked->packed, len, &unpacked->principal) == 0
                   && is_usable(r, header.round, &unpacked->principal)
               ? &unpacked->principal
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

/* While the lease holds. */
static int find_entry(request_rec *r, apr_pool_t *pool, const char *value,
                      uk_look_up_t *look_up, uk_principal_t **principal)
{
    look_up->is_storable = 1;
    uk_secret_digest(uk_server_state(r->server)->cache->key, value,
                     UK_TOKEN_LEN, look_up->digest);
    *principal = find_principal(r, pool, value, look_up);
    if (*principal) {
        look_up->verdict = UK_ACCEPTED;
        return 1;
    }
    look_up->began = uk_clock_now();
    return uk_cache_refused_find(r, pool, look_up);
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
    if (uk_lease_holds(cache->lease, &look_up->round)
        && find_entry(r, pool, value, look_up, principal)) {
        return 1;
    }
    uk_figures_count(r, UK_COUNT_CACHE + UK_CACHE_MISS);
    return 0;
}

static void store_principal(request_rec *r, const uk_look_up_t *look_up,
                            const uk_principal_t *principal)
{
    unsigned char bytes[UK_CACHE_SHARED_OBJECT_MAX];
    entry_header_t header = {.round = look_up->round};
    uk_principal_t stored = *principal;
    apr_size_t len;

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

void uk_cache_store(request_rec *r, const uk_look_up_t *look_up,
                    uk_verdict_e verdict, const uk_principal_t *principal)
{
    if (!look_up->is_storable) {
        return;
    }
    if (verdict == UK_ACCEPTED) {
        uk_cache_refused_remove(look_up);
        store_principal(r, look_up, principal);
    }
    else {
        uk_cache_refused_store(r, look_up, verdict, principal);
    }
}
