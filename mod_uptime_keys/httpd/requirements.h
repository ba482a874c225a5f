/* SPDX-License-Identifier: Apache-2.0 */
/* What the module needs, checked at build time and at start. */
#ifndef UK_HTTPD_REQUIREMENTS_H
#define UK_HTTPD_REQUIREMENTS_H

#include <ap_mmn.h>
#include <apr_pools.h>
#include <apr_version.h>
#include <apu_version.h>

/* ap_parse_strict_length() is the newest function that is called; 2.4.44 and
 * 2.4.45 were not released. Source: ap_mmn.h. */
#define UK_HTTPD_PATCH_MIN 46
#if !AP_MODULE_MAGIC_AT_LEAST(20120211, 93)
#error "mod_uptime_keys needs httpd 2.4.46 or later"
#endif

/* apr_thread_mutex_timedlock() and apr_global_mutex_timedlock(). Source:
 * CHANGES of APR. */
#define UK_APR_MINOR_MIN 7
#if !APR_VERSION_AT_LEAST(1, UK_APR_MINOR_MIN, 0)
#error "mod_uptime_keys needs APR 1.7 or later"
#endif

/* db/driver.c knows the drivers of this version. */
#define UK_APU_MINOR_MIN 6
#if APU_MAJOR_VERSION != 1 || APU_MINOR_VERSION < UK_APU_MINOR_MIN
#error "mod_uptime_keys needs APR-util 1.6 or later"
#endif

/** Check the versions that are running, which need not be those that the module
 *  was compiled with, and the MPM. @return NULL, or an error message, in the pool */
const char *uk_requirements_check(apr_pool_t *pool);

#endif
