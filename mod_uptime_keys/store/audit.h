/* SPDX-License-Identifier: Apache-2.0 */
/* uptime_audit: who changed what. */
#ifndef UK_STORE_AUDIT_H
#define UK_STORE_AUDIT_H

#include "core/instant.h"
#include "db/database.h"

/* Who changes something, for the audit table and created_by. */
typedef struct {
    const char *who;  /* user name, or id of the key that calls */
    const char *from; /* client address, or the tool's host */
    uk_instant_t now;
} uk_actor_t;

/**
 * Add an audit row, in the transaction of the change.
 *
 * @param action "key.create", "key.delete", …
 * @param key    the id of the key that it is about; NULL: none
 * @return UK_OK, UK_UNAVAILABLE
 */
uk_outcome_e uk_audit_add(uk_connection_t *connection, apr_pool_t *pool,
                          const uk_actor_t *actor, const char *action,
                          const char *team, const char *key)
    __attribute__((warn_unused_result));

#endif
