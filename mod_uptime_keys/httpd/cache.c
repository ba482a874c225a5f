/* SPDX-License-Identifier: Apache-2.0 */
/* The cache of accepted keys, which spares the database most look-ups.
 *
 * One for each database, so that keys of one never open what is guarded by
 * another. Found by a keyed digest of what was presented: there is nothing in
 * it that a key could be made from. */
#include "httpd/cache.h"

#include <apr_shm.h>
#include <string.h>

#include "core/token.h"
#include "httpd/config.h"
#include "httpd/lease.h"
#include "httpd/usage.h"

typedef struct uk_cache_t uk_cache_t;

struct uk_cache_t {
    uk_lease_t *lease;
    uk_table_t *table;
};

static int is_first_with_database(server_rec *main_server, server_rec *server)
{
    return uk_config_first_with_database(main_server, server) == server;
}

static int count_databases(server_rec *main_server)
{
    server_rec *server;
    int count = 0;

    for (server = main_server; server; server = server->next) {
        count += uk_server_config(server)->dbd_driver
                 && is_first_with_database(main_server, server);
    }
    return count;
}

static uk_cache_t *create_cache(apr_pool_t *pconf, server_rec *server,
                                apr_size_t size)
{
    uk_cache_t *cache = apr_pcalloc(pconf, sizeof(*cache));
    apr_shm_t *shared;
    apr_status_t rv = apr_shm_create(&shared, size, NULL, pconf);

    if (rv != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, rv, server,
                     UKLOGNO(0051) "UptimeKeysCache gets no shared memory, "
                                   "every key is looked up");
        return NULL;
    }
    cache->table =
        uk_table_create(pconf, apr_shm_baseaddr_get(shared), size);
    cache->lease = uk_lease_create(pconf, server);
    return cache->lease ? cache : NULL;
}

void uk_cache_init(apr_pool_t *pconf, server_rec *main_server)
{
    const uk_server_config_t *config = uk_server_config(main_server);
    int databases = count_databases(main_server);
    server_rec *server;

    if (!uk_config_caches(config) || databases == 0) {
        return;
    }
    for (server = main_server; server; server = server->next) {
        uk_server_config_t *own = uk_server_config(server);
        server_rec *first = uk_config_first_with_database(main_server, server);

        if (own->dbd_driver) {
            own->keys = first == server
                             ? create_cache(pconf, server,
                                            uk_config_cache_size(config)
                                                / (apr_size_t)databases)
                             : uk_server_config(first)->keys;
            own->lease = own->keys ? own->keys->lease : NULL;
        }
    }
}

void uk_cache_child_init(apr_pool_t *pchild, server_rec *main_server)
{
    server_rec *server;

    for (server = main_server; server; server = server->next) {
        const uk_server_config_t *config = uk_server_config(server);

        if (config->lease && is_first_with_database(main_server, server)) {
            uk_lease_child_init(config->lease, pchild);
        }
    }
}

/* What the database would have to be asked or told about is looked up. */
static int is_enough(request_rec *r, const uk_entry_t *entry)
{
    const uk_server_config_t *config = uk_server_config(r->server);

    return (entry->has_checksum || !uk_config_requires_checksum(config))
           && !uk_key_is_expired(&entry->key,
                                 uk_instant_from_apr(apr_time_now()))
           && !uk_usage_is_due(&entry->key, r);
}

int uk_cache_find(request_rec *r, apr_pool_t *pool, const char *text,
                  uk_look_up_t *look_up, uk_entry_t *entry)
{
    const uk_cache_t *cache = uk_server_config(r->server)->keys;
    uk_table_name_t *name = &look_up->name;
    const unsigned char *bytes;
    size_t len = strlen(text);

    /* Who manages keys is known from the database alone. */
    look_up->is_kept = cache && len == UK_TOKEN_LEN
                       && !uk_config_managed_path(uk_dir_config(r))
                       && uk_lease_holds(cache->lease, &name->generation);
    if (!look_up->is_kept) {
        return 0;
    }
    uk_secret_digest(uk_table_key(cache->table), text, len, name->digest);
    bytes = uk_table_get(cache->table, name, pool, &len);
    return bytes
           && uk_entry_unpack(pool, uk_config_catalogue(), bytes, len, entry)
                  == 0
           && is_enough(r, entry);
}

void uk_cache_keep(request_rec *r, const uk_look_up_t *look_up,
                   const uk_entry_t *entry)
{
    const uk_cache_t *cache = uk_server_config(r->server)->keys;
    unsigned char bytes[UK_TABLE_ENTRY_MAX];
    uk_entry_t kept = *entry;
    size_t len;

    if (!look_up->is_kept) {
        return;
    }
    /* It is due for one request alone. */
    if (uk_usage_is_due(&kept.key, r)) {
        kept.key.last_used_at = uk_instant_from_apr(r->request_time);
    }
    len = uk_entry_pack(&kept, uk_config_catalogue(), bytes, sizeof(bytes));
    if (len > 0) {
        uk_table_put(cache->table, &look_up->name, bytes, len);
    }
}
