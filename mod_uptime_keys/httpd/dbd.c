/* SPDX-License-Identifier: Apache-2.0 */
/* The database of a server: core's connections from mod_dbd's pool. */
#include "httpd/dbd.h"

#include <apr_atomic.h>
#include <apr_file_info.h>
#include <apr_optional.h>
#include <apr_thread_mutex.h>
#include <mod_dbd.h>
#include <string.h>

#include "httpd/config.h"

/* When more attempts to get a connection have failed one after another than a
 * pool can have stale ones, the database is unavailable. Requests of this process are
 * then told so at once, until some time has passed: otherwise each would wait
 * for the connection itself, one behind the other. */
#define FAILURES_BESIDE_POOL UK_DATABASE_ATTEMPTS
#define BACK_OFF_MS 500
/* One attempt that takes so long says as much as many. */
#define SLOW_FAILURE apr_time_from_sec(1)
/* mod_dbd lets one thread at a time into its pool, and one that has to connect
 * there, or to wait for a connection, keeps all others out for as long as that
 * takes. So they queue before it, at a lock of ours, for this long at most. */
#define LOCK_WAIT_MS 1000
/* What a request waits for a database that is slow to fail; what one attempt
 * takes is the driver's business. */
#define TIMEOUT apr_time_from_sec(2)
/* How often it is looked whether a file is still the one that is open. */
#define FILE_INTERVAL_MS 1000
/* Trouble that was not met for so long is over: the next is logged again. Until
 * then it is one line, and a reminder now and then. */
#define OUTAGE_END_MS 5000
#define REMINDER_MS 600000

static APR_OPTIONAL_FN_TYPE(ap_dbd_open) * dbd_open;
static APR_OPTIONAL_FN_TYPE(ap_dbd_close) * dbd_close;

/* A time of one trouble; instants like those of uk_health_t. */
typedef struct {
    apr_uint32_t seen_at;   /* when it was last met */
    apr_uint32_t logged_at; /* when it was last logged */
} uk_outage_t;

/* How this process fares with a pool of mod_dbd; changed by requests, with
 * atomic operations. Instants are milliseconds cut to 32 bits, 0 for never. */
typedef struct uk_health_t uk_health_t;

struct uk_health_t {
    apr_uint32_t failures;      /* to get a connection, one after another */
    apr_uint32_t failed_at;     /* when they became too many */
    apr_uint32_t opening_since; /* when the thread that is at the pool came */
    apr_thread_mutex_t *lock;   /* to the pool */
    uk_outage_t checking;       /* keys cannot be checked */
    uk_outage_t degraded;       /* all else fails that needs the database */
    /* Of a pool of connections to a file; changed by who is at the pool. */
    const char *file;   /* NULL: there is none */
    apr_finfo_t opened; /* which it was when the child began */
    apr_uint32_t looked_at;
    int is_replaced;
};

static uk_health_t *health_of(server_rec *server)
{
    return uk_server_config(server)->health;
}

static apr_uint32_t now_ms(void)
{
    apr_uint32_t now = (apr_uint32_t)apr_time_as_msec(apr_time_now());

    return now ? now : 1;
}

/* Differences are right across the overflow of 32 bits. */
static int is_within(apr_uint32_t *instant, apr_uint32_t interval)
{
    apr_uint32_t then = apr_atomic_read32(instant);

    return then != 0 && now_ms() - then < interval;
}

int uk_dbd_init(void)
{
    dbd_open = APR_RETRIEVE_OPTIONAL_FN(ap_dbd_open);
    dbd_close = APR_RETRIEVE_OPTIONAL_FN(ap_dbd_close);
    return uk_dbd_is_there();
}

int uk_dbd_is_there(void)
{
    return dbd_open != NULL && dbd_close != NULL;
}

/* @param waited how long the attempt took */
static apr_status_t note_failure(server_rec *server, apr_interval_time_t waited)
{
    uk_health_t *health = health_of(server);
    int most =
        uk_config_dbd_pool(uk_server_config(server)).max + FAILURES_BESIDE_POOL;

    if ((int)apr_atomic_inc32(&health->failures) + 1 >= most
        || waited >= SLOW_FAILURE) {
        apr_atomic_set32(&health->failed_at, now_ms());
        return APR_ECONNREFUSED;
    }
    return APR_EAGAIN;
}

/* Who has SQLite's file open goes on with it when another one has taken its
 * name, and would let in whom that does not know. mod_dbd ends no connection
 * before its child ends, so that is the end of these, also if the file comes
 * back: some may be to what was there meanwhile. */
