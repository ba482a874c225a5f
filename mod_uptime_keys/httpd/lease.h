/* SPDX-License-Identifier: Apache-2.0 */
/* The lease: whether cached keys of a database may be used right now. Its terms
 * are explained in core/lease_state.h. */
#ifndef UK_HTTPD_LEASE_H
#define UK_HTTPD_LEASE_H

#include "store/revoke.h"
#include "httpd/module.h"

typedef struct uk_lease_t uk_lease_t;

/* All leases of this httpd. */
typedef struct uk_leases_t uk_leases_t;

/**
 * Allocate leases, in post_config.
 *
 * @param count how many
 * @return the leases, in the pool; NULL if that failed, which is logged
 */
uk_leases_t *uk_leases_create(apr_pool_t *pconf, server_rec *main_server,
                              int count);

/**
 * Create the lease of a database, in post_config. While children run, one of
 * them polls the change counter several times a second, as long as requests
 * with keys ask for the lease (core/lease_schedule.h). All children share what
 * it finds, until httpd is restarted.
 *
 * @param server any of those that use the database
 * @return the lease, as long as the leases
 */
uk_lease_t *uk_lease_create(uk_leases_t *leases, server_rec *server);

/** Hook child_init, before that of mod_watchdog: let this child poll. When the
 *  child ends it stops, and withdraws the announcements if it polled. */
void uk_leases_child_init(uk_leases_t *leases, apr_pool_t *pchild);

/**
 * Tell whether cached keys may be used at this very moment. This is also how a
 * request asks for the lease: if it sleeps, it is polled a moment later.
 *
 * @param round receives the current one, also if they may not: a look-up that
 *              starts now belongs to it
 * @return 1 if they may be used, else 0
 */
int uk_lease_holds(const uk_lease_t *lease, apr_uint64_t *round);

/** Tell whether what was looked up is still true, as far as this server knows.
 *  Call it after uk_lease_holds(). @param round in which the look-up began
 *  @param group of the secret, uk_lease_group() @return 1 if it is, else 0 */
int uk_lease_is_valid(const uk_lease_t *lease, apr_uint64_t round,
                      apr_uint16_t group);

/** Work on the database was interrupted in this process, which may poll: the
 *  database may be another one by now, with the same counter. */
void uk_lease_interrupt(uk_lease_t *lease);

/** @return 1 if cached keys may be used, or if the lease sleeps because no request
 *  asks for it; 0 if it should hold and does not. This does not wake it. */
int uk_lease_is_in_order(const uk_lease_t *lease);

/** The cache of a server, for uk_revoke_key() and uk_revoke_team();
 *  uk_own_cache_none if it has none. Valid as long as the configuration. */
uk_own_cache_t uk_lease_own_cache(server_rec *server);

#endif
