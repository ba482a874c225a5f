/* SPDX-License-Identifier: Apache-2.0 */
/* The numbered steps that lead to the tables, and how they are written.
 *
 * conf/schema/DIALECT/NNNN.sql brings tables of version NNNN - 1 to version
 * NNNN; a dialect's first step makes the tables. Its last statements put that
 * number into uptime_schema and remove lower ones; the version of the tables is
 * the highest number there. Every dialect ends with the same number, which is
 * the version that this program works with. So a new step is one more file for
 * each dialect, and nothing else. A file that has landed is never changed.
 *
 * A semicolon and an empty line end a statement, so that the body of a trigger
 * can have semicolons of its own. Of the comments in front of a statement one
 * may be a marker, which fills its line:
 *
 *   -- makes: KIND NAME      Run where that is missing: when the step is
 *                            applied, and whenever somebody took it away.
 *   -- restores: KIND NAME   The same, for what an earlier CREATE TABLE makes:
 *                            the statement is in the comments that follow, so
 *                            that only uptime-keys runs it.
 *   -- drops: KIND NAME      Run where that is there: when the step is applied,
 *                            and when something is restored, as an earlier
 *                            CREATE TABLE may have made it again.
 *   -- runs: always          Run at the beginning of every transaction that
 *                            applies a step, any step, or restores something.
 *   -- runs: once            Run when the step is applied; so is a statement
 *                            without a marker.
 *
 * KIND NAME is one of
 *   table T, index I, trigger T, function F
 *   column T.C               added by ALTER TABLE, or
 *   column T.C TYPE          of that type, which the database spells in small
 *                            letters: varchar(256)
 *   row T                    the row that a table needs; whether it is there is
 *                            not known, so the statement must do no harm then
 * and NAME begins with "uptime_".
 *
 * SQLite and PostgreSQL apply a step in one transaction. MySQL commits each
 * statement by itself, so init may find a step half applied and applies it from
 * its beginning: a statement without a marker must do no harm the second time.
 *
 * What is restored is what the last step that mentions an object makes: a
 * trigger that needs another body is dropped and made in a new step ("drops:",
 * "makes:"). In MySQL nobody would watch between these two; make a second
 * trigger with another name there, then drop the first.
 *
 * A new column of uptime_keys needs triggers that watch it, or cached keys
 * survive its changes; tests/cli/test_cli_triggers.py finds one that is
 * forgotten. Neither SQLite nor MySQL has ADD COLUMN IF NOT EXISTS: such a file
 * can be loaded by hand only once. */
#ifndef UK_STORE_STEPS_H
#define UK_STORE_STEPS_H

#include <apr_pools.h>
#include <apr_tables.h>

/* A file. */
typedef struct {
    const char *dialect; /* "pgsql" */
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
    const char *sql;    /* with the comments before it, but for "restores:" */
} uk_step_statement_t;

#define UK_STEP_STATEMENT(statements, i)                                       \
    (&APR_ARRAY_IDX((statements), (i), uk_step_statement_t))

/* The kinds that are asked for by name, as objects begin. */
#define UK_STEP_COLUMN "column "
#define UK_STEP_ROW "row "
#define UK_STEP_TABLE "table "
#define UK_STEP_TRIGGER "trigger "

/** Read a step. @return uk_step_statement_ts in the pool, in their order */
apr_array_header_t *uk_steps_read(apr_pool_t *pool, const uk_step_t *step);

/** Read all steps of a dialect up to a version; likewise. */
apr_array_header_t *uk_steps_read_all(apr_pool_t *pool, const char *dialect,
                                      int version);

/** The length of "KIND NAME" at the beginning of an object: without a type. */
size_t uk_steps_name_length(const char *object);

/** @return 1 if a text is an object, or begins with it and a blank */
int uk_steps_is_object(const char *text, const char *object, size_t length);

/** @return 1 if a later statement is about the object of the i-th */
int uk_steps_is_superseded(const apr_array_header_t *statements, int i);

#endif
