/* SPDX-License-Identifier: Apache-2.0 */
/* Every SQL statement, in one table. */
#ifndef UK_STORE_SQL_H
#define UK_STORE_SQL_H

#include "core/key.h"
#include "db/database.h"

typedef enum {
    UK_SQL_PROBE,
    UK_SQL_SCHEMA_VERSION,
    UK_SQL_DIALECT,
    UK_SQL_SQLITE3_HAS_SCHEMA,
    UK_SQL_SQLITE3_OBJECTS,
    UK_SQL_SQLITE3_ENCODING,
    UK_SQL_SQLITE3_CLOCK,
    UK_SQL_SQLITE3_JOURNAL,
    UK_SQL_SQLITE3_WAL,
    UK_SQL_PGSQL_HAS_SCHEMA,
    UK_SQL_PGSQL_OBJECTS,
    UK_SQL_PGSQL_ENCODING,
    UK_SQL_PGSQL_CLOCK,
    UK_SQL_MYSQL_HAS_SCHEMA,
    UK_SQL_MYSQL_OBJECTS,
    UK_SQL_MYSQL_ENCODING,
    UK_SQL_MYSQL_CLOCK,
    UK_SQL_CHANGES,
    UK_SQL_SERVER_INSERT,
    UK_SQL_SERVER_SEEN,
    UK_SQL_SERVER_DELETE,
    UK_SQL_SERVERS_DELETE_EXPIRED,
    UK_SQL_OTHER_SERVERS,
    UK_SQL_PRINCIPAL,
    UK_SQL_PRINCIPAL_CONCAT,
    UK_SQL_KEY_BY_ID,
    UK_SQL_HASH_EXISTS,
    UK_SQL_ID_EXISTS,
    UK_SQL_ID_WAS_CREATED,
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

/* The number of arguments of UK_SQL_KEY_INSERT: the fields of a key in the
 * order of UK_KEY_FIELDS, then created_by, slot, key_hash. */
#define UK_KEY_INSERT_ARGS (UK_KEY_FIELD_COUNT + 3)

/*
 * The columns that a request needs, one row each. The first row uses FIRST, so
 * that NEXT can put a separator before each other column. UK_SQL_PRINCIPAL
 * selects the columns; UK_SQL_PRINCIPAL_CONCAT joins them into one string, with
 * UK_PRINCIPAL_SEPARATOR between them.
 *
 *     NEXT(name, kind, column); kind is STRING, or INSTANT, which may be NULL
 */
/* clang-format off */
#define UK_PRINCIPAL_COLUMNS_LIST(FIRST, NEXT)      \
    FIRST(ID,          STRING,  "id")               \
    NEXT(TEAM,         STRING,  "team_id")          \
    NEXT(HASH,         STRING,  "key_hash")         \
    NEXT(LAST_USED_AT, INSTANT, "last_used_at")     \
    NEXT(EXPIRES_AT,   INSTANT, "expires_at")       \
    NEXT(SCOPES,       STRING,  "scopes")           \
    NEXT(NAME,         STRING,  "name")
/* clang-format on */

#define UK_PRINCIPAL_COLUMN(name, kind, column) UK_PRINCIPAL_##name,

/* The index of each column in a row, and their number. */
enum {
    UK_PRINCIPAL_COLUMNS_LIST(UK_PRINCIPAL_COLUMN, UK_PRINCIPAL_COLUMN)
    UK_COLUMNS_OF_PRINCIPAL
};

/* ASCII's unit separator, which no column that the module writes contains. */
#define UK_PRINCIPAL_SEPARATOR "\x1f"

#endif
