/* SPDX-License-Identifier: Apache-2.0 */
/* The numbered steps that create and upgrade the tables, and the syntax of
 * their files.
 *
 * conf/schema/DIALECT/NNNN.sql brings tables of version NNNN - 1 to version
 * NNNN; a dialect's first step makes the tables. Its last statements put that
 * number into uptime_schema and remove lower ones; the version of the tables is
 * the highest number there. Every dialect ends with the same number, which is
 * the version that this program works with. So a new step is one more file for
 * each dialect, and nothing else. A file is never changed once it is merged.
 *
 * A semicolon and an empty line end a statement, so that the body of a trigger
 * can have semicolons of its own. Of the comments in front of a statement one
 * may be a marker, which fills its line:
 *
 *   -- makes: KIND NAME      Run if that object is missing: when the step is
 *                            applied, and when `uptime-keys init` restores
 *                            what somebody has removed.
 *   -- restores: KIND NAME   Run if that object, which an earlier CREATE TABLE
 *                            makes, was removed. The statement is in the
 *                            comments that follow, so that only uptime-keys
 *                            runs it.
 *   -- drops: KIND NAME      Run if that object exists: when the step is
 *                            applied, and after objects were restored, as an
 *                            earlier CREATE TABLE may have made it again.
 *                            The columns of a table go with it.
 *   -- runs: always          Run at the beginning of every transaction that
 *                            applies a step, any step, or restores something.
 *   -- runs: once            Run when the step is applied; so is a statement
 *                            without a marker.
 *
 * KIND NAME is one of
 *   table T, index I, trigger T, function F
 *   column T.C               added by ALTER TABLE, or
 *   column T.C TYPE          of that type, in lower case as the database spells
 *                            it: varchar(256)
 *   row T                    the row that a table needs; nobody checks whether
 *                            it exists, so a second run must do no harm
 * and NAME begins with "uptime_".
 *
 * SQLite and PostgreSQL apply a step in one transaction. MySQL commits each
 * statement by itself, so init may find a step half applied and applies it from
 * its beginning: a statement without a marker must do no harm the second time,
 * and one that drops or renames a table or column must say "drops:", or init
 * would make it again.
 *
 * Only the last statement about an object restores it. To change the body of a
 * trigger, drop it and make it in a new step ("drops:", "makes:"). In MySQL a
 * change between these two would not be counted: there make a second trigger
 * with another name, then drop the first.
 *
 * A new column of uptime_keys needs triggers that count and log its changes, or
 * servers go on using cached keys with the old value; tests/cli/
 * test_cli_triggers.py finds a column that has none. PostgreSQL's triggers watch
 * every column. Neither SQLite nor MySQL has ADD COLUMN IF NOT
 * EXISTS: such a file can be loaded by hand only once. */
#ifndef UK_STORE_STEPS_H
#define UK_STORE_STEPS_H

#include <apr_pools.h>
#include <apr_tables.h>

/* A file. */
typedef struct {
    const char *dialect; /* "pgsql"; uk_dialect_t.name */
    int number;
    const char *sql;
} uk_step_t;

/* All files, embedded at build time, by dialect and number; a row without a
 * dialect ends them. */
extern const uk_step_t uk_steps[];

/* The number that every dialect ends with. */
extern const int uk_steps_latest;

typedef enum {
    UK_RUNS_ONCE,
    UK_RUNS_ALWAYS,
    UK_MAKES,
    UK_RESTORES,
    UK_DROPS,
    UK_MALFORMED /* begins like a marker and is none */
} uk_marker_e;

/* A statement of a step. */
typedef struct {
    int step; /* its number */
    uk_marker_e marker;
    const char *object; /* "index uptime_keys_hash"; NULL without one */
    const char *sql;    /* with the comments before it, not for UK_RESTORES */
} uk_step_statement_t;

#define UK_STEP_STATEMENT(statements, i)                                       \
    (&APR_ARRAY_IDX((statements), (i), uk_step_statement_t))

/* The first word of an object, for kinds that the code asks for. */
#define UK_STEP_COLUMN "column "
#define UK_STEP_ROW "row "
#define UK_STEP_TABLE "table "
#define UK_STEP_TRIGGER "trigger "

/**
 * Read the statements of a step.
 *
 * @param statements they are appended to it, uk_step_statement_ts in their
 *                   order, with strings in the pool
 */
void uk_steps_read(apr_pool_t *pool, const uk_step_t *step,
                   apr_array_header_t *statements);

/** Read all steps of a dialect up to a version. @return the statements */
apr_array_header_t *uk_steps_read_all(apr_pool_t *pool, const char *dialect,
                                      int version);

/** The length of "KIND NAME" at the beginning of an object: without a type. */
size_t uk_steps_name_length(const char *object);

/** @return 1 if a text equals the first length bytes of an object, or begins
 *  with them and a blank; else 0 */
int uk_steps_is_object(const char *text, const char *object, size_t length);

/** @return 1 if a statement is about an object, or drops the table of a column;
 *  else 0 */
int uk_steps_is_about(const uk_step_statement_t *statement, const char *object);

/** @return 1 if a later statement is about the object of statement i, which
 *  must have one; else 0 */
int uk_steps_is_superseded(const apr_array_header_t *statements, int i);

#endif
