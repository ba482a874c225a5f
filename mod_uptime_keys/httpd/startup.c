/* SPDX-License-Identifier: Apache-2.0 */
/* What is said about databases when httpd starts: core/check.c's findings. */
#include "httpd/startup.h"

#include <ap_mpm.h>
#include <apr_atomic.h>
#include <apr_shm.h>
#include <apr_strings.h>

#include "check/check.h"
#include "httpd/config.h"
#include "httpd/dbd.h"

/* The tool has to be told where the database is; we do not know the file. */
#define INIT "uptime-keys -c FILE init (FILE: the one with DBDParams)"

/* One word that the children of a generation share: who checks the database
 * and logs what is wrong, once. In a child and not in the parent, which may be
 * root where the database's files are not. */
static apr_uint32_t *is_checked;

void uk_startup_init(apr_pool_t *pconf)
{
    apr_shm_t *shared;

    is_checked = NULL;
    if (apr_shm_create(&shared, sizeof(*is_checked), NULL, pconf)
        == APR_SUCCESS) {
        is_checked = apr_shm_baseaddr_get(shared);
        *is_checked = 0;
    }
}

static void log_finding(server_rec *server, apr_pool_t *pool,
                        const uk_finding_t *finding)
{
    const char *whose =
        server->is_virtual
            ? apr_psprintf(pool, "virtual host %s, ", server->server_hostname)
            : "";

    if (finding->result == UK_CHECK_ERROR) {
        ap_log_error(APLOG_MARK, APLOG_ERR, 0, server, UKLOGNO(0003) "%s%s: %s",
                     whose, finding->name, finding->text);
    }
    else if (finding->result == UK_CHECK_WARNING) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, server,
                     UKLOGNO(0004) "%s%s: %s", whose, finding->name,
                     finding->text);
    }
}

static int threads_of_process(void)
{
    int threads;

    return ap_mpm_query(AP_MPMQ_MAX_THREADS, &threads) == APR_SUCCESS ? threads
                                                                      : 0;
}

static int is_worse(const uk_pool_size_t *pool, const uk_pool_size_t *other)
{
    if (pool->max == UK_POOL_UNKNOWN || other->max == UK_POOL_UNKNOWN) {
        return pool->max != UK_POOL_UNKNOWN;
    }
    return uk_check_pool_is_possible(other)
           && (!uk_check_pool_is_possible(pool) || pool->max < other->max);
}

/* mod_dbd has a pool for each DBDMax, also where the database is the same. */
static uk_pool_size_t worst_pool(server_rec *main_server, server_rec *first)
{
    uk_pool_size_t worst = uk_config_dbd_pool(uk_server_config(first));
    server_rec *server;

    for (server = first->next; server; server = server->next) {
        uk_pool_size_t pool = uk_config_dbd_pool(uk_server_config(server));

        if (uk_config_first_with_database(main_server, server) == first
            && is_worse(&pool, &worst)) {
            worst = pool;
        }
    }
    return worst;
}

static uk_instant_t clock_now(void)
{
    return uk_instant_from_apr(apr_time_now());
}

static void check_database(server_rec *main_server, server_rec *server,
                           apr_pool_t *pool)
{
    const uk_server_config_t *config = uk_server_config(server);
    uk_database_t db;
    const uk_check_context_t context = {
        .db = &db,
        .driver = config->dbd_driver,
        .params = config->dbd_params ? config->dbd_params : "",
        .is_httpds = 1,
        .pool = worst_pool(main_server, server),
        .threads = threads_of_process(),
        .init = INIT,
        .clock = clock_now,
    };
    const apr_array_header_t *findings;
    int i;

    uk_dbd_open(&db, server, pool);
    findings = uk_check_all(&context);
    for (i = 0; i < findings->nelts; i++) {
        log_finding(server, pool, &APR_ARRAY_IDX(findings, i, uk_finding_t));
    }
}

static void check_init_sql(server_rec *main_server, server_rec *server,
                           apr_pool_t *pool)
{
    const uk_finding_t finding = {
        "init", UK_CHECK_WARNING,
        "its DBDInitSQL is never run, as mod_dbd gives it the connections of "
        "another server with the same DBDParams, and so perhaps other tables; "
        "make its DBDMax another number"};

    if (!uk_config_runs_init_sql(main_server, server)) {
        log_finding(server, pool, &finding);
    }
}

/* A server without a database may be one that no key is meant for. */
static void check_databases(server_rec *main_server, apr_pool_t *pool)
{
    server_rec *server;
    int databases = 0;

    for (server = main_server; server; server = server->next) {
        if (!uk_server_config(server)->dbd_driver) {
            continue;
        }
        check_init_sql(main_server, server, pool);
        if (uk_config_first_with_database(main_server, server) == server) {
            check_database(main_server, server, pool);
            databases++;
        }
    }
    if (databases == 0) {
        ap_log_error(APLOG_MARK, APLOG_ERR, 0, main_server,
                     UKLOGNO(0003) "no database is configured: set DBDriver "
                                   "and DBDParams");
    }
    ap_log_error(APLOG_MARK, APLOG_INFO, 0, main_server,
                 UKLOGNO(0005) "databases checked: %d", databases);
}

void uk_startup_check(apr_pool_t *pchild, server_rec *main_server)
{
    apr_pool_t *pool;

    if (!is_checked || apr_atomic_cas32(is_checked, 1, 0) != 0) {
        return;
    }
    apr_pool_create(&pool, pchild);
    check_databases(main_server, pool);
    apr_pool_destroy(pool);
}
