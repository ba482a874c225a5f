/* SPDX-License-Identifier: Apache-2.0 */
/* The run-time state of a server (server_rec): set in post_config and
 * child_init, and constant after that. */
#ifndef UK_HTTPD_STATE_H
#define UK_HTTPD_STATE_H

#include "httpd/module.h"

typedef struct uk_server_state_t {
    /* by uk_dbd_init(): the first server, possibly this one, with the same
     * database, and with the same pool of mod_dbd */
    server_rec *first_with_database;
    server_rec *first_with_pool;
    /* in this child, failures of its pool of mod_dbd; NULL before child_init or
     * if its lock cannot be created: no connection is acquired then */
    struct uk_dbd_health_t *health;
    struct uk_cache_t *cache; /* of its database; NULL: no cache */
    struct uk_lease_t *lease; /* of that cache; NULL: no cache */
    int database; /* the number of its database, from 0 (httpd/figures.h) */
} uk_server_state_t;

/** Create an empty state, for a server configuration. */
uk_server_state_t *uk_server_state_create(apr_pool_t *pool);

/** The state of a server, never NULL. Servers that share a pool of mod_dbd have
 *  the same health, those that share a database the same cache and lease. */
uk_server_state_t *uk_server_state(server_rec *server);

#endif
