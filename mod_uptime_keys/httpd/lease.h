/* SPDX-License-Identifier: Apache-2.0 */
/* The lease: whether cached keys of a database may be used right now. Its terms
 * are explained in core/lease_state.h. */
#ifndef UK_HTTPD_LEASE_H
#define UK_HTTPD_LEASE_H

#include "store/revoke.h"
#include "httpd/module.h"

typedef struct uk_lease_t uk_lease_t;

/**
 * Create the lease of a database, in post_config. While children run, one of
 * them polls the change counter several times a second, in a thread of
 * mod_watchdog. All children share what it finds, until httpd is restarted.
 *
 * @param server any of those that use the database
 * @return the lease, in the pool; NULL if that failed, which is logged
 */
uk_lease_t *uk_lease_create(apr_pool_t *pconf, server_rec *server);

/** Hook child_init, before that of mod_watchdog: let this child poll. When the
 *  child ends it stops, and withdraws the announcement if it polled. */
void uk_lease_child_init(uk_lease_t *lease, apr_pool_t *pchild);

/**
 * Tell whether cached keys may be used at this very moment.
 *
 * @param generation receives the current one, also if they may not: only
 *                   entries stored with it are valid, and a look-up that starts
 *                   now belongs to it
 * @return 1 if they may be used, else 0
 */
int uk_lease_holds(const uk_lease_t *lease, apr_uint64_t *generation);

/** The cache of a server, for uk_revoke_key() and uk_revoke_team();
 *  uk_own_cache_none if it has none. Valid as long as the configuration. */
uk_own_cache_t uk_lease_own_cache(server_rec *server);

#endif
