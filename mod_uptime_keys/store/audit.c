/* SPDX-License-Identifier: Apache-2.0 */
/* uptime_audit: who changed what. */
#include "store/audit.h"

#include "store/rows.h"

uk_outcome_e uk_audit_add(uk_connection_t *connection, apr_pool_t *pool,
                          const uk_actor_t *actor, const char *action,
                          const char *team, const char *key)
{
    return uk_row_write(connection, pool, UK_SQL_AUDIT_INSERT,
                        (const char *[]){uk_row_number(pool, actor->now),
                                         actor->name, actor->from, action, team,
                                         key});
}