static int is_replaced(uk_health_t *health, apr_pool_t *pool)
{
    const apr_finfo_t *opened = &health->opened;
    apr_finfo_t found;
    apr_status_t rv;

    if (!health->file || health->is_replaced
        || is_within(&health->looked_at, FILE_INTERVAL_MS)) {
        return health->is_replaced;
    }
    apr_atomic_set32(&health->looked_at, now_ms());
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

static uk_health_t *create_health(server_rec *server, apr_pool_t *pchild)
{
    const uk_server_config_t *config = uk_server_config(server);
    uk_health_t *health = apr_pcalloc(pchild, sizeof(*health));

    if (uk_config_dbd_pool(config).max != UK_POOL_UNKNOWN && config->dbd_driver
        && strcmp(config->dbd_driver, "sqlite3") == 0) {
        health->file = config->dbd_params;
        is_replaced(health, pchild);
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
        server_rec *first = uk_config_first_with_pool(main_server, server);

        uk_server_config(server)->health =
            first == server ? create_health(server, pchild) : health_of(first);
    }
}

/* @return 0 where the thread inside has been there for too long */
static int lock_pool(uk_health_t *health)
{
    /* Read once: it may be out by now. */
    apr_uint32_t since = apr_atomic_read32(&health->opening_since);

    if ((since != 0 && now_ms() - since >= LOCK_WAIT_MS)
        || apr_thread_mutex_timedlock(health->lock,
                                      apr_time_from_msec(LOCK_WAIT_MS))
               != APR_SUCCESS) {
        return 0;
    }
    apr_atomic_set32(&health->opening_since, now_ms());
    return 1;
}

static void unlock_pool(uk_health_t *health)
{
    apr_atomic_set32(&health->opening_since, 0);
    apr_thread_mutex_unlock(health->lock);
}

static apr_status_t acquire(void *baton, apr_pool_t *pool,
                            uk_connection_t *connection)
{
    server_rec *server = baton;
    uk_health_t *health = health_of(server);
    apr_time_t start;
    ap_dbd_t *dbd;

    if (!dbd_open || !health) {
        return APR_ENOTIMPL;
    }
    if (is_within(&health->failed_at, BACK_OFF_MS) || !lock_pool(health)) {
        return APR_ECONNREFUSED;
    }
    if (is_replaced(health, pool)) {
        unlock_pool(health);
        connection->error = "another file is in the place of the one that is "
                            "open: restart httpd";
        return APR_ECONNREFUSED;
    }
    start = apr_time_now();
    dbd = dbd_open(pool, server);
    unlock_pool(health);
    if (!dbd) {
        return note_failure(server, apr_time_now() - start);
    }
    apr_atomic_set32(&health->failures, 0);
    apr_atomic_set32(&health->failed_at, 0);
    connection->driver = dbd->driver;
    connection->handle = dbd->handle;
    connection->pool = dbd->pool;
    connection->prepared = dbd->prepared;
    connection->provider_data = dbd;
    return APR_SUCCESS;
}

static void release(void *baton, uk_connection_t *connection)
{
    dbd_close(baton, connection->provider_data);
}

void uk_dbd_open(uk_database_t *db, server_rec *server, apr_pool_t *pool)
{
    static const uk_connection_provider_t provider = {acquire, release};

    *db = (uk_database_t){.provider = &provider,
                          .baton = server,
                          .pool = pool,
                          .timeout = TIMEOUT};
}

/* @return 1 if trouble is to be logged: to one of the threads that meet it */
static int should_log(uk_outage_t *outage)
{
    apr_uint32_t now = now_ms();
    apr_uint32_t logged_at = apr_atomic_read32(&outage->logged_at);
    apr_uint32_t seen_at = apr_atomic_xchg32(&outage->seen_at, now);

    if (seen_at != 0 && now - seen_at < OUTAGE_END_MS && logged_at != 0
        && now - logged_at < REMINDER_MS) {
        return 0;
    }
    return apr_atomic_cas32(&outage->logged_at, now, logged_at) == logged_at;
}

void uk_dbd_log_unavailable(const uk_database_t *db, server_rec *server,
                            int level, const char *what)
{
    uk_health_t *health = health_of(server);

    if (!health
        || should_log(level == APLOG_ERR ? &health->checking
                                         : &health->degraded)) {
        ap_log_error(APLOG_MARK, level, 0, server,
                     UKLOGNO(0011) "%s: the database gave no answer (%s); "
                                   "`uptime-keys check` tells more",
                     what, db->error);
    }
}
