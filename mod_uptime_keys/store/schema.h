/* SPDX-License-Identifier: Apache-2.0 */
/* The schema: the tables of this module, with their indexes and triggers. How
 * to install it, and how to tell what is there. Its version is the number of
 * the last step (store/steps.h) that was applied.
 *
 * UK_UNAVAILABLE comes with db->error. UK_NOT_FOUND: there is no row for this
 * database in store/dialect.c. Results live in db->pool. */
#ifndef UK_STORE_SCHEMA_H
#define UK_STORE_SCHEMA_H

#include "core/instant.h"
#include "db/database.h"

/** The version that this program works with: the number of the last step in
 *  conf/schema/. */
int uk_schema_latest(void);

/**
 * Find out the schema's version.
 *
 * @param version receives it; 0 where there is no schema yet
 * @return UK_OK, UK_UNAVAILABLE
 */
uk_outcome_e uk_schema_version(uk_database_t *db, int *version)
    __attribute__((warn_unused_result));

/**
 * Create the schema, or bring an older one to uk_schema_latest(), step by step.
 * An interrupted installation is completed. Objects that somebody has removed
 * are made again: all of them in the end, and tables and columns of an older
 * schema before its steps. A newer schema stays as it is.
 *
 * @return UK_OK, UK_NOT_FOUND, UK_UNAVAILABLE
 */
uk_outcome_e uk_schema_install(uk_database_t *db)
    __attribute__((warn_unused_result));

/* What a schema lacks. */
typedef struct {
    apr_array_header_t *names; /* const char *s */
    int tables;                /* how many of them are tables or columns */
    int triggers;              /* how many of them are triggers */
} uk_missing_t;

/**
 * Find out what a schema of version uk_schema_latest() lacks: tables, columns,
 * indexes, triggers or the row of uptime_changes. Triggers count only where
 * this user of the database may see them.
 *
 * @return UK_OK, UK_NOT_FOUND, UK_UNAVAILABLE
 */
uk_outcome_e uk_schema_missing(uk_database_t *db, uk_missing_t *missing)
    __attribute__((warn_unused_result));

/* What uk_schema_install() would do. */
typedef struct {
    const char *dialect;  /* "pgsql" */
    int version;          /* of the tables; 0: there are none */
    uk_missing_t missing; /* what they lack of this version */
} uk_plan_t;

/**
 * Find out what uk_schema_install() would do, and change nothing.
 *
 * @return UK_OK, UK_NOT_FOUND, UK_UNAVAILABLE
 */
uk_outcome_e uk_schema_plan(uk_database_t *db, uk_plan_t *plan)
    __attribute__((warn_unused_result));

/**
 * Name the steps that tables of a version lack, for a message: "steps 2, 3".
 *
 * @param dialect as in uk_plan_t; may be NULL if version is not 0, as all
 *                dialects have the same steps after their first
 */
const char *uk_schema_steps(apr_pool_t *pool, const char *dialect, int version);

/**
 * Find out whether the database refuses this user each CREATE TRIGGER, because
 * it has a binary log.
 *
 * @param may_create receives 0 if it does, else 1
 * @return UK_OK; UK_NOT_FOUND, also if this kind of database never does;
 *         UK_UNAVAILABLE
 */
uk_outcome_e uk_schema_may_create_triggers(uk_database_t *db, int *may_create)
    __attribute__((warn_unused_result));

/**
 * Find out the encoding in which the database takes strings.
 *
 * @param encoding receives its name, as the database calls it: "LATIN1"
 * @param is_utf8  receives 1 if it is UTF-8, which the module sends, else 0
 * @return UK_OK, UK_NOT_FOUND, UK_UNAVAILABLE
 */
uk_outcome_e uk_schema_encoding(uk_database_t *db, const char **encoding,
                                int *is_utf8)
    __attribute__((warn_unused_result));

/** Find out the time of the database's clock. @param now UK_INSTANT_NONE unless
 *  UK_OK. @return UK_OK, UK_NOT_FOUND, UK_UNAVAILABLE */
uk_outcome_e uk_schema_clock(uk_database_t *db, uk_instant_t *now)
    __attribute__((warn_unused_result));

/**
 * Find out the mode of the database's journal.
 *
 * @param mode receives it, as SQLite calls it: "wal", "delete"
 * @return UK_OK; UK_NOT_FOUND, also if it has no modes; UK_UNAVAILABLE
 */
uk_outcome_e uk_schema_journal(uk_database_t *db, const char **mode)
    __attribute__((warn_unused_result));

#endif
