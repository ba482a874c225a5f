/* SPDX-License-Identifier: Apache-2.0 */
/* The database of a server: connections from the pools of mod_dbd. */
#include "httpd/dbd.h"

/* mod_dbd.h needs this, and does not include it. */
#include <apr_dbd.h>
#include <apr_file_info.h>
#include <apr_hash.h>
#include <apr_optional.h>
#include <apr_strings.h>
#include <apr_thread_mutex.h>
#include <mod_dbd.h>
#include <stdatomic.h>
#include <string.h>

#include "core/outage.h"
#include "db/driver.h"
#include "httpd/config.h"
#include "httpd/figures.h"
#include "httpd/lease.h"
#include "httpd/state.h"

/* If acquiring a connection fails more often in a row than a pool can have dead
 * connections, the database is unavailable. For some time after that requests
 * of this process fail at once: otherwise each would try to connect, one after
 * another. */
#define FAILURES_BESIDE_POOL UK_DATABASE_ATTEMPTS
#define BACK_OFF_MS 500
/* A single failure that takes so long has the same effect. */
#define SLOW_FAILURE_MS 1000
/* mod_dbd lets one thread at a time into its pool, and one that has to connect
 * there, or to wait for a free connection, keeps all others out. So threads
 * wait for a lock in front of it, for so long at the most. */
#define LOCK_WAIT_MS 1000
/* A request begins no further attempt after this; how long one attempt takes is
 * up to the driver. */
#define TIMEOUT apr_time_from_sec(2)
/* How often to check that a database file is still the one that is open. */
#define FILE_INTERVAL_MS 1000

static APR_OPTIONAL_FN_TYPE(ap_dbd_open) * dbd_open;
static APR_OPTIONAL_FN_TYPE(ap_dbd_close) * dbd_close;

/* The health of a pool of mod_dbd in this process. */
typedef struct uk_dbd_health_t {
    _Atomic int failures;      /* to acquire a connection, in a row */
    _Atomic int has_succeeded; /* 1: at least once */
    /* when there were too many of them; 0: there are not */
    _Atomic uk_clock_ms_t failed_at;
    /* when the thread that is in the pool entered it; 0: none is there */
    _Atomic uk_clock_ms_t opening_since;
    apr_thread_mutex_t *lock; /* in front of the pool */
    uk_endpoint_t endpoint;
    uk_naming_t naming;
    _Atomic uk_clock_ms_t naming_logged; /* the naming.from that was logged */
    uk_outage_t checking;                /* keys cannot be checked */
    uk_outage_t degraded; /* anything else that needs the database fails */
    /* Only if the database is a file; guarded by the lock. */
    const char *file;         /* NULL: it is none */
    apr_finfo_t opened;       /* the file when the child started */
    uk_clock_ms_t checked_at; /* whether it was replaced */
    int is_replaced;
} uk_dbd_health_t;

/* Which servers share what. */

/* A part of a name, such that different parts make different names. */
static const char *part(apr_pool_t *pool, const char *text)
{
    return text ? apr_psprintf(pool, "%" APR_SIZE_T_FMT ":%s,", strlen(text),
                               text)
                : "-,";
}

/* DBDInitSQL may select another schema, and so other tables; and what a standby
 * answered must not be cached for a server that allows none. */
static const char *name_of_database(apr_pool_t *pool, server_rec *server)
{
    const uk_server_config_t *config = uk_server_config(server);

    return apr_pstrcat(pool, part(pool, config->dbd_driver),
                       part(pool, config->dbd_params),
                       part(pool, config->dbd_init_sql),
                       uk_config_allow_standby(config) ? "standby" : "", NULL);
}

/* Source: dbd_post_config() of mod_dbd.c, which does not compare DBDInitSQL.
 * Without a pool each connection runs that of its server. */
static const char *name_of_pool(apr_pool_t *pool, server_rec *server)
{
    const uk_server_config_t *config = uk_server_config(server);
    const uk_dbd_pool_size_t size = uk_config_dbd_pool(config);

    return apr_psprintf(
        pool, "%s%s%s%d %d %d %d", part(pool, config->dbd_driver),
        part(pool, config->dbd_params),
        size.is_known ? "pool," : part(pool, config->dbd_init_sql), size.min,
        size.keep, size.max, uk_config_dbd_exptime(config));
}

typedef const char *name_of_t(apr_pool_t *pool, server_rec *server);

/* The first server of this name. It need not be looked for one after the other:
 * there may be a thousand virtual hosts. */
static server_rec *first_of_name(apr_hash_t *firsts, server_rec *server,
                                 name_of_t *name_of)
{
    const char *name = name_of(apr_hash_pool_get(firsts), server);
    server_rec *first = apr_hash_get(firsts, name, APR_HASH_KEY_STRING);

    if (!first) {
        first = server;
        apr_hash_set(firsts, name, APR_HASH_KEY_STRING, server);
    }
    return first;
}

