/* SPDX-License-Identifier: Apache-2.0 */
/* What the module needs of httpd and its libraries, checked at start and in each
 * child. */
#include "httpd/requirements.h"

#include <apr_shm.h>
#include <pthread.h>
#include <stdatomic.h>

#include "httpd/config.h"

/* @param number the part of the version that is compared with the minimum
 * @return NULL, or an error message */
static const char *too_old(apr_pool_t *pool, const char *name,
                           const char *version, int number, int min)
{
    return number >= min
               ? NULL
               : apr_psprintf(pool,
                              "%s %s is too old, see the requirements "
                              "in the README",
                              name, version);
}

static const char *check_versions(apr_pool_t *pool)
{
    ap_version_t httpd;
    apr_version_t apr, apu;
    const char *problem;

    ap_get_server_revision(&httpd);
    apr_version(&apr);
    apu_version(&apu);
    problem = too_old(
        pool, "httpd",
        apr_psprintf(pool, "%d.%d.%d", httpd.major, httpd.minor, httpd.patch),
        httpd.minor > 4 ? UK_HTTPD_PATCH_MIN : httpd.patch, UK_HTTPD_PATCH_MIN);
    if (!problem) {
        problem = too_old(pool, "APR", apr_version_string(), apr.minor,
                          UK_APR_MINOR_MIN);
    }
    if (!problem) {
        problem = too_old(pool, "APR-util", apu_version_string(), apu.minor,
                          UK_APU_MINOR_MIN);
    }
    return problem;
}

static int has_database(server_rec *server)
{
    for (; server; server = server->next) {
        if (uk_server_config(server)->dbd_driver) {
            return 1;
        }
    }
    return 0;
}

/* mpm-itk is no MPM but a module beside prefork, which forks for each
 * connection. Without a database it does no harm. */
static const char *check_forks(server_rec *main_server)
{
    return ap_find_linked_module("mpm_itk.c") && has_database(main_server)
               ? "mpm-itk forks a process for each connection, which then has "
                 "the same connections to the database as others: use "
                 "mpm_event, or do not load mpm_itk or mod_uptime_keys"
               : NULL;
}

static const char *check_lifetimes(apr_pool_t *pool, server_rec *server)
{
    for (; server; server = server->next) {
        uk_lifetimes_t lifetimes =
            uk_config_lifetimes(uk_server_config(server));

        if (lifetimes.maximum && lifetimes.preset > lifetimes.maximum) {
            return apr_psprintf(pool,
                                "UptimeKeysDefaultLifetime %d is longer than "
                                "UptimeKeysMaxLifetime %d",
                                lifetimes.preset, lifetimes.maximum);
        }
    }
    return NULL;
}

const char *uk_requirements_check(apr_pool_t *pool, server_rec *main_server)
{
    const char *problem = check_versions(pool);

    if (!problem) {
        problem = check_lifetimes(pool, main_server);
    }
    return problem ? problem : check_forks(main_server);
}

/* Of this process. */
static int is_forked;

/* Of this child and of what is forked from it; NULL: no shared memory. */
static atomic_int *is_logged;

/* A CGI program is forked too, but serves no request before it is executed. */
static void note_fork(void)
{
    is_forked = 1;
}

void uk_requirements_child_init(apr_pool_t *pchild)
{
    apr_shm_t *shm;

    if (apr_shm_create(&shm, sizeof(*is_logged), NULL, pchild) == APR_SUCCESS) {
        is_logged = apr_shm_baseaddr_get(shm);
        atomic_init(is_logged, 0);
    }
    pthread_atfork(NULL, NULL, note_fork);
}

int uk_requirements_is_forked(server_rec *server)
{
    if (is_forked && is_logged && !atomic_exchange(is_logged, 1)) {
        ap_log_error(APLOG_MARK, APLOG_CRIT, 0, server,
                     UKLOGNO(0008) "this process was forked from one that "
                                   "serves requests: a module like mpm-itk "
                                   "does that, and no key can be checked");
    }
    return is_forked;
}
