/* SPDX-License-Identifier: Apache-2.0 */
/* Every SQL statement, in one table. */
#ifndef UK_CORE_STORE_SQL_H
#define UK_CORE_STORE_SQL_H

#include "core/database.h"

typedef enum {
    UK_SQL_PROBE,
    UK_SQL_SCHEMA_VERSION,
    UK_SQL_SQLITE3_HAS_SCHEMA,
    UK_SQL_SQLITE3_WAL,
    UK_SQL_KEY_BY_HASH,
    UK_SQL_KEY_BY_ID,
    UK_SQL_KEYS_OF_TEAM,
    UK_SQL_SLOTS_OF_TEAM,
    UK_SQL_KEY_INSERT,
    UK_SQL_KEY_DELETE,
    UK_SQL_KEY_USED,
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
    UK_SQL_COUNT
} uk_sql_e;

extern const uk_statement_t uk_sql[UK_SQL_COUNT];

/* The columns of a key in the order of UK_SQL_KEY_BY_HASH and its kin. */
enum {
    UK_COLUMN_ID,
    UK_COLUMN_TEAM,
    UK_COLUMN_NAME,
    UK_COLUMN_HASH,
    UK_COLUMN_PREFIX,
    UK_COLUMN_SCOPES,
    UK_COLUMN_CREATED_AT,
    UK_COLUMN_CREATED_BY,
    UK_COLUMN_LAST_USED_AT,
    UK_COLUMN_EXPIRES_AT,
    UK_COLUMNS_OF_KEY
};

#endif