static void group_servers(apr_pool_t *ptemp, server_rec *main_server)
{
    apr_hash_t *databases = apr_hash_make(ptemp);
    apr_hash_t *pools = apr_hash_make(ptemp);
    server_rec *server;

    for (server = main_server; server; server = server->next) {
        uk_server_state_t *state = uk_server_state(server);

        state->first_with_database =
            first_of_name(databases, server, name_of_database);
        state->first_with_pool = first_of_name(pools, server, name_of_pool);
    }
}

server_rec *uk_dbd_first_with_database(server_rec *server)
{
    return uk_server_state(server)->first_with_database;
}

int uk_dbd_is_first(server_rec *server)
{
    return uk_dbd_first_with_database(server) == server;
}

int uk_dbd_runs_init_sql(server_rec *server)
{
    const char *own = uk_server_config(server)->dbd_init_sql;
    const char *executed =
        uk_server_config(uk_server_state(server)->first_with_pool)
            ->dbd_init_sql;

    return own && executed ? strcmp(own, executed) == 0 : own == executed;
}

/* At start. */

int uk_dbd_init(apr_pool_t *ptemp, server_rec *main_server)
{
    group_servers(ptemp, main_server);
    dbd_open = APR_RETRIEVE_OPTIONAL_FN(ap_dbd_open);
    dbd_close = APR_RETRIEVE_OPTIONAL_FN(ap_dbd_close);
    return uk_dbd_is_there();
}

int uk_dbd_is_there(void)
{
    return dbd_open != NULL && dbd_close != NULL;
}

/* An open SQLite handle keeps using the old inode after the file is replaced,
 * so deleted keys would still be accepted. mod_dbd may keep a connection until
 * the child ends: so once the file was replaced, nothing is acquired any more.
 * That holds even if the old file is put back, because some connections may
 * have been opened to the other file. */
static int is_file_replaced(uk_dbd_health_t *health, apr_pool_t *pool)
{
    const apr_finfo_t *opened = &health->opened;
    uk_clock_ms_t now = uk_clock_now();
    apr_finfo_t found;
    apr_status_t rv;

    if (!health->file || health->is_replaced
        || uk_clock_is_within(health->checked_at, now, FILE_INTERVAL_MS)) {
        return health->is_replaced;
    }
    health->checked_at = now;
    rv = apr_stat(&found, health->file, APR_FINFO_IDENT, pool);
    if (rv == APR_SUCCESS && !opened->valid) {
        health->opened = found;
    }
    else if (rv == APR_SUCCESS) {
        health->is_replaced =
            found.inode != opened->inode || found.device != opened->device;
    }
    else if (APR_STATUS_IS_ENOENT(rv)) {
        health->is_replaced = opened->valid != 0;
    }
    return health->is_replaced;
}

static uk_dbd_health_t *create_health(server_rec *server, apr_pool_t *pchild)
{
    const uk_server_config_t *config = uk_server_config(server);
    uk_dbd_health_t *health = apr_pcalloc(pchild, sizeof(*health));

    health->endpoint = (uk_endpoint_t){config->dbd_params, config->dbd_init_sql,
                                       &health->naming};
    if (uk_config_dbd_pool(config).is_known && config->dbd_driver
        && uk_driver_is_file(config->dbd_driver)) {
        health->file = config->dbd_params;
        is_file_replaced(health, pchild);
    }
    return apr_thread_mutex_create(&health->lock, APR_THREAD_MUTEX_TIMED,
                                   pchild)
                   == APR_SUCCESS
               ? health
               : NULL;
}

void uk_dbd_child_init(apr_pool_t *pchild, server_rec *main_server)
{
    server_rec *server;

    for (server = main_server; server; server = server->next) {
        server_rec *first = uk_server_state(server)->first_with_pool;

        uk_server_state(server)->health = first == server
                                              ? create_health(server, pchild)
                                              : uk_server_state(first)->health;
    }
}

/* Connections. */

/* How many failures in a row mean that the database is unavailable. Without a
 * pool each connection is new, and none can be dead; and before one was opened
 * there is none that could be. */
static int failures_allowed(server_rec *server)
{
    uk_dbd_pool_size_t size = uk_config_dbd_pool(uk_server_config(server));

    if (!atomic_load(&uk_server_state(server)->health->has_succeeded)) {
        return 1;
    }
    return (size.is_known ? size.max : 0) + FAILURES_BESIDE_POOL;
}

