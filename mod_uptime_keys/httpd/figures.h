/* SPDX-License-Identifier: Apache-2.0 */
/* The figures: what is counted, in memory that all children share.
 *
 * A counter has many parts, in stripes of memory, and few threads or connections
 * have the same one: so they do not wait for each other's cache lines. A reader adds the parts
 * up. A child that is killed loses nothing, and a graceful restart keeps all. */
#ifndef UK_HTTPD_FIGURES_H
#define UK_HTTPD_FIGURES_H

#include "core/histogram.h"
#include "core/verdict.h"
#include "db/database.h"
#include "httpd/module.h"

/* How a client's request to a place that asks for a key was decided. */
typedef enum {
    UK_DECIDED_OK,
    UK_DECIDED_NO_KEY,
    UK_DECIDED_INVALID,
    UK_DECIDED_EXPIRED,
    UK_DECIDED_DISABLED,
    UK_DECIDED_ROTATED,
    UK_DECIDED_ADDRESS,
    UK_DECIDED_SCOPE,
    UK_DECIDED_TEAM,
    UK_DECIDED_FORBIDDEN,
    UK_DECIDED_CONFLICT,
    UK_DECIDED_LIMITED,
    UK_DECIDED_UNAVAILABLE,
    UK_DECIDED_COUNT /* their number */
} uk_decided_e;

/* Where the cache found a key. */
typedef enum {
    UK_CACHE_THREAD,
    UK_CACHE_SHARED,
    UK_CACHE_MISS,
    UK_CACHE_COUNT
} uk_cache_result_e;

/* What a call of the management endpoints was for. */
typedef enum {
    UK_MANAGE_LIST,
    UK_MANAGE_CREATE,
    UK_MANAGE_READ,
    UK_MANAGE_UPDATE,
    UK_MANAGE_ROTATE,
    UK_MANAGE_DELETE,
    UK_MANAGE_AUDIT,
    UK_MANAGE_LEAK,
    UK_MANAGE_COUNT
} uk_manage_action_e;

/* How it was answered. */
typedef enum {
    UK_MANAGED_OK,
    UK_MANAGED_REFUSED,
    UK_MANAGED_INVALID,
    UK_MANAGED_LIMIT,
    UK_MANAGED_UNAVAILABLE,
    UK_MANAGED_COUNT
} uk_managed_e;

/* The counters: each is the first of several, to which one of the enumerators
 * above is added. */
enum {
    UK_COUNT_REQUEST, /* uk_decided_e */
    UK_COUNT_CACHE = UK_COUNT_REQUEST + UK_DECIDED_COUNT,
    UK_COUNT_FAILURE = UK_COUNT_CACHE + UK_CACHE_COUNT, /* uk_failure_e */
    /* uk_manage_action_e, times UK_MANAGED_COUNT, and uk_managed_e */
    UK_COUNT_MANAGE = UK_COUNT_FAILURE + UK_FAILURES,
    /* uk_histogram_bucket() */
    UK_COUNT_BUCKET = UK_COUNT_MANAGE + UK_MANAGE_COUNT * UK_MANAGED_COUNT,
    UK_COUNT_MICROSECONDS = UK_COUNT_BUCKET + UK_HISTOGRAM_BOUNDS + 1,
    UK_COUNTERS
};

/* The names of the enumerators, as they are in labels. */
extern const char *const uk_decided_names[UK_DECIDED_COUNT];
extern const char *const uk_cache_names[UK_CACHE_COUNT];
extern const char *const uk_failure_names[UK_FAILURES];
extern const char *const uk_manage_names[UK_MANAGE_COUNT];
extern const char *const uk_managed_names[UK_MANAGED_COUNT];

/** In post_config: create the memory, or find that of the last start. If there
 *  is none, that is logged (UK0060), and nothing is counted. */
void uk_figures_init(apr_pool_t *pconf, server_rec *main_server);

/** @return 1 if there is memory for figures, else 0 */
int uk_figures_are_there(void);

/* Counting; none of these waits for anything. */

/** Add 1 to a counter, UK_COUNT_… and an enumerator. */
void uk_figures_count(const request_rec *r, int counter);

/** Count a piece of work on the database of a server, as the observer of
 *  uk_connection_provider_t. @param server a server_rec */
void uk_figures_count_work(void *server, const uk_work_done_t *done);

/** Count a management call. */
void uk_figures_count_managed(const request_rec *r, uk_manage_action_e action,
                              uk_managed_e result);

/** In log_transaction: count a client's request, if it was let in by a key, or
 *  refused for want of one. */
void uk_figures_count_request(const request_rec *r);

/* Reading. */

/** When the memory was created: no counter has decreased since. */
apr_time_t uk_figures_since(void);

apr_uint64_t uk_figures_sum(int counter);

/** @return 1 if the last that is known of each database is that it answered; 0
 *  if not */
int uk_figures_all_up(void);

/** @return 1 if the lease on cached keys holds for each database, 0 if not; -1
 *  if nothing is cached */
int uk_figures_all_leases_hold(void);

/** The requests of the most used keys (UptimeKeysMetricsPerKey).
 *  @param others receives those of all other keys
 *  @return uk_top_key_ts (core/top.h), in the pool; NULL: they are not counted */
apr_array_header_t *uk_figures_per_key(apr_pool_t *pool, apr_uint64_t *others);

#endif
