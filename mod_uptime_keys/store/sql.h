/* SPDX-License-Identifier: Apache-2.0 */
/* The SQL statements that all databases understand alike, in one table. */
#ifndef UK_STORE_SQL_H
#define UK_STORE_SQL_H

#include "core/key.h"
#include "core/principal.h"
#include "db/bulk.h"
#include "db/database.h"

/* The table in sql.c shows the parameters and the columns of each. */
typedef enum {
    UK_SQL_SCHEMA_VERSION,
    UK_SQL_CHANGES,
    UK_SQL_SERVER_INSERT,
    UK_SQL_SERVER_SEEN,
    UK_SQL_SERVER_DELETE,
    UK_SQL_SERVERS_DELETE_EXPIRED,
    UK_SQL_OTHER_SERVERS,
    UK_SQL_PRINCIPAL,
    UK_SQL_PRINCIPAL_CONCAT,
    UK_SQL_PRINCIPAL_PIPES,
    UK_SQL_PRINCIPAL_PGSQL,
    UK_SQL_KEY_BY_ID,
    UK_SQL_KEY_LOCK,
    UK_SQL_KEY_CHANGE,
    UK_SQL_KEY_ROTATE,
    UK_SQL_ROTATIONS_OF_TEAM,
    UK_SQL_OWNER_OF_HASH,
    UK_SQL_IMPORT_OWNERS,
    UK_SQL_IMPORT_IDS,
    UK_SQL_IMPORT_SLOTS,
    UK_SQL_ID_WAS_CREATED,
    UK_SQL_KEYS_OF_TEAM,
    UK_SQL_KEYS_EXPIRING,
    UK_SQL_KEYS_UNUSED,
    UK_SQL_KEYS_DISABLED,
    UK_SQL_KEYS_LONGER,
    UK_SQL_SLOTS_OF_TEAM,
    UK_SQL_KEY_INSERT,
    UK_SQL_KEY_DELETE,
    UK_SQL_KEY_USED,
    UK_SQL_PREVIOUS_USED,
    UK_SQL_TEAM_BY_ID,
    UK_SQL_TEAMS,
    UK_SQL_TEAM_INSERT,
    UK_SQL_TEAM_DELETE,
    UK_SQL_KEYS_OF_TEAM_DELETE,
    UK_SQL_MEMBERS_OF_TEAM_DELETE,
    UK_SQL_MEMBERS_OF_TEAM,
    UK_SQL_TEAMS_OF_USER,
    UK_SQL_MEMBER_INSERT,
    UK_SQL_MEMBER_DELETE,
    UK_SQL_AUDIT_INSERT,
    UK_SQL_AUDIT_INSERT_KEYS_OF_TEAM,
    UK_SQL_AUDIT_INSERT_IMPORTED,
    UK_SQL_AUDIT_AFTER_ID,
    UK_SQL_AUDIT_DELETE,
    UK_SQL_COUNT
} uk_sql_e;

extern const uk_statement_t uk_sql[UK_SQL_COUNT];

/* The number of arguments of UK_SQL_KEY_INSERT: the fields of a key in the
 * order of UK_KEY_FIELDS, then created_by, slot, key_hash. */
#define UK_KEY_INSERT_ARGS (UK_KEY_FIELD_COUNT + 3)

/* How many strings UK_SQL_IMPORT_… look for at once, the first one twice; and
 * how many keys UK_SQL_AUDIT_INSERT_IMPORTED is about. */
#define UK_IMPORT_LOOKUP 100

/* Where an import writes; the columns of keys are the arguments of
 * UK_SQL_KEY_INSERT, and those of the others are those of UK_SQL_TEAM_INSERT and
 * UK_SQL_AUDIT_INSERT. */
extern const uk_bulk_table_t uk_bulk_teams, uk_bulk_keys, uk_bulk_audit;

/* How many rows UK_SQL_AUDIT_AFTER_ID returns at most, and how many
 * UK_SQL_AUDIT_DELETE takes. */
#define UK_AUDIT_BATCH 1000
#define UK_AUDIT_DELETE_ARGS 50

/* Stands between the columns that UK_SQL_PRINCIPAL_CONCAT and _PIPES join: ASCII's
 * unit separator, which no column that the module writes contains. */
#define UK_PRINCIPAL_SEPARATOR "\x1f"

#endif
