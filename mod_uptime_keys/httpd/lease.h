/* SPDX-License-Identifier: Apache-2.0 */
/* The lease: whether cached keys of a database may be used right now. */
#ifndef UK_HTTPD_LEASE_H
#define UK_HTTPD_LEASE_H

#include "store/revoke.h"
#include "httpd/module.h"

typedef struct uk_lease_t uk_lease_t;

/**
 * Create the lease of a database. Once children run, one of them polls the
 * change counter several times a second, in a thread of mod_watchdog's. All
 * children of this generation of httpd share what it finds.
 *
 * @param server one of those that use the database
 * @return NULL if that is not possible, which is logged
 */
uk_lease_t *uk_lease_create(apr_pool_t *pconf, server_rec *server);

/** Begin in a child, before mod_watchdog does; ends with the child. */
void uk_lease_child_init(uk_lease_t *lease, apr_pool_t *pchild);

/**
 * Tell whether cached keys may be used at this very moment.
 *
 * @param generation receives the current one: only entries stored with it are
 *                   valid, and a look-up that starts now belongs to it
 * @return 1 if they may be used, else 0
 */
int uk_lease_holds(const uk_lease_t *lease, apr_uint64_t *generation);

/** The cache of a server, for uk_revoke_key(). */
uk_own_cache_t uk_lease_own_cache(server_rec *server);

#endif
