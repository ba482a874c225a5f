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

#include <apr_shm.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "core/uuid.h"
#include "store/servers.h"
#include "httpd/dbd.h"
#include "httpd/lease_private.h"
#include "httpd/poller.h"
#include "httpd/state.h"

#define ANNOUNCE_INTERVAL_MS 20000
/* Between attempts to announce, if one failed. */
#define RETRY_INTERVAL_MS 5000

struct uk_leases_t {
    apr_pool_t *pool;
    uk_poller_t *poller;
    /* of the shared memory, what no lease uses yet */
    uk_lease_state_t *states;
    uk_lease_shared_t *shared;
};

int uk_lease_holds(const uk_lease_t *lease, apr_uint64_t *round)
{
    uk_lease_shared_t *shared = lease->shared;

    if (!atomic_load_explicit(&shared->is_wanted, memory_order_relaxed)) {
        atomic_store_explicit(&shared->is_wanted, 1, memory_order_relaxed);
    }
    return uk_lease_state_holds(lease->state, round);
}

int uk_lease_is_valid(const uk_lease_t *lease, apr_uint64_t round,
                      apr_uint16_t group)
{
    return uk_lease_state_is_valid(lease->state, round, group);
}

/* Changes. */

/* Read what changed since the last poll. @return UK_OK, UK_UNAVAILABLE */
static uk_outcome_e read_changes(const uk_lease_t *lease, uk_database_t *db,
                                 uk_changes_t *changes)
{
    apr_int64_t since;

    if (!uk_lease_state_counter(lease->state, &since)) {
        since = UK_CHANGES_COUNTER_ONLY;
    }
    return uk_store_changes(db, lease->id, since, changes);
}

static void void_changed(const uk_lease_t *lease, const uk_changes_t *changes)
{
    int i;

    if (!changes->is_complete) {
        uk_lease_state_void_all(lease->state);
        return;
    }
    for (i = 0; i < changes->hashes->nelts; i++) {
        uk_lease_state_void_group(
            lease->state,
            uk_lease_group(APR_ARRAY_IDX(changes->hashes, i, const char *)));
    }
}

void uk_lease_interrupt(uk_lease_t *lease)
{
    atomic_store(&lease->was_interrupted, 1);
}

