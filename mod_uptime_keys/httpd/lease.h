/* SPDX-License-Identifier: Apache-2.0 */
/* The lease: whether copies of a database's keys may be used right now. */
#ifndef UK_HTTPD_LEASE_H
#define UK_HTTPD_LEASE_H

#include "store/store.h"
#include "httpd/module.h"

typedef struct uk_lease_t uk_lease_t;

/**
 * Have a database watched, once children run: one of them looks at its counter
 * of changes several times a second. All children of this generation of httpd
 * share what it finds.
 *
 * @param server one of those that use the database
 * @return NULL where that cannot be, which is logged
 */
uk_lease_t *uk_lease_create(apr_pool_t *pconf, server_rec *server);

/** Begin in a child, before mod_watchdog does; ends with the child. */
void uk_lease_child_init(uk_lease_t *lease, apr_pool_t *pchild);

/**
 * Tell whether copies may be used at this very instant, and which.
 *
 * @param generation receives the one that counts; copies of all others are
 *                   void. Something looked up from now on is a copy of it
 * @return 1, else 0
 */
int uk_lease_holds(const uk_lease_t *lease, apr_uint64_t *generation);

/**
 * Delete a key as uk_store_key_delete() does, and return when no server uses a
 * copy of it any more. That may take longer than a lease, during which no
 * connection is held.
 */
uk_outcome_e uk_lease_delete_key(server_rec *server, uk_database_t *db,
                                 const uk_actor_t *actor, const char *team,
                                 const char *id)
    __attribute__((warn_unused_result));

#endif
