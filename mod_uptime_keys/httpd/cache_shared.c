/* SPDX-License-Identifier: Apache-2.0 */
/* The shared cache: objects that all children share, in httpd's socache. */
#include "httpd/cache_shared.h"

#include <ap_provider.h>
#include <ap_socache.h>
#include <stdatomic.h>
#include <util_mutex.h>

#define NAME "uptime-keys"
#define PROVIDER "shmcb"
/* A child that runs holds a lock for a microsecond or two: not worth sleeping
 * for. One that was suspended meanwhile is waited for, but not for long. */
#define LOCK_TRIES 100
#define LOCK_WAIT apr_time_from_msec(10)
/* An object that was not stored again for so long makes room. */
#define LIFETIME apr_time_from_sec(60 * 60)

/* For each look-up shmcb looks at more objects the larger its memory is, one
 * after the other and under the lock: at 45 with 128 KiB, at 180 with 1 MiB. So
 * there are several instances of it. */
#define PARTS_MAX 128
#define PART_SIZE (128 * 1024)

/* Bytes of an entry, about. */
#define OBJECT_SIZE 150

/* A cache that is smaller than the set of objects in use would replace each
 * before it is looked for again. So once it is full, and after more than a few
 * misses in a row, only one object in 16 is stored, and those stay for long
 * enough. Source: Qureshi and others, "Adaptive insertion policies for high
 * performance caching", 2007, bimodal insertion. */
#define MISSES_FEW 2
#define STORED_OF 16

typedef struct {
    ap_socache_instance_t *instance;
    apr_global_mutex_t *mutex;
} part_t;

static const ap_socache_provider_t *provider;
static part_t parts[PARTS_MAX];
static int part_count;        /* 0: there is no cache */
static apr_uint32_t capacity; /* objects, about */

/* Of this child. */
static _Atomic apr_uint32_t misses; /* in a row */
static _Atomic apr_uint32_t stored; /* objects */

void uk_cache_shared_register(apr_pool_t *pconf)
{
    provider = NULL;
    part_count = 0;
    /* By default a mechanism with timed locks; the directive Mutex may choose
     * another one. */
    ap_mutex_register(pconf, NAME, NULL, APR_LOCK_DEFAULT_TIMED, 0);
}

static apr_status_t destroy_parts(void *main_server)
{
    while (part_count > 0) {
        provider->destroy(parts[--part_count].instance, main_server);
    }
    return APR_SUCCESS;
}

/* @return NULL, or an error message */
static const char *create_part(apr_pool_t *pconf, server_rec *main_server,
                               apr_size_t size)
{
    static struct ap_socache_hints hints = {.avg_obj_size = OBJECT_SIZE,
                                            .avg_id_len = 8,
                                            .expiry_interval = LIFETIME};
    part_t *part = &parts[part_count];
    const char *number = apr_itoa(pconf, part_count);
    const char *problem = provider->create(
        &part->instance,
        apr_psprintf(pconf, NAME "-%s(%" APR_SIZE_T_FMT ")", number, size),
        pconf, pconf);

    if (problem) {
        return problem;
    }
    if (ap_global_mutex_create(&part->mutex, NULL, NAME, number, main_server,
                               pconf, 0)
            != APR_SUCCESS
        || provider->init(part->instance, NAME, &hints, main_server, pconf)
               != APR_SUCCESS) {
        return "cannot create a lock or shared memory";
    }
    part_count++;
    return NULL;
}

