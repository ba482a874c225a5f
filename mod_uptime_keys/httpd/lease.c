/* SPDX-License-Identifier: Apache-2.0 */
/* The lease: whether copies of a database's keys may be used right now.
 *
 * A copy may be used while a poll at the counter of changes, which found no
 * change since the copy was made, has begun less than a lease ago. So whoever
 * deletes a key and then waits for a lease knows that nobody uses a copy. That
 * is left out where nobody has copies: who has any says so in the database,
 * before his first poll. */
#include "httpd/lease.h"

#include <apr_optional.h>
#include <apr_shm.h>
#include <apr_thread_mutex.h>
#include <mod_watchdog.h>
#include <stdatomic.h>
#include <time.h>

#include "core/uuid.h"
#include "httpd/config.h"
#include "httpd/dbd.h"

#define POLL_INTERVAL apr_time_from_msec(200)
#define ANNOUNCE_INTERVAL_MS 20000
/* After an announcement that failed. */
#define RETRY_INTERVAL_MS 5000

/* What the children of a generation share: written by the one that polls, but
 * for the generation, and read by every request without a lock. Instants are
 * now_ms()'s, 0 for never. */
typedef struct {
    _Atomic apr_uint64_t poll_began; /* the last one that succeeded */
    _Atomic apr_uint64_t announced_at;
    _Atomic apr_uint64_t generation; /* goes up with every change */
    _Atomic apr_int64_t counter;     /* the database's, then */
    _Atomic uk_instant_t announced;  /* what our row says, by the wall */
} shared_state_t;

struct uk_lease_t {
    server_rec *server;
    shared_state_t *state;
    apr_pool_t *pool;
    char id[UK_UUID_LEN + 1]; /* who we are in the database */
    /* Of a child. */
    apr_thread_mutex_t *lock; /* for what follows; NULL: it does not poll */
    apr_uint64_t tried_at;    /* to announce us */
    int is_ending;
    int is_poller; /* this child is the one that polls */
    int is_down;   /* polls fail, which is logged */
};

/* A clock that nobody sets, and that goes on while the machine sleeps. */
static apr_uint64_t now_ms(void)
{
    struct timespec now;

#ifdef CLOCK_BOOTTIME
    clock_gettime(CLOCK_BOOTTIME, &now);
#else
    clock_gettime(CLOCK_MONOTONIC, &now);
#endif
    return (apr_uint64_t)now.tv_sec * 1000
           + (apr_uint64_t)now.tv_nsec / 1000000;
}

static uk_instant_t wall_ms(void)
{
    return uk_instant_from_apr(apr_time_now());
}

/* Also where it has never been, or seems to lie ahead. */
static int is_older(apr_uint64_t then, apr_uint64_t now, apr_uint64_t age)
{
    return then == 0 || now - then >= age;
}

int uk_lease_holds(const uk_lease_t *lease, apr_uint64_t *generation)
{
    shared_state_t *state = lease->state;
    /* Before the generation, see record_poll(). */
    apr_uint64_t began = atomic_load(&state->poll_began);
    apr_uint64_t now;

    *generation = atomic_load(&state->generation);
    now = now_ms();
    return !is_older(began, now, UK_LEASE_MS)
           && !is_older(atomic_load(&state->announced_at), now,
                        UK_ANNOUNCED_MS);
}

/* Polling. */

static void log_down(uk_lease_t *lease, const uk_database_t *db)
{
    if (!lease->is_down) {
        ap_log_error(APLOG_MARK, APLOG_ERR, 0, lease->server,
                     UKLOGNO(0052) "the cache of keys is not used until the "
                                   "database answers again (%s); "
                                   "`uptime-keys check` tells more",
                     db->error);
    }
    lease->is_down = 1;
}

static void log_up(uk_lease_t *lease)
{
    if (lease->is_down) {
        ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, lease->server,
                     UKLOGNO(0053) "the cache of keys is used again");
    }
    lease->is_down = 0;
}

static int is_time_to_announce(const uk_lease_t *lease)
{
    apr_uint64_t now = now_ms();

    return is_older(atomic_load(&lease->state->announced_at), now,
                    ANNOUNCE_INTERVAL_MS)
           && is_older(lease->tried_at, now, RETRY_INTERVAL_MS);
}

static void announce(uk_lease_t *lease, apr_pool_t *pool)
{
    shared_state_t *state = lease->state;
    apr_uint64_t now = now_ms();
    uk_instant_t seen_at = wall_ms();
    uk_database_t db;

    lease->tried_at = now;
    uk_dbd_open(&db, lease->server, pool);
    if (uk_store_server_announce(&db, lease->id, seen_at) != UK_OK) {
        log_down(lease, &db);
        return;
    }
    atomic_store(&state->announced, seen_at);
    /* Looks from a time when nobody reckoned with us do not count. */
    if (is_older(atomic_load(&state->announced_at), now, UK_ANNOUNCED_MS)) {
        atomic_store(&state->poll_began, 0);
    }
    atomic_store(&state->announced_at, now);
}

