/* SPDX-License-Identifier: Apache-2.0 */
/* uptime_audit: who changed what. */
#include "store/audit.h"

#include "store/rows.h"

uk_outcome_e uk_audit_add(uk_connection_t *connection, apr_pool_t *pool,
                          const uk_actor_t *actor, const char *action,
                          const char *team, const char *detail)
{
    const uk_key_t no_key = {.team = team};

    return uk_audit_add_key(connection, pool, actor, action, &no_key, detail);
}

uk_outcome_e uk_audit_add_key(uk_connection_t *connection, apr_pool_t *pool,
                              const uk_actor_t *actor, const char *action,
                              const uk_key_t *key, const char *detail)
{
    const char *args[] = {uk_row_number(pool, actor->now),
                          actor->name,
                          actor->from,
                          action,
                          key->team,
                          key->id,
                          key->name,
                          key->prefix,
                          detail};

    return uk_row_write(connection, pool, UK_SQL_AUDIT_INSERT, args);
}

uk_outcome_e uk_audit_add_keys_of_team(uk_connection_t *connection,
                                       apr_pool_t *pool,
                                       const uk_actor_t *actor,
                                       const char *team)
{
    const char *args[] = {uk_row_number(pool, actor->now), actor->name,
                          actor->from, team};

    return uk_row_write(connection, pool, UK_SQL_AUDIT_INSERT_KEYS_OF_TEAM,
                        args)
                   == UK_UNAVAILABLE
               ? UK_UNAVAILABLE
               : UK_OK;
}
