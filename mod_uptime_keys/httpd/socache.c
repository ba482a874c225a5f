/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes that all children share, in httpd's own cache of small objects. */
#include "httpd/socache.h"

#include <ap_provider.h>
#include <ap_socache.h>
#include <util_mutex.h>

#define NAME "uptime-keys"
#define PROVIDER "shmcb"
/* Far longer than any child that runs holds the lock. */
#define LOCK_WAIT apr_time_from_msec(10)
/* An object that nobody has replaced meanwhile makes room. */
#define LIFETIME apr_time_from_sec(60 * 60)

static const ap_socache_provider_t *provider;
static ap_socache_instance_t *instance;
static apr_global_mutex_t *mutex;

void uk_socache_register(apr_pool_t *pconf)
{
    provider = NULL;
    instance = NULL;
    mutex = NULL;
    /* Of all mechanisms, one that can be waited for with a limit; the directive
     * Mutex chooses another. */
    ap_mutex_register(pconf, NAME, NULL, APR_LOCK_DEFAULT_TIMED, 0);
}

static apr_status_t destroy(void *main_server)
{
    provider->destroy(instance, main_server);
    instance = NULL;
    return APR_SUCCESS;
}

/* @return NULL, or why there is none */
static const char *create(apr_pool_t *pconf, server_rec *main_server,
                          apr_size_t size)
{
    static struct ap_socache_hints hints = {
        .avg_obj_size = 150, .avg_id_len = 8, .expiry_interval = LIFETIME};
    const char *problem;

    provider = ap_lookup_provider(AP_SOCACHE_PROVIDER_GROUP, PROVIDER,
                                  AP_SOCACHE_PROVIDER_VERSION);
    if (!provider) {
        return "add LoadModule socache_shmcb_module …/mod_socache_shmcb.so";
    }
    problem = provider->create(
        &instance, apr_psprintf(pconf, NAME "(%" APR_SIZE_T_FMT ")", size),
        pconf, pconf);
    if (problem) {
        return problem;
    }
    if (ap_global_mutex_create(&mutex, NULL, NAME, NULL, main_server, pconf, 0)
            != APR_SUCCESS
        || provider->init(instance, NAME, &hints, main_server, pconf)
               != APR_SUCCESS) {
        instance = NULL;
        return "there is no lock or shared memory to be had";
    }
    apr_pool_cleanup_register(pconf, main_server, destroy,
                              apr_pool_cleanup_null);
    return NULL;
}

int uk_socache_create(apr_pool_t *pconf, server_rec *main_server,
                      apr_size_t size)
{
    const char *problem = create(pconf, main_server, size);

    if (problem) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, main_server,
                     UKLOGNO(0054) "UptimeKeysCache finds no cache, every key "
                                   "is looked up: %s",
                     problem);
    }
    return !problem;
}

void uk_socache_child_init(apr_pool_t *pchild, server_rec *main_server)
{
    if (instance
        && apr_global_mutex_child_init(
               &mutex, apr_global_mutex_lockfile(mutex), pchild)
               != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, main_server,
                     UKLOGNO(0054) "UptimeKeysCache finds no lock in a child, "
                                   "which looks up every key");
        instance = NULL;
    }
}

/* It is free nearly always, and then nobody needs to look at a clock. */
static int lock(void)
{
    return instance
           && (apr_global_mutex_trylock(mutex) == APR_SUCCESS
               || apr_global_mutex_timedlock(mutex, LOCK_WAIT) == APR_SUCCESS);
}

apr_size_t uk_socache_get(request_rec *r, const unsigned char *id,
                          apr_size_t id_len, unsigned char *bytes)
{
    unsigned int len = UK_SOCACHE_OBJECT_MAX;
    apr_status_t rv;

    if (!lock()) {
        return 0;
    }
    rv = provider->retrieve(instance, r->server, id, (unsigned int)id_len,
                            bytes, &len, r->pool);
    apr_global_mutex_unlock(mutex);
    return rv == APR_SUCCESS ? len : 0;
}

void uk_socache_put(request_rec *r, const unsigned char *id,
                    apr_size_t id_len, unsigned char *bytes, apr_size_t len)
{
    if (lock()) {
        provider->store(instance, r->server, id, (unsigned int)id_len,
                        apr_time_now() + LIFETIME, bytes, (unsigned int)len,
                        r->pool);
        apr_global_mutex_unlock(mutex);
    }
}
