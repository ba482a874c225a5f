/* SPDX-License-Identifier: Apache-2.0 */
/* The tables, indexes and triggers that a schema names: which are not there. */
#ifndef UK_STORE_SCHEMA_OBJECTS_H
#define UK_STORE_SCHEMA_OBJECTS_H

#include "store/dialect.h"
#include "store/schema.h"

/** Find those that a connection's database lacks. @return UK_OK,
 *  UK_UNAVAILABLE */
uk_outcome_e uk_objects_missing(uk_connection_t *connection, apr_pool_t *pool,
                                const uk_dialect_t *dialect,
                                uk_missing_t *missing)
    __attribute__((warn_unused_result));

/** Add those indexes to their tables that the schema has inside of tables:
 *  CREATE TABLE IF NOT EXISTS leaves a table as it is. Likewise. */
uk_outcome_e uk_objects_restore(uk_connection_t *connection, apr_pool_t *pool,
                                const uk_dialect_t *dialect)
    __attribute__((warn_unused_result));

#endif
