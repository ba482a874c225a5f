/* SPDX-License-Identifier: Apache-2.0 */
/* The lease: whether cached keys of a database may be used right now.
 *
 * A cached key may be used while a poll of the change counter, which found no
 * change since the key was looked up, began less than a lease ago. So a server
 * that deletes a key and then waits for a lease knows that no server uses its
 * entry any more. It need not wait if no other server caches: each announces
 * itself in the database before its first poll. mod_uptime_keys/docs/CACHE.md
 * explains all of it, core/lease_state.h the shared state. */
#include "httpd/lease.h"

#include <apr_optional.h>
#include <apr_shm.h>
#include <apr_thread_mutex.h>
#include <mod_watchdog.h>
#include <string.h>

#include "core/lease_state.h"
#include "core/uuid.h"
#include "store/servers.h"
#include "httpd/dbd.h"
#include "httpd/state.h"

#define POLL_INTERVAL apr_time_from_msec(200)
#define ANNOUNCE_INTERVAL_MS 20000
/* Between attempts to announce, if one failed. */
#define RETRY_INTERVAL_MS 5000

struct uk_lease_t {
    server_rec *server;
    uk_lease_state_t *state; /* shared by all children until a restart */
    apr_pool_t *pool;
    char id[UK_UUID_LEN + 1]; /* of this server, in uptime_servers */
    /* Of a child. */
    apr_thread_mutex_t *lock; /* for what follows; NULL: it never polls */
    uk_clock_ms_t tried_at;   /* when it last tried to announce the server */
    int is_ending;
    int is_poller; /* this child is the one that polls */
    int is_down;   /* a poll or an announcement failed, which was logged */
};

int uk_lease_holds(const uk_lease_t *lease, apr_uint64_t *generation)
{
    return uk_lease_state_holds(lease->state, generation);
}

/* Polling. */

static void log_down(uk_lease_t *lease, const uk_database_t *db)
{
    if (!lease->is_down) {
        ap_log_error(APLOG_MARK, APLOG_ERR, 0, lease->server,
                     UKLOGNO(0052) "the lease on cached keys cannot be renewed "
                                   "(%s): when it ends, every key is looked "
                                   "up; `uptime-keys check` tells more",
                     db->error);
    }
    lease->is_down = 1;
}

static void log_up(uk_lease_t *lease)
{
    if (lease->is_down) {
        ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, lease->server,
                     UKLOGNO(0053) "the lease on cached keys is renewed again");
    }
    lease->is_down = 0;
}

static int is_time_to_announce(const uk_lease_t *lease)
{
    uk_clock_ms_t now = uk_clock_now();

    return uk_lease_state_is_announcement_older(lease->state, now,
                                                ANNOUNCE_INTERVAL_MS)
           && !uk_clock_is_within(lease->tried_at, now, RETRY_INTERVAL_MS);
}

static void announce(uk_lease_t *lease, apr_pool_t *pool)
{
    uk_clock_ms_t now = uk_clock_now();
    uk_instant_t seen_at = uk_instant_from_apr(apr_time_now());
    uk_database_t db;

    lease->tried_at = now;
    uk_dbd_open(&db, lease->server, pool);
    if (uk_store_server_announce(&db, lease->id, seen_at) != UK_OK) {
        log_down(lease, &db);
        return;
    }
    uk_lease_state_record_announcement(lease->state, now, seen_at);
}

static void poll_counter(uk_lease_t *lease, apr_pool_t *pool)
{
    uk_clock_ms_t began = uk_clock_now();
    apr_int64_t counter;
    uk_instant_t announced;
    uk_database_t db;

    uk_dbd_open(&db, lease->server, pool);
    if (uk_store_changes(&db, lease->id, &counter, &announced) != UK_OK) {
        uk_lease_state_record_failure(lease->state);
        log_down(lease, &db);
        return;
    }
    if (!uk_lease_state_confirm_row(lease->state, announced)) {
        return;
    }
    uk_lease_state_record_poll(lease->state, began, counter);
    /* Unless the last announcement failed. */
    if (lease->tried_at <= uk_lease_state_read(lease->state).announced_at) {
        log_up(lease);
    }
}

static void announce_and_poll(uk_lease_t *lease, apr_pool_t *parent)
{
    apr_pool_t *pool;

    apr_pool_create(&pool, parent);
    if (is_time_to_announce(lease)) {
        announce(lease, pool);
    }
    poll_counter(lease, pool);
    apr_pool_destroy(pool);
}

/* The use of the cache must stop before the announcement is withdrawn: after
 * that no other server waits for this one. If another child takes over, it
 * announces the server again. */
