/* SPDX-License-Identifier: Apache-2.0 */
/* The checks of the databases when httpd starts: the findings of check/. */
#include "httpd/startup.h"

#include <ap_mpm.h>
#include <apr_hash.h>
#include <apr_shm.h>
#include <apr_thread_proc.h>
#include <stdatomic.h>

#include "check/check.h"
#include "db/single.h"
#include "httpd/beside.h"
#include "httpd/config.h"
#include "httpd/dbd.h"
#include "httpd/state.h"

/* The file that the tool must read is not known here. */
#define INIT "uptime-keys -c FILE init (FILE: the one with DBDParams)"

/* Shared by all children of a start: 1 when one of them has begun to check. The
 * parent does not check: it may be root, and a database that is a file must be
 * usable by the user of the children. */
static _Atomic apr_uint32_t *is_checked;

/* 1 when this child ends. */
static _Atomic int is_ending;

static void log_unchecked(server_rec *main_server, apr_status_t rv)
{
    ap_log_error(APLOG_MARK, APLOG_WARNING, rv, main_server,
                 UKLOGNO(0007) "the databases are not checked; run "
                               "`uptime-keys check`");
}

void uk_startup_init(apr_pool_t *pconf, server_rec *main_server)
{
    apr_shm_t *shared;
    apr_status_t rv = apr_shm_create(&shared, sizeof(*is_checked), NULL, pconf);

    is_checked = NULL;
    if (rv == APR_SUCCESS) {
        is_checked = apr_shm_baseaddr_get(shared);
        atomic_store(is_checked, 0);
    }
    else {
        log_unchecked(main_server, rv);
    }
}

static void log_finding(server_rec *server, apr_pool_t *pool,
                        const uk_finding_t *finding)
{
    const char *host =
        server->is_virtual
            ? apr_psprintf(pool, "virtual host %s, ", server->server_hostname)
            : "";

    if (finding->result == UK_CHECK_ERROR) {
        ap_log_error(APLOG_MARK, APLOG_ERR, 0, server, UKLOGNO(0003) "%s%s: %s",
                     host, finding->name, finding->message);
    }
    else if (finding->result == UK_CHECK_WARNING) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, server,
                     UKLOGNO(0004) "%s%s: %s", host, finding->name,
                     finding->message);
    }
}

typedef struct {
    server_rec *server;
    apr_pool_t *pool;
} reporter_t;

static void report_finding(void *baton, const uk_finding_t *finding)
{
    const reporter_t *reporter = baton;

    log_finding(reporter->server, reporter->pool, finding);
}

static int threads_of_process(void)
{
    int threads;

    return ap_mpm_query(AP_MPMQ_MAX_THREADS, &threads) == APR_SUCCESS ? threads
                                                                      : 0;
}

static int is_worse(const uk_dbd_pool_size_t *size,
                    const uk_dbd_pool_size_t *other)
{
    if (!size->is_known || !other->is_known) {
        return size->is_known;
    }
    return uk_dbd_pool_is_possible(other)
           && (!uk_dbd_pool_is_possible(size) || size->max < other->max);
}

/* The worst pool of each database: servers that differ in DBDMax, for example,
 * get pools of their own. By first server -> uk_dbd_pool_size_t *. */
static apr_hash_t *worst_pools(apr_pool_t *pool, server_rec *main_server)
{
    apr_hash_t *worst = apr_hash_make(pool);
    server_rec *server;

    for (server = main_server; server; server = server->next) {
        const uk_dbd_pool_size_t size =
            uk_config_dbd_pool(uk_server_config(server));
        server_rec **first = &uk_server_state(server)->first_with_database;
        uk_dbd_pool_size_t *found = apr_hash_get(worst, first, sizeof(*first));

        if (!found) {
            found = apr_pmemdup(pool, &size, sizeof(size));
            apr_hash_set(worst, first, sizeof(*first), found);
        }
        else if (is_worse(&size, found)) {
            *found = size;
        }
    }
    return worst;
}

static uk_instant_t startup_clock(void)
{
    return uk_instant_from_apr(apr_time_now());
}

/* Connections of its own, because mod_dbd does not say why it cannot open one.
 * Without its driver mod_dbd has none either.
 * @return the provider; NULL: it is mod_dbd's */
static uk_single_t *open_database(uk_database_t *db, server_rec *server,
                                  apr_pool_t *pool)
{
    const uk_server_config_t *config = uk_server_config(server);
    const uk_endpoint_t endpoint = {
        .params = config->dbd_params ? config->dbd_params : "",
        .init_sql = config->dbd_init_sql};
    uk_single_t *single = apr_palloc(pool, sizeof(*single));

    uk_dbd_open(db, server, pool);
    if (uk_single_create(single, pool, config->dbd_driver, &endpoint)
        != APR_SUCCESS) {
        return NULL;
    }
    uk_single_use(single, db);
    return single;
}

