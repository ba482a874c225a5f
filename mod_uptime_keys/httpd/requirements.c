/* SPDX-License-Identifier: Apache-2.0 */
/* What the module needs, checked at start. */
#include "httpd/requirements.h"

#include <apr_strings.h>
#include <httpd.h>
#include <http_config.h>

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

/* A process that is forked while a child has connections to the database and
 * threads has copies of the former and not the latter: keys fail at random, and
 * last uses are lost. */
static const char *forking_mpm(void)
{
    return ap_find_linked_module("mpm_itk.c")
               ? "mpm-itk forks a process for each connection, in which the "
                 "database cannot be used; use another MPM"
               : NULL;
}

const char *uk_requirements_check(apr_pool_t *pool)
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
    return problem ? problem : forking_mpm();
}