int uk_lease_is_in_order(const uk_lease_t *lease)
{
    apr_uint64_t round;

    return !atomic_load(&lease->shared->is_awake)
           || uk_lease_state_holds(lease->state, &round);
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

/* What was written last must differ from what is written now: see leave(). */
static uk_instant_t next_seen_at(const uk_lease_t *lease)
{
    uk_instant_t now = uk_instant_from_apr(apr_time_now());
    uk_instant_t last = atomic_load(&lease->state->announced);

    return now == last ? now + 1 : now;
}

static void announce(uk_lease_t *lease, apr_pool_t *pool)
{
    uk_clock_ms_t now = uk_clock_now();
    uk_instant_t seen_at = next_seen_at(lease);
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
    uk_changes_t changes;
    uk_database_t db;

    uk_dbd_open(&db, lease->server, pool);
    if (read_changes(lease, &db, &changes) != UK_OK) {
        uk_lease_state_record_failure(lease->state);
        log_down(lease, &db);
        return;
    }
    if (!uk_lease_state_confirm_row(lease->state, changes.announced)) {
        return;
    }
    /* The log of another database may tell other changes by the same numbers. */
    if (atomic_exchange(&lease->was_interrupted, 0)) {
        changes.is_complete = 0;
    }
    void_changed(lease, &changes);
    uk_lease_state_record_poll(lease->state, began, changes.counter);
    /* Unless the last announcement failed. */
    if (lease->tried_at <= uk_lease_state_read(lease->state).announced_at) {
        log_up(lease);
    }
}

static void announce_and_poll(uk_lease_t *lease, apr_pool_t *pool)
{
    if (!atomic_load(&lease->shared->is_awake)) {
        lease->tried_at = 0;
        atomic_store(&lease->shared->is_awake, 1);
    }
    lease->left_at = 0;
    if (is_time_to_announce(lease)) {
        announce(lease, pool);
    }
    poll_counter(lease, pool);
}

/* The use of the cache must stop before the announcement is withdrawn: after
 * that no other server waits for this one. If another child polls by now and
 * has announced the server again, what is withdrawn is not its announcement.
 * @param seen_at of the announcement */
static uk_outcome_e withdraw(uk_lease_t *lease, uk_instant_t seen_at,
                             apr_pool_t *pool)
{
    uk_database_t db;

    uk_lease_state_withdraw(lease->state);
    uk_dbd_open(&db, lease->server, pool);
    return uk_store_server_withdraw(&db, lease->id, seen_at);
}

/* Until the announcement is withdrawn, or has expired, this is tried again. */
static void leave(uk_lease_t *lease, apr_pool_t *pool)
{
    const uk_clock_ms_t now = uk_clock_now();

    lease->left_at = lease->left_at ? lease->left_at : now;
    if (withdraw(lease, atomic_load(&lease->state->announced), pool) == UK_OK
        || !uk_clock_is_within(lease->left_at, now, UK_SERVER_ALIVE_MS)) {
        atomic_store(&lease->shared->is_awake, 0);
    }
}

/* Scheduling. See httpd/poller.h. */

static int is_due(void *baton, uk_clock_ms_t now)
{
    uk_lease_t *lease = baton;
    uk_lease_shared_t *shared = lease->shared;

    if (uk_lease_schedule_want(&lease->schedule, now,
                               atomic_load(&shared->is_wanted))) {
        atomic_store(&shared->is_wanted, 0);
    }
    lease->step = uk_lease_schedule_step(&lease->schedule, now,
                                         atomic_load(&shared->is_awake));
    return lease->step != UK_LEASE_REST;
}

static void take_step(void *baton, apr_pool_t *pool)
{
    uk_lease_t *lease = baton;

    atomic_store(&lease->shared->poller, getpid());
    uk_lease_schedule_next(&lease->schedule, lease->step, uk_clock_now());
    if (lease->step == UK_LEASE_LEAVE) {
        leave(lease, pool);
    }
    else {
        announce_and_poll(lease, pool);
    }
}

/* If another child polls by now, it goes on. If it takes over later, it
 * announces the server again. */
static void shut_down(void *baton, apr_pool_t *pool)
{
    uk_lease_t *lease = baton;
    /* Read before the poller is: if that is this child, no other one had announced
     * the server when this was read. */
    const uk_instant_t seen_at = atomic_load(&lease->state->announced);

    if (atomic_load(&lease->shared->poller) == getpid()
        && atomic_load(&lease->shared->is_awake)) {
        atomic_store(&lease->shared->is_awake, 0);
        /* If this fails, others wait for this server for a while. */
        (void)!withdraw(lease, seen_at, pool);
    }
}

static const uk_poller_calls_t poller_calls = {is_due, take_step, shut_down};

/* At start. */

static apr_status_t create_leases(uk_leases_t *leases, int count)
{
    const apr_size_t size =
        (apr_size_t)count * (sizeof(*leases->states) + sizeof(*leases->shared));
    apr_shm_t *shm;
    apr_status_t rv = apr_shm_create(&shm, size, NULL, leases->pool);

    if (rv == APR_SUCCESS) {
        leases->states = apr_shm_baseaddr_get(shm);
        leases->shared = (uk_lease_shared_t *)(leases->states + count);
        rv = uk_poller_create(&leases->poller, leases->pool, &poller_calls);
    }
    return rv;
}

uk_leases_t *uk_leases_create(apr_pool_t *pconf, server_rec *main_server,
                              int count)
{
    uk_leases_t *leases = apr_pcalloc(pconf, sizeof(*leases));
    apr_status_t rv;

    leases->pool = pconf;
    rv = create_leases(leases, count);
    if (rv == APR_ENOTIMPL) {
        ap_log_error(
            APLOG_MARK, APLOG_WARNING, 0, main_server,
            UKLOGNO(0050) "UptimeKeysCache needs mod_watchdog; without "
                          "it every key is looked up: add LoadModule "
                          "watchdog_module …/mod_watchdog.so");
    }
    else if (rv != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, rv, main_server,
                     UKLOGNO(0051) "UptimeKeysCache cannot allocate shared "
                                   "memory, every key is looked up");
    }
    return rv == APR_SUCCESS ? leases : NULL;
}

uk_lease_t *uk_lease_create(uk_leases_t *leases, server_rec *server)
{
    uk_lease_t *lease = apr_pcalloc(leases->pool, sizeof(*lease));

    lease->server = server;
    lease->state = leases->states++;
    lease->shared = leases->shared++;
    uk_uuid_make(lease->id);
    uk_poller_add(leases->poller, lease);
    return lease;
}

void uk_leases_child_init(uk_leases_t *leases, apr_pool_t *pchild)
{
    uk_poller_child_init(leases->poller, pchild);
}

/* Revoking. */

/* The log has what this server changed, too. */
static void void_own_change(void *baton, uk_database_t *db)
{
    const uk_lease_t *lease = baton;
    uk_changes_t changes = {.is_complete = 0};

    if (db && read_changes(lease, db, &changes) != UK_OK) {
        changes.is_complete = 0;
    }
    void_changed(lease, &changes);
}

uk_own_cache_t uk_lease_own_cache(server_rec *server)
{
    uk_lease_t *lease = uk_server_state(server)->lease;

    return lease ? (uk_own_cache_t){lease->id, void_own_change, lease}
                 : uk_own_cache_none;
}
