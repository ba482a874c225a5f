/* SPDX-License-Identifier: Apache-2.0 */
/* Applying the steps of store/steps.h, and restoring what they made. */
#ifndef UK_STORE_MIGRATE_H
#define UK_STORE_MIGRATE_H

#include "store/schema.h"
#include "store/steps.h"

/**
 * Read the version of tables that exist.
 *
 * @param version receives it; 0 if none is recorded
 * @return UK_OK, UK_UNAVAILABLE
 */
uk_outcome_e uk_migrate_read_version(uk_connection_t *connection,
                                     apr_pool_t *pool, int *version)
    __attribute__((warn_unused_result));

/**
 * Bring tables to the version of a step, if they are of an earlier one. All
 * steps before it must have been applied. For uk_database_transact().
 *
 * @param baton the step's number, an int
 * @return UK_OK; UK_NOT_FOUND: no steps for this database; UK_UNAVAILABLE
 */
uk_work_t uk_migrate_apply_work;

/**
 * Make tables and columns again that somebody has removed from tables of an
 * earlier version: the next steps may need them. For uk_database_transact().
 *
 * @param baton NULL
 */
uk_work_t uk_migrate_complete_work;

/**
 * In tables of version uk_steps_latest, make objects again that somebody has
 * removed, or drop objects that a step drops and that exist again. Tables of
 * another version stay as they are. For uk_database_transact().
 *
 * Call it for each of these markers, in this order, each in a transaction of
 * its own: only the next one sees what a CREATE TABLE has made.
 *
 * @param baton a uk_marker_e: UK_MAKES, UK_RESTORES or UK_DROPS
 */
uk_work_t uk_migrate_restore_work;

/**
 * Find out what tables of a version lack. Rows are not looked for.
 *
 * @param missing receives names, in the pool, and how many of them are tables
 *                or columns
 * @return UK_OK; UK_NOT_FOUND: no steps for this database; UK_UNAVAILABLE
 */
uk_outcome_e uk_migrate_missing(uk_connection_t *connection, apr_pool_t *pool,
                                int version, uk_missing_t *missing)
    __attribute__((warn_unused_result));

#endif
