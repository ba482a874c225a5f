/* SPDX-License-Identifier: Apache-2.0 */
/* Writes what an import adds. */
#ifndef UK_STORE_IMPORT_WRITE_H
#define UK_STORE_IMPORT_WRITE_H

#include "store/audit.h"
#include "store/import_plan.h"

/**
 * Add teams and keys, and an audit row for each, in a transaction. A key without
 * an id gets one, and one without created_at gets the actor's time.
 *
 * @param pool for what is needed meanwhile
 * @return UK_OK; UK_UNAVAILABLE with connection->error: the transaction has to
 *         be rolled back
 */
uk_outcome_e uk_import_write(uk_connection_t *connection, apr_pool_t *pool,
                             const uk_actor_t *actor,
                             const uk_import_plan_t *plan)
    __attribute__((warn_unused_result));

#endif