/* @return NULL, or an error message */
static const char *create_parts(apr_pool_t *pconf, server_rec *main_server,
                                apr_size_t size)
{
    apr_size_t count = size / PART_SIZE;
    const char *problem = NULL;

    provider = ap_lookup_provider(AP_SOCACHE_PROVIDER_GROUP, PROVIDER,
                                  AP_SOCACHE_PROVIDER_VERSION);
    if (!provider) {
        return "add LoadModule socache_shmcb_module …/mod_socache_shmcb.so";
    }
    count = count < 1 ? 1 : count > PARTS_MAX ? PARTS_MAX : count;
    apr_pool_cleanup_register(pconf, main_server, destroy_parts,
                              apr_pool_cleanup_null);
    while (!problem && (apr_size_t)part_count < count) {
        problem = create_part(pconf, main_server, size / count);
    }
    if (problem) {
        destroy_parts(main_server);
    }
    capacity = (apr_uint32_t)(size / OBJECT_SIZE);
    return problem;
}

int uk_cache_shared_create(apr_pool_t *pconf, server_rec *main_server,
                           apr_size_t size)
{
    const char *problem = create_parts(pconf, main_server, size);

    if (problem) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, main_server,
                     UKLOGNO(0054) "UptimeKeysCache: no socache provider or "
                                   "lock, every key is looked up: %s",
                     problem);
    }
    return !problem;
}

void uk_cache_shared_child_init(apr_pool_t *pchild, server_rec *main_server)
{
    int i;

    for (i = 0; i < part_count; i++) {
        apr_global_mutex_t **mutex = &parts[i].mutex;

        if (apr_global_mutex_child_init(
                mutex, apr_global_mutex_lockfile(*mutex), pchild)
            != APR_SUCCESS) {
            ap_log_error(APLOG_MARK, APLOG_WARNING, 0, main_server,
                         UKLOGNO(0055) "UptimeKeysCache: no lock in a child, "
                                       "which looks up every key");
            part_count = 0;
        }
    }
}

/* The part for an id, locked; NULL if that failed. The lock is nearly always
 * free, and trying it reads no clock. shmcb distributes objects by the first
 * byte of the id, so parts go by the last. */
static part_t *lock_part(const unsigned char *id, apr_size_t id_len)
{
    part_t *part;
    int tries;

    if (part_count == 0) {
        return NULL;
    }
    part = &parts[id[id_len - 1] % part_count];
    for (tries = 0; tries < LOCK_TRIES; tries++) {
        if (apr_global_mutex_trylock(part->mutex) == APR_SUCCESS) {
            return part;
        }
    }
    return apr_global_mutex_timedlock(part->mutex, LOCK_WAIT) == APR_SUCCESS
               ? part
               : NULL;
}

static void count_look_up(int is_found)
{
    if (!is_found) {
        atomic_fetch_add(&misses, 1);
    }
    else if (atomic_load(&misses) != 0) {
        atomic_store(&misses, 0);
    }
}

apr_size_t uk_cache_shared_get(request_rec *r, const unsigned char *id,
                               apr_size_t id_len, unsigned char *bytes)
{
    unsigned int len = UK_CACHE_SHARED_OBJECT_MAX;
    part_t *part = lock_part(id, id_len);
    apr_status_t rv;

    if (!part) {
        return 0;
    }
    rv = provider->retrieve(part->instance, r->server, id, (unsigned int)id_len,
                            bytes, &len, r->pool);
    apr_global_mutex_unlock(part->mutex);
    count_look_up(rv == APR_SUCCESS);
    return rv == APR_SUCCESS ? len : 0;
}

static int is_worth_storing(void)
{
    apr_uint32_t in_a_row = atomic_load(&misses);

    return in_a_row <= MISSES_FEW || in_a_row % STORED_OF == 0
           || atomic_load(&stored) < capacity;
}

void uk_cache_shared_put(request_rec *r, const unsigned char *id,
                         apr_size_t id_len, unsigned char *bytes,
                         apr_size_t len)
{
    part_t *part = is_worth_storing() ? lock_part(id, id_len) : NULL;

    if (part) {
        atomic_fetch_add(&stored, 1);
        provider->store(part->instance, r->server, id, (unsigned int)id_len,
                        apr_time_now() + LIFETIME, bytes, (unsigned int)len,
                        r->pool);
        apr_global_mutex_unlock(part->mutex);
    }
}