/* The generation first: whoever sees that the poll was taken must see what it
 * found. */
static void record_poll(shared_state_t *state, apr_uint64_t began,
                        apr_int64_t counter)
{
    apr_uint64_t last = atomic_load(&state->poll_began);

    if (began < last) {
        return;
    }
    if (last == 0 || counter != atomic_load(&state->counter)) {
        atomic_fetch_add(&state->generation, 1);
        atomic_store(&state->counter, counter);
    }
    atomic_store(&state->poll_began, began);
}

static void poll_counter(uk_lease_t *lease, apr_pool_t *pool)
{
    shared_state_t *state = lease->state;
    apr_uint64_t began = now_ms();
    apr_int64_t counter;
    uk_instant_t announced;
    uk_database_t db;

    uk_dbd_open(&db, lease->server, pool);
    if (uk_store_changes(&db, lease->id, &counter, &announced) != UK_OK) {
        /* What comes back may be another database, whose counter tells
         * nothing: a standby's, or what it was when it was saved. */
        atomic_store(&state->poll_began, 0);
        log_down(lease, &db);
        return;
    }
    if (announced != atomic_load(&state->announced)) {
        /* It was replaced meanwhile, and nobody reckons with us. */
        atomic_store(&state->poll_began, 0);
        atomic_store(&state->announced_at, 0);
        return;
    }
    record_poll(state, began, counter);
    /* Unless the last announcement has failed. */
    if (lease->tried_at <= atomic_load(&state->announced_at)) {
        log_up(lease);
    }
}

static void poll(uk_lease_t *lease, apr_pool_t *parent)
{
    apr_pool_t *pool;

    apr_pool_create(&pool, parent);
    if (is_time_to_announce(lease)) {
        announce(lease, pool);
    }
    poll_counter(lease, pool);
    apr_pool_destroy(pool);
}

/* No copy is used any more, then nobody needs to reckon with us. Another child
 * may take over, and announces us again. */
static void shut_down(uk_lease_t *lease)
{
    apr_pool_t *pool;
    uk_database_t db;

    apr_thread_mutex_lock(lease->lock);
    lease->is_ending = 1;
    if (lease->is_poller) {
        lease->is_poller = 0;
        atomic_store(&lease->state->poll_began, 0);
        atomic_store(&lease->state->announced_at, 0);
        apr_pool_create(&pool, NULL);
        uk_dbd_open(&db, lease->server, pool);
        /* If it fails others wait for a while without need. */
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
        poll(lease, parent);
    }
    apr_thread_mutex_unlock(lease->lock);
}

/* mod_watchdog's, in a thread of its own. */
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
        /* It may come when mod_dbd is gone already: see shut_down_cleanup(). */
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
    /* Not from the child's pool: mod_watchdog's thread lives longer. */
    if (apr_thread_mutex_create(&lease->lock, APR_THREAD_MUTEX_DEFAULT,
                                lease->pool)
        == APR_SUCCESS) {
        /* Before mod_dbd's pool goes. */
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
    /* A thread for each database: one that hangs holds up no other. */
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
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, server,
                     UKLOGNO(0050) "UptimeKeysCache needs mod_watchdog, every "
                                   "key is looked up without: add LoadModule "
                                   "watchdog_module …/mod_watchdog.so");
    }
    else if (rv != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, rv, server,
                     UKLOGNO(0051) "UptimeKeysCache gets no shared memory, "
                                   "every key is looked up");
    }
    return rv == APR_SUCCESS ? lease : NULL;
}

/* Deleting. */

/* apr_sleep() ends with any signal. */
static void wait_until(apr_uint64_t then)
{
    apr_uint64_t now;

    while ((now = now_ms()) < then) {
        apr_sleep((apr_interval_time_t)(then - now) * 1000);
    }
}

/* Wait until nobody uses copies of what was before. */
static void settle(server_rec *server, const char *own, apr_pool_t *pool)
{
    apr_uint64_t then = now_ms() + UK_LEASE_MS + UK_LEASE_MARGIN_MS;
    uk_database_t db;
    int any;

    uk_dbd_open(&db, server, pool);
    if (uk_store_other_servers_cache(&db, own, wall_ms(), &any) != UK_OK
        || any) {
        wait_until(then);
    }
}

uk_outcome_e uk_lease_delete_key(server_rec *server, uk_database_t *db,
                                 const uk_actor_t *actor, const char *team,
                                 const char *id)
{
    const uk_lease_t *lease = uk_server_config(server)->lease;
    uk_outcome_e outcome = uk_store_key_delete(db, actor, team, id);

    /* Also where it is not known whether the key is gone. */
    if (lease && outcome != UK_NOT_FOUND) {
        atomic_fetch_add(&lease->state->generation, 1);
    }
    if (outcome == UK_OK) {
        settle(server, lease ? lease->id : "", db->pool);
    }
    return outcome;
}