/* @return APR_EAGAIN if another attempt may succeed */
static apr_status_t record_failure(server_rec *server, uk_clock_ms_t took)
{
    uk_dbd_health_t *health = uk_server_state(server)->health;
    int failures = atomic_fetch_add(&health->failures, 1) + 1;

    if (failures >= failures_allowed(server) || took >= SLOW_FAILURE_MS) {
        atomic_store(&health->failed_at, uk_clock_now());
        return APR_ECONNREFUSED;
    }
    return APR_EAGAIN;
}

/* @return 0 if another thread keeps the pool for too long */
static int lock_pool(uk_dbd_health_t *health)
{
    /* Read once: that thread may leave in between. */
    uk_clock_ms_t since = atomic_load(&health->opening_since);

    if ((since != 0 && !uk_clock_is_within(since, uk_clock_now(), LOCK_WAIT_MS))
        || apr_thread_mutex_timedlock(health->lock,
                                      apr_time_from_msec(LOCK_WAIT_MS))
               != APR_SUCCESS) {
        return 0;
    }
    atomic_store(&health->opening_since, uk_clock_now());
    return 1;
}

static void unlock_pool(uk_dbd_health_t *health)
{
    atomic_store(&health->opening_since, 0);
    apr_thread_mutex_unlock(health->lock);
}

static apr_status_t open_from_pool(server_rec *server, apr_pool_t *pool,
                                   uk_connection_t *connection)
{
    uk_dbd_health_t *health = uk_server_state(server)->health;
    uk_clock_ms_t start = uk_clock_now();
    ap_dbd_t *dbd = dbd_open(pool, server);

    unlock_pool(health);
    if (!dbd) {
        return record_failure(server, uk_clock_now() - start);
    }
    atomic_store(&health->has_succeeded, 1);
    atomic_store(&health->failures, 0);
    atomic_store(&health->failed_at, 0);
    connection->driver = dbd->driver;
    connection->handle = dbd->handle;
    connection->pool = dbd->pool;
    connection->prepared = dbd->prepared;
    connection->provider_data = dbd;
    connection->endpoint = &health->endpoint;
    return APR_SUCCESS;
}

static apr_status_t acquire_from_dbd(void *baton, apr_pool_t *pool,
                                     uk_connection_t *connection)
{
    server_rec *server = baton;
    uk_dbd_health_t *health = uk_server_state(server)->health;

    if (!dbd_open || !health) {
        return APR_ENOTIMPL;
    }
    if (uk_clock_is_within(atomic_load(&health->failed_at), uk_clock_now(),
                           BACK_OFF_MS)) {
        return APR_ECONNREFUSED;
    }
    if (!lock_pool(health)) {
        return APR_TIMEUP;
    }
    if (is_file_replaced(health, pool)) {
        unlock_pool(health);
        connection->error = "another file is in the place of the one that is "
                            "open: restart httpd";
        return APR_ECONNREFUSED;
    }
    return open_from_pool(server, pool, connection);
}

static void log_naming(server_rec *server)
{
    uk_dbd_health_t *health = uk_server_state(server)->health;
    uk_clock_ms_t from = atomic_load(&health->naming.from);

    if (from != atomic_load(&health->naming_logged)
        && atomic_exchange(&health->naming_logged, from) != from) {
        ap_log_error(APLOG_MARK, APLOG_INFO, 0, server,
                     UKLOGNO(0012) "prepared statements were lost, by a "
                                   "restart of the database or by a pooler: "
                                   "they have no names for %d seconds",
                     (int)(atomic_load(&health->naming.pause) / 1000));
    }
}

static void release_to_dbd(void *baton, uk_connection_t *connection)
{
    log_naming(baton);
    dbd_close(baton, connection->provider_data);
}

static void observe_work(void *baton, const uk_work_done_t *done)
{
    uk_figures_count_work(baton, done);
    if (done->was_interrupted && uk_server_state(baton)->lease) {
        uk_lease_interrupt(uk_server_state(baton)->lease);
    }
}

void uk_dbd_open(uk_database_t *db, server_rec *server, apr_pool_t *pool)
{
    static const uk_connection_provider_t provider = {
        acquire_from_dbd, release_to_dbd, observe_work};

    *db = (uk_database_t){
        .provider = &provider,
        .baton = server,
        .pool = pool,
        .timeout = TIMEOUT,
        .allows_standby = uk_config_allow_standby(uk_server_config(server))};
}

/* Logging. */

void uk_dbd_log_unavailable(const uk_database_t *db, server_rec *server,
                            int level, const char *what)
{
    uk_dbd_health_t *health = uk_server_state(server)->health;

    if (!health
        || uk_outage_record(level == APLOG_ERR ? &health->checking
                                               : &health->degraded)) {
        ap_log_error(APLOG_MARK, level, 0, server,
                     UKLOGNO(0011) "%s: the database is unavailable (%s); "
                                   "`uptime-keys check` tells more",
                     what, db->error);
    }
}
