/* SPDX-License-Identifier: Apache-2.0 */
/* Applying the steps of store/steps.h, and restoring what they made. */
#ifndef UK_STORE_MIGRATE_H
#define UK_STORE_MIGRATE_H

#include "store/schema.h"
#include "store/steps.h"

/**
 * Bring tables to the version of a step, if they are of an earlier one: a work
 * for uk_database_transact(). All steps before it must have been applied.
 *
 * @param baton the step's number, an int
 * @return UK_OK; UK_NOT_FOUND: no steps for this database; UK_UNAVAILABLE
 */
uk_work_t uk_migrate_apply_work;

/**
 * Make those objects again that were taken away from tables of our version, or
 * drop those that they have no more; tables of another version stay as they
 * are. Likewise. What a CREATE TABLE makes is known after its transaction, so
 * UK_MAKES comes first, and the others in transactions of their own.
 *
 * @param baton which statements: a uk_marker_e
 */
uk_work_t uk_migrate_restore_work;

/**
 * Find out what tables of a version lack. Rows are not looked for.
 *
 * @param missing receives names and the number of tables and columns
 * @return UK_OK; UK_NOT_FOUND: no steps for this database; UK_UNAVAILABLE
 */
uk_outcome_e uk_migrate_missing(uk_connection_t *connection, apr_pool_t *pool,
                                int version, uk_missing_t *missing)
    __attribute__((warn_unused_result));

#endif
