/* SPDX-License-Identifier: Apache-2.0 */
/* uptime_audit: who changed what. */
#ifndef UK_STORE_AUDIT_H
#define UK_STORE_AUDIT_H

#include "core/key.h"
#include "db/database.h"

/* Who makes a change, for uptime_audit and for created_by of a key. */
typedef struct {
    const char *name; /* user name, or id of the key that authenticated */
    const char *from; /* address of the client, or host that the tool runs on */
    uk_instant_t now; /* time of the change */
} uk_actor_t;

/* Each adds an audit row; call it in the transaction of the change itself.
 * detail is a JSON object that core/event.h puts into words, without any secret;
 * NULL: there is no more to say. @return UK_OK; UK_UNAVAILABLE with
 * connection->error */

/** @param action "team.create", "member.set", … @param team its id; "": none */
uk_outcome_e uk_audit_add(uk_connection_t *connection, apr_pool_t *pool,
                          const uk_actor_t *actor, const char *action,
                          const char *team, const char *detail)
    __attribute__((warn_unused_result));

/** @param action "key.create", "key.delete", … @param key as it is now, or was
 *  before it was deleted */
uk_outcome_e uk_audit_add_key(uk_connection_t *connection, apr_pool_t *pool,
                              const uk_actor_t *actor, const char *action,
                              const uk_key_t *key, const char *detail)
    __attribute__((warn_unused_result));

/** "key.delete" for each key of a team, before these are deleted. @return UK_OK,
 *  also if it has none */
uk_outcome_e uk_audit_add_keys_of_team(uk_connection_t *connection,
                                       apr_pool_t *pool,
                                       const uk_actor_t *actor,
                                       const char *team)
    __attribute__((warn_unused_result));

#endif
