/* SPDX-License-Identifier: Apache-2.0 */
/* uptime_audit: who changed what. */
#ifndef UK_STORE_AUDIT_H
#define UK_STORE_AUDIT_H

#include "core/instant.h"
#include "db/database.h"

/* Who makes a change, for uptime_audit and for created_by of a key. */
typedef struct {
    const char *name; /* user name, or id of the key that authenticated */
    const char *from; /* address of the client, or host that the tool runs on */
    uk_instant_t now; /* time of the change */
} uk_actor_t;

/**
 * Add an audit row. Call it in the transaction of the change itself.
 *
 * @param action "key.create", "key.delete", …
 * @param team   id of the team that is changed, or that has the key
 * @param key    id of the key; NULL if the change is not about one key
 * @return UK_OK; UK_UNAVAILABLE with connection->error
 */
uk_outcome_e uk_audit_add(uk_connection_t *connection, apr_pool_t *pool,
                          const uk_actor_t *actor, const char *action,
                          const char *team, const char *key)
    __attribute__((warn_unused_result));

#endif