static void shut_down(uk_lease_t *lease)
{
    apr_pool_t *pool;
    uk_database_t db;

    apr_thread_mutex_lock(lease->lock);
    lease->is_ending = 1;
    if (lease->is_poller) {
        lease->is_poller = 0;
        uk_lease_state_withdraw(lease->state);
        apr_pool_create(&pool, NULL);
        uk_dbd_open(&db, lease->server, pool);
        /* If this fails, others wait for this server for a while. */
        (void)!uk_store_server_withdraw(&db, lease->id);
        apr_pool_destroy(pool);
    }
    apr_thread_mutex_unlock(lease->lock);
}

static void poll_as_owner(uk_lease_t *lease, apr_pool_t *parent)
{
    if (!lease->lock) {
        return;
    }
    apr_thread_mutex_lock(lease->lock);
    if (!lease->is_ending) {
        lease->is_poller = 1;
        announce_and_poll(lease, parent);
    }
    apr_thread_mutex_unlock(lease->lock);
}

/* Called by mod_watchdog, in a thread for this lease. */
static apr_status_t watchdog_callback(int state, void *baton, apr_pool_t *pool)
{
    uk_lease_t *lease = baton;

    switch (state) {
    case AP_WATCHDOG_STATE_STARTING:
        /* Signals are for httpd's own threads. */
        apr_setup_signal_thread();
        poll_as_owner(lease, pool);
        break;
    case AP_WATCHDOG_STATE_RUNNING:
        poll_as_owner(lease, pool);
        break;
    default:
        /* STOPPING may come after mod_dbd's pools are gone: the cleanup of
         * uk_lease_child_init() shuts down instead. */
        break;
    }
    return APR_SUCCESS;
}

static apr_status_t shut_down_cleanup(void *baton)
{
    shut_down(baton);
    return APR_SUCCESS;
}

void uk_lease_child_init(uk_lease_t *lease, apr_pool_t *pchild)
{
    /* Not in the child's pool: the thread of mod_watchdog outlives it. */
    if (apr_thread_mutex_create(&lease->lock, APR_THREAD_MUTEX_DEFAULT,
                                lease->pool)
        == APR_SUCCESS) {
        /* Before the pools of mod_dbd are destroyed. */
        apr_pool_pre_cleanup_register(pchild, lease, shut_down_cleanup);
    }
}

static apr_status_t register_watchdog(apr_pool_t *pconf, uk_lease_t *lease)
{
    APR_OPTIONAL_FN_TYPE(ap_watchdog_get_instance) *get_instance =
        APR_RETRIEVE_OPTIONAL_FN(ap_watchdog_get_instance);
    APR_OPTIONAL_FN_TYPE(ap_watchdog_register_callback) *register_callback =
        APR_RETRIEVE_OPTIONAL_FN(ap_watchdog_register_callback);
    ap_watchdog_t *watchdog;
    apr_status_t rv;

    if (!get_instance || !register_callback) {
        return APR_ENOTIMPL;
    }
    /* One thread for each database: a poll that hangs delays no other. */
    rv = get_instance(&watchdog,
                      apr_pstrcat(pconf, "uptime_keys_", lease->id, NULL), 0, 1,
                      pconf);
    return rv == APR_SUCCESS ? register_callback(watchdog, POLL_INTERVAL, lease,
                                                 watchdog_callback)
                             : rv;
}

uk_lease_t *uk_lease_create(apr_pool_t *pconf, server_rec *server)
{
    uk_lease_t *lease = apr_pcalloc(pconf, sizeof(*lease));
    apr_shm_t *shared;
    apr_status_t rv;

    lease->server = server;
    lease->pool = pconf;
    uk_uuid_make(lease->id);
    rv = apr_shm_create(&shared, sizeof(*lease->state), NULL, pconf);
    if (rv == APR_SUCCESS) {
        lease->state = apr_shm_baseaddr_get(shared);
        memset(lease->state, 0, sizeof(*lease->state));
        rv = register_watchdog(pconf, lease);
    }
    if (rv == APR_ENOTIMPL) {
        ap_log_error(
            APLOG_MARK, APLOG_WARNING, 0, server,
            UKLOGNO(0050) "UptimeKeysCache needs mod_watchdog; without "
                          "it every key is looked up: add LoadModule "
                          "watchdog_module …/mod_watchdog.so");
    }
    else if (rv != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, rv, server,
                     UKLOGNO(0051) "UptimeKeysCache cannot allocate shared "
                                   "memory, every key is looked up");
    }
    return rv == APR_SUCCESS ? lease : NULL;
}

/* Revoking. */

static void invalidate_lease(void *lease)
{
    uk_lease_state_invalidate(((uk_lease_t *)lease)->state);
}

uk_own_cache_t uk_lease_own_cache(server_rec *server)
{
    uk_lease_t *lease = uk_server_state(server)->lease;

    return lease ? (uk_own_cache_t){lease->id, invalidate_lease, lease}
                 : uk_own_cache_none;
}
