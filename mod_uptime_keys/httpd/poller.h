/* SPDX-License-Identifier: Apache-2.0 */
/* The threads that poll: a few for all leases of a process.
 *
 * While children run, one of them polls, with one thread of mod_watchdog that
 * looks ten times a second what is due, and with threads that it starts for the
 * work: none while nothing is due, a few else, and more only while these wait
 * for databases that do not answer. */
#ifndef UK_HTTPD_POLLER_H
#define UK_HTTPD_POLLER_H

#include "core/clock.h"
#include "httpd/module.h"

typedef struct uk_poller_t uk_poller_t;

/* What is done for each baton. No two of these are ever called at the same time
 * for the same baton. */
typedef struct {
    /** Tell whether there is something to do. It must not wait. */
    int (*is_due)(void *baton, uk_clock_ms_t now);
    /** Do it; the pool is for this call alone. It may wait for a database. */
    void (*work)(void *baton, apr_pool_t *pool);
    /** When the child ends: undo what work() did, if it was ever called in this
     *  child. The pools of mod_dbd are still there. */
    void (*end)(void *baton, apr_pool_t *pool);
} uk_poller_calls_t;

/**
 * Create a poller, in post_config.
 *
 * @param calls must live as long as pconf
 * @return APR_SUCCESS; APR_ENOTIMPL: mod_watchdog is not loaded
 */
apr_status_t uk_poller_create(uk_poller_t **poller, apr_pool_t *pconf,
                              const uk_poller_calls_t *calls);

/** Let it work for a baton, in post_config. */
void uk_poller_add(uk_poller_t *poller, void *baton);

/** Hook child_init, before that of mod_watchdog: let this child poll. */
void uk_poller_child_init(uk_poller_t *poller, apr_pool_t *pchild);

#endif
