/* SPDX-License-Identifier: Apache-2.0 */
/* What differs between databases, in one table. */
#include "store/dialect.h"

#include <apr_strings.h>
#include <string.h>

#include "db/session.h"

/* In PostgreSQL. The name of a schema may contain quotes. */
#define SCHEMA_TABLE "to_regclass($table$@uptime_schema$table$)"

/* In the schema with the tables, or where they would be made. */
#define IN_SCHEMA(namespace)                                                   \
    namespace " = COALESCE((SELECT relnamespace FROM pg_class "                \
              "WHERE oid = " SCHEMA_TABLE "), "                                \
              "to_regnamespace(quote_ident(current_schema())))"

/* Transactions that change the schema exclude other writers in SQLite, and
 * other installers in PostgreSQL. Only MySQL's do not. */
/* clang-format off */
static const uk_dialect_t dialects[] = {
    {
        .name = "sqlite3",
        .title = "SQLite",
        .utf8 = "UTF-8",
        .has_schema = {
            "SELECT name FROM sqlite_master WHERE name = 'uptime_schema'",
            0, 1},
        .objects = {
            "SELECT type || ' ' || name FROM sqlite_master "
            "UNION ALL SELECT 'column ' || sqlite_master.name || '.' "
            "|| columns.name || ' ' || LOWER(columns.type) "
            "FROM sqlite_master, pragma_table_info(sqlite_master.name) AS columns "
            "WHERE sqlite_master.type = 'table' "
            "AND SUBSTR(sqlite_master.name, 1, 7) = 'uptime_'",
            0, 1},
        .encoding = {
            "SELECT encoding FROM pragma_encoding",
            0, 1},
        .clock = {
            "SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)",
            0, 1},
        .journal = {
            "SELECT journal_mode FROM pragma_journal_mode",
            0, 1},
        /* In WAL mode readers and a writer do not wait for each other; the file
         * remembers it. */
        .prologue = "PRAGMA journal_mode=WAL",
    },
    {
        .name = "pgsql",
        .title = "PostgreSQL",
        .utf8 = "UTF8",
        .has_schema = {
            "SELECT 1 WHERE " SCHEMA_TABLE " IS NOT NULL",
            0, 1},
        .objects = {
            "SELECT CAST(CASE relkind WHEN 'i' THEN 'index ' ELSE 'table ' END "
            "|| relname AS VARCHAR(250)) FROM pg_class "
            "WHERE left(relname, 7) = 'uptime_' AND relkind IN ('i', 'r', 'p') "
            "AND " IN_SCHEMA("relnamespace") " "
            "UNION ALL SELECT CAST('trigger ' || tgname AS VARCHAR(250)) "
            "FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
            "WHERE tgenabled <> 'D' AND " IN_SCHEMA("relnamespace") " "
            "UNION ALL SELECT CAST('function ' || proname AS VARCHAR(250)) "
            "FROM pg_proc WHERE left(proname, 7) = 'uptime_' "
            "AND " IN_SCHEMA("pronamespace") " "
            "UNION ALL SELECT CAST('column ' || relname || '.' || attname || ' ' "
            "|| format_type(atttypid, atttypmod) AS VARCHAR(250)) "
            "FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid "
            "WHERE left(relname, 7) = 'uptime_' AND relkind IN ('r', 'p') "
            "AND attnum > 0 AND NOT attisdropped "
            "AND " IN_SCHEMA("relnamespace"),
            0, 1},
        .encoding = {
            "SELECT current_setting('client_encoding')",
            0, 1},
        .clock = {
            "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)",
            0, 1},
        .facts = {
            /* Two servers of a pool may use the same number. */
            [UK_FACT_BACKEND] = {
                "SELECT CONCAT(pg_backend_pid(), ' ', pg_postmaster_start_time())",
                0, 1},
            [UK_FACT_SERVER] = {
                "SELECT CONCAT(COALESCE(inet_server_port(), 0), ' ', "
                "current_setting('statement_timeout'))",
                0, 1},
            /* Pgpool-II sends this function to the primary, as it does with
             * those look-ups that decide. */
            [UK_FACT_WRITES] = {
                "SELECT CASE WHEN pg_is_in_recovery() THEN 'standby' "
                "WHEN CAST(current_setting('transaction_read_only') AS BOOLEAN) "
                "THEN 'read-only' ELSE '' END",
                0, 1},
        },
        /* The plan of a prepared statement is kept: made while a table is empty,
         * it reads all of it for ever. */
        .grow = {
            "SELECT CONCAT(set_config('enable_seqscan', 'off', true), "
            "set_config('enable_hashjoin', 'off', true), "
            "set_config('enable_mergejoin', 'off', true))",
            0, 1},
    },
    {
        .name = "mysql",
        .title = "MariaDB and MySQL",
        .utf8 = "utf8mb4",
        .has_schema = {
            "SELECT 1 FROM information_schema.tables "
            "WHERE table_schema = DATABASE() AND table_name = 'uptime_schema'",
            0, 1},
        /* MySQL shows triggers only to users with the privilege TRIGGER. One
         * row says that this user sees none and lacks the privilege. By
         * trigger_schema MariaDB would read the triggers of all databases. */
        .objects = {
            "SELECT CAST(CONCAT('table ', table_name) AS CHAR(250)) "
            "FROM information_schema.tables "
            "WHERE table_schema = DATABASE() AND LEFT(table_name, 7) = 'uptime_' "
            "UNION SELECT '" UK_HIDDEN_TRIGGERS "' FROM DUAL WHERE NOT EXISTS "
            "(SELECT 1 FROM information_schema.triggers "
            "WHERE event_object_schema = DATABASE()) AND NOT EXISTS "
            "(SELECT 1 FROM information_schema.user_privileges "
            "WHERE privilege_type = 'TRIGGER') AND NOT EXISTS "
            "(SELECT 1 FROM information_schema.schema_privileges "
            "WHERE privilege_type = 'TRIGGER' AND DATABASE() LIKE table_schema) "
            "AND NOT EXISTS (SELECT 1 FROM information_schema.table_privileges "
            "WHERE privilege_type = 'TRIGGER' AND table_schema = DATABASE()) "
            "UNION SELECT CAST(CONCAT('index ', index_name) AS CHAR(250)) "
            "FROM information_schema.statistics "
            "WHERE table_schema = DATABASE() AND LEFT(table_name, 7) = 'uptime_' "
            "UNION SELECT CAST(CONCAT('trigger ', trigger_name) AS CHAR(250)) "
            "FROM information_schema.triggers "
            "WHERE event_object_schema = DATABASE() "
            "UNION SELECT CAST(CONCAT('column ', table_name, '.', column_name, "
            "' ', column_type) AS CHAR(250)) FROM information_schema.columns "
            "WHERE table_schema = DATABASE() AND LEFT(table_name, 7) = 'uptime_'",
            0, 1},
        .encoding = {
            "SELECT @@character_set_connection",
            0, 1},
        .clock = {
            "SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(3)) "
            "DIV 1000",
            0, 1},
        .facts = {
            [UK_FACT_WRITES] = {
                "SELECT CASE WHEN CONCAT(@@global.read_only) IN ('0', 'OFF') "
                "THEN '' ELSE 'read-only' END",
                0, 1},
            /* Not every server has them. */
            [UK_FACT_CLUSTER] = {
                "SHOW SESSION VARIABLES WHERE Variable_name IN "
                "('wsrep_on', 'wsrep_provider', 'wsrep_sync_wait')",
                0, 2},
        },
        /* A user who may read them sees the privileges of others too. */
        .may_create_triggers = {
            "SELECT @@log_bin = 0 OR @@log_bin_trust_function_creators = 1 "
            "OR EXISTS (SELECT 1 FROM information_schema.user_privileges "
            "WHERE privilege_type = 'SUPER')",
            0, 1},
        /* The name of a lock belongs to the whole server, and has at most 64
         * characters. */
        .lock = {
            "SELECT GET_LOCK(CONCAT('uptime_keys ', SHA1(DATABASE())), 60)",
            0, 1},
    },
};
/* clang-format on */

static uk_outcome_e find_by_name(const char *name, const uk_dialect_t **dialect)
{
    size_t i;

    for (i = 0; i < sizeof(dialects) / sizeof(dialects[0]); i++) {
        if (name && strcmp(name, dialects[i].name) == 0) {
            *dialect = &dialects[i];
            return UK_OK;
        }
    }
    return UK_NOT_FOUND;
}

uk_outcome_e uk_dialect_find(uk_connection_t *connection,
                             const uk_dialect_t **dialect)
{
    const uk_session_t *session = uk_session_begin(connection);

    *dialect = NULL;
    return session ? find_by_name(session->dialect, dialect) : UK_UNAVAILABLE;
}

const char *uk_dialect_titles(apr_pool_t *pool)
{
    const char *titles = dialects[0].title;
    size_t i;

    for (i = 1; i < sizeof(dialects) / sizeof(dialects[0]); i++) {
        titles = apr_pstrcat(pool, titles, ", ", dialects[i].title, NULL);
    }
    return titles;
}
