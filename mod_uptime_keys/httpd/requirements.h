/* SPDX-License-Identifier: Apache-2.0 */
/* What the module needs of httpd and its libraries, checked at build time, at
 * start, and in each child. */
#ifndef UK_HTTPD_REQUIREMENTS_H
#define UK_HTTPD_REQUIREMENTS_H

#include <ap_mmn.h>
#include <apr_pools.h>
#include <apr_version.h>
#include <apu_version.h>

#include "httpd/module.h"

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
 *  was compiled with, and that no module forks processes that serve requests.
 *  @return NULL, or an error message, in the pool */
const char *uk_requirements_check(apr_pool_t *pool, server_rec *main_server);

/** Hook child_init, before connections, threads and locks are created: from now
 *  on, no process may be forked that serves requests. */
void uk_requirements_child_init(apr_pool_t *pchild);

/** @return 1 if this process was forked after that: it has connections that are
 *  another process's, and locks that nobody may unlock, so that it must touch
 *  neither. Else 0. A child and the processes that are forked from it log UK0008
 *  once. */
int uk_requirements_is_forked(server_rec *server);

#endif
