/* SPDX-License-Identifier: Apache-2.0 */
/* What runs with the settings of a server: set once httpd or a child starts. */
#ifndef UK_HTTPD_STATE_H
#define UK_HTTPD_STATE_H

#include "httpd/module.h"

typedef struct uk_server_state_t {
    struct uk_dbd_health_t *health; /* of its pool; NULL: not in a child */
    struct uk_cache_t *cache;       /* of its database; NULL: no cache */
    struct uk_lease_t *lease;       /* of that cache; NULL likewise */
} uk_server_state_t;

/** An empty state, in the pool of the configuration. */
uk_server_state_t *uk_server_state_create(apr_pool_t *pool);

/** The state of a server. Servers that share a database or a pool of
 *  connections have the same parts. */
uk_server_state_t *uk_server_state(server_rec *server);

#endif
