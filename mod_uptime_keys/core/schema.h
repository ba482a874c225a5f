/* SPDX-License-Identifier: Apache-2.0 */
/* The tables: making them, and telling whether they are there. */
#ifndef UK_CORE_SCHEMA_H
#define UK_CORE_SCHEMA_H

#include "core/database.h"

/* The version that this code works with. */
#define UK_SCHEMA_VERSION 2

/* conf/schema/sqlite3.sql, embedded at build time. */
extern const char uk_schema_sqlite3[];

/**
 * Find out the schema's version.
 *
 * @param version receives it; 0 where there is no schema yet
 * @return UK_OK, UK_UNAVAILABLE
 */
uk_outcome_e uk_schema_version(uk_database_t *db, int *version)
    __attribute__((warn_unused_result));

/**
 * Make the schema, or complete one that was interrupted; one that is there
 * stays as it is.
 *
 * @return UK_OK; UK_NOT_FOUND: no schema for this driver; UK_UNAVAILABLE
 */
uk_outcome_e uk_schema_install(uk_database_t *db)
    __attribute__((warn_unused_result));

/**
 * Find out what is missing in a schema of our version, or was taken away from
 * it: tables, indexes, triggers and the row of the counter.
 *
 * @param missing receives names as const char *s
 * @return UK_OK; UK_NOT_FOUND: no schema for this driver; UK_UNAVAILABLE
 */
uk_outcome_e uk_schema_missing(uk_database_t *db, apr_array_header_t **missing)
    __attribute__((warn_unused_result));

#endif