static void check_database(server_rec *server, const uk_dbd_pool_size_t *worst,
                           uk_check_beside_t beside, apr_pool_t *pool)
{
    const uk_server_config_t *config = uk_server_config(server);
    uk_database_t db, another;
    const uk_single_t *single = open_database(&db, server, pool);
    const uk_check_context_t context = {
        .db = &db,
        .single = single,
        .another = open_database(&another, server, pool) ? &another : NULL,
        .driver = config->dbd_driver,
        .params = config->dbd_params ? config->dbd_params : "",
        .is_of_httpd = 1,
        .pool = *worst,
        .threads = threads_of_process(),
        .beside = beside,
        .init = INIT,
        .clock = startup_clock,
    };
    reporter_t reporter = {server, pool};

    uk_check_all(&context, report_finding, &reporter);
}

static void check_init_sql(server_rec *server, apr_pool_t *pool)
{
    const uk_finding_t finding = {
        "init", UK_CHECK_WARNING,
        "DBDInitSQL of this server is never executed, so it may use other "
        "tables: mod_dbd shares a pool with another server of the same "
        "DBDParams; set a different DBDMax to get a separate pool"};

    if (!uk_dbd_runs_init_sql(server)) {
        log_finding(server, pool, &finding);
    }
}

/* Installed and enabled, the module does nothing until a database is named. */
static void log_no_database(server_rec *main_server)
{
    if (uk_config_is_in_use()) {
        ap_log_error(APLOG_MARK, APLOG_ERR, 0, main_server,
                     UKLOGNO(0006) "no database is configured: set DBDriver "
                                   "and DBDParams");
    }
    else {
        ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, main_server,
                     UKLOGNO(0085) "no database is configured, and nothing "
                                   "asks for keys: to use them, set DBDriver "
                                   "and DBDParams");
    }
}

/* The pool is this server's alone: its connections do not stay open while the
 * others are checked. @return 1 if the server has a database of its own */
static int check_server(server_rec *server, apr_hash_t *worst,
                        uk_check_beside_t beside, apr_pool_t *parent)
{
    const uk_dbd_pool_size_t *size = apr_hash_get(
        worst, &uk_server_state(server)->first_with_database, sizeof(server));
    int is_first = uk_dbd_is_first(server);
    apr_pool_t *pool;

    apr_pool_create(&pool, parent);
    check_init_sql(server, pool);
    if (is_first) {
        check_database(server, size, beside, pool);
    }
    apr_pool_destroy(pool);
    return is_first;
}

/* A server without a database need not be an error: keys may not be used on
 * it. */
static void check_databases(server_rec *main_server, apr_pool_t *pool)
{
    uk_check_beside_t beside = uk_beside_find(pool);
    apr_hash_t *worst = worst_pools(pool, main_server);
    server_rec *server;
    int databases = 0;

    for (server = main_server; server; server = server->next) {
        if (!uk_server_config(server)->dbd_driver) {
            continue;
        }
        if (atomic_load(&is_ending)) {
            /* The next child that starts checks. */
            atomic_store(is_checked, 0);
            return;
        }
        if (check_server(server, worst, beside, pool)) {
            /* It is told once. */
            beside = (uk_check_beside_t){0};
            databases++;
        }
    }
    if (databases == 0) {
        log_no_database(main_server);
    }
    ap_log_error(APLOG_MARK, APLOG_INFO, 0, main_server,
                 UKLOGNO(0005) "databases checked: %d", databases);
}

static void *APR_THREAD_FUNC run_checks(apr_thread_t *thread, void *main_server)
{
    apr_pool_t *pool;

    /* Signals are for httpd's own threads. */
    apr_setup_signal_thread();
    apr_pool_create(&pool, NULL);
    check_databases(main_server, pool);
    apr_pool_destroy(pool);
    apr_thread_exit(thread, APR_SUCCESS);
    return NULL;
}

static apr_status_t join_checks(void *thread)
{
    apr_status_t rv;

    atomic_store(&is_ending, 1);
    apr_thread_join(&rv, thread);
    return APR_SUCCESS;
}

void uk_startup_child_init(apr_pool_t *pchild, server_rec *main_server)
{
    apr_thread_t *thread;
    apr_status_t rv;

    if (!is_checked || atomic_exchange(is_checked, 1) != 0) {
        return;
    }
    rv = apr_thread_create(&thread, NULL, run_checks, main_server, pchild);
    if (rv != APR_SUCCESS) {
        log_unchecked(main_server, rv);
        return;
    }
    /* Before the pools of mod_dbd are destroyed. */
    apr_pool_pre_cleanup_register(pchild, thread, join_checks);
}
