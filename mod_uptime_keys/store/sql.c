/* SPDX-License-Identifier: Apache-2.0 */
/* The SQL statements that all databases understand alike, in one table; what
 * only one of them understands is in store/dialect.c.
 *
 * They are plain SQL-92, except UK_SQL_PRINCIPAL_CONCAT, _PIPES and _PGSQL. %s is a
 * string, %lld a BIGINT; the letters matter, because PostgreSQL takes the types
 * from them.
 * "@" and UK_ON_PRIMARY are explained in db/connection.h: what is read must be
 * what was last written. Only the version is read from any server. */
#include "store/sql.h"

/* "id, team_id, …", from UK_KEY_FIELDS. */
#define FIRST_COLUMN(field, kind, column, member, shown) column
#define NEXT_COLUMN(field, kind, column, member, shown) ", " column
#define KEY_COLUMNS UK_KEY_FIELDS(FIRST_COLUMN, NEXT_COLUMN)

/* "%s, %s, …, %lld", from UK_KEY_FIELDS. */
#define PLACEHOLDER_STRING "%s"
#define PLACEHOLDER_TEXT "%s"
#define PLACEHOLDER_SCOPES "%s"
#define PLACEHOLDER_NETWORKS "%s"
#define PLACEHOLDER_INSTANT "%lld"
#define PLACEHOLDER_OPTIONAL "%lld"
#define PLACEHOLDER_EXPIRY "%lld"
#define FIRST_PLACEHOLDER(field, kind, column, member, shown) PLACEHOLDER_##kind
#define NEXT_PLACEHOLDER(field, kind, column, member, shown)                   \
    ", " PLACEHOLDER_##kind
#define KEY_PLACEHOLDERS UK_KEY_FIELDS(FIRST_PLACEHOLDER, NEXT_PLACEHOLDER)

/* "id, team_id, …", from UK_PRINCIPAL_FIELDS, for each of the two secrets. */
#define FIRST_CURRENT(field, kind, current, previous) current
#define NEXT_CURRENT(field, kind, current, previous) ", " current
#define CURRENT_COLUMNS UK_PRINCIPAL_FIELDS(FIRST_CURRENT, NEXT_CURRENT)
#define FIRST_PREVIOUS(field, kind, current, previous) previous
#define NEXT_PREVIOUS(field, kind, current, previous) ", " previous
#define PREVIOUS_COLUMNS UK_PRINCIPAL_FIELDS(FIRST_PREVIOUS, NEXT_PREVIOUS)

/* Nearly every key is found by its current secret, which ends the search. */
#define BY_EITHER_SECRET(current, previous)                                    \
    "SELECT " current " FROM @uptime_keys WHERE key_hash = %s" UK_ON_PRIMARY   \
    " UNION ALL SELECT " previous                                              \
    " FROM @uptime_keys WHERE previous_hash = %s LIMIT 1"

/* The same columns, joined into one string. PostgreSQL pads CHAR(20) with
 * trailing blanks, which are harmless to the number parser. */
#define SEPARATOR "'" UK_PRINCIPAL_SEPARATOR "'"
#define JOINED_STRING(column) column
#define JOINED_HASH(column) column
#define JOINED_SCOPES(column) column
#define JOINED_INSTANT(column) "COALESCE(CAST(" column " AS CHAR(20)), '')"
#define JOINED_END(column) JOINED_INSTANT(column)
#define JOINED_NETWORKS(column) "COALESCE(" column ", '')"
#define FIRST_CURRENT_JOINED(field, kind, current, previous)                   \
    JOINED_##kind(current)
#define NEXT_CURRENT_JOINED(field, kind, current, previous)                    \
    ", " SEPARATOR ", " JOINED_##kind(current)
#define FIRST_PREVIOUS_JOINED(field, kind, current, previous)                  \
    JOINED_##kind(previous)
#define NEXT_PREVIOUS_JOINED(field, kind, current, previous)                   \
    ", " SEPARATOR ", " JOINED_##kind(previous)
#define CURRENT_JOINED                                                         \
    "CONCAT(" UK_PRINCIPAL_FIELDS(FIRST_CURRENT_JOINED, NEXT_CURRENT_JOINED) ")"
#define PREVIOUS_JOINED                                                        \
    "CONCAT(" UK_PRINCIPAL_FIELDS(FIRST_PREVIOUS_JOINED,                       \
                                  NEXT_PREVIOUS_JOINED) ")"

/* The same by the operator || of SQLite, which needs no other type. */
#define PIPED_STRING(column) column
#define PIPED_HASH(column) column
#define PIPED_SCOPES(column) column
#define PIPED_INSTANT(column) "COALESCE(" column ", '')"
#define PIPED_END(column) PIPED_INSTANT(column)
#define PIPED_NETWORKS(column) PIPED_INSTANT(column)
#define FIRST_CURRENT_PIPED(field, kind, current, previous)                    \
    PIPED_##kind(current)
#define NEXT_CURRENT_PIPED(field, kind, current, previous)                     \
    " || " SEPARATOR " || " PIPED_##kind(current)
#define FIRST_PREVIOUS_PIPED(field, kind, current, previous)                   \
    PIPED_##kind(previous)
#define NEXT_PREVIOUS_PIPED(field, kind, current, previous)                    \
    " || " SEPARATOR " || " PIPED_##kind(previous)
#define CURRENT_PIPED                                                          \
    UK_PRINCIPAL_FIELDS(FIRST_CURRENT_PIPED, NEXT_CURRENT_PIPED)
#define PREVIOUS_PIPED                                                         \
    UK_PRINCIPAL_FIELDS(FIRST_PREVIOUS_PIPED, NEXT_PREVIOUS_PIPED)

/* SQLite binds every parameter as text, which a column alone compares as its own
 * kind of value; and a column of its may hold text, which counts as 0. */
#define AS_NUMBER(value) "CAST(" value " AS DECIMAL(20))"

/* Of a team, or of all if the first two parameters are empty. */
#define FILTERED_KEYS(condition)                                               \
    "SELECT " KEY_COLUMNS " FROM @uptime_keys "                                \
    "WHERE (team_id = %s OR '' = %s) AND " condition UK_ON_PRIMARY             \
    " ORDER BY team_id, created_at DESC, id DESC"

/* UK_AUDIT_DELETE_ARGS of them. */
#define IDS_10 "%lld, %lld, %lld, %lld, %lld, %lld, %lld, %lld, %lld, %lld"
#define IDS_50 IDS_10 ", " IDS_10 ", " IDS_10 ", " IDS_10 ", " IDS_10

/* UK_IMPORT_LOOKUP of them. */
#define STRINGS_10 "%s, %s, %s, %s, %s, %s, %s, %s, %s, %s"
#define STRINGS_50                                                             \
    STRINGS_10 ", " STRINGS_10 ", " STRINGS_10 ", " STRINGS_10 ", " STRINGS_10
#define STRINGS_100 STRINGS_50 ", " STRINGS_50

#define TEAM_COLUMNS "id, name, created_at"
#define TEAM_PLACEHOLDERS "%s, %s, %lld"
#define INSERTED_KEY_COLUMNS KEY_COLUMNS ", created_by, slot, key_hash"
#define INSERTED_KEY_PLACEHOLDERS KEY_PLACEHOLDERS ", %s, %lld, %s"
#define AUDIT_COLUMNS                                                          \
    "at, actor, source, action, team_id, key_id, key_name, key_prefix, detail"
#define AUDIT_PLACEHOLDERS "%lld, %s, %s, %s, %s, %s, %s, %s, %s"

const uk_bulk_table_t uk_bulk_teams = {"@uptime_teams", TEAM_COLUMNS,
                                       TEAM_PLACEHOLDERS, 3};
const uk_bulk_table_t uk_bulk_keys = {"@uptime_keys", INSERTED_KEY_COLUMNS,
                                      INSERTED_KEY_PLACEHOLDERS,
                                      UK_KEY_INSERT_ARGS};
const uk_bulk_table_t uk_bulk_audit = {"@uptime_audit", AUDIT_COLUMNS,
                                       AUDIT_PLACEHOLDERS, 9};

/* clang-format off */
const uk_statement_t uk_sql[UK_SQL_COUNT] = {
    [UK_SQL_SCHEMA_VERSION] = {
        "SELECT MAX(version) FROM @uptime_schema",
        0, 1},
    /* Nothing is looked for above the counter, where MySQL would find the rows
     * of transactions that still run. */
    [UK_SQL_CHANGES] = {
        "SELECT changes.counter, servers.seen_at, logged.number, "
        "logged.key_hash, logged.previous_hash "
        "FROM @uptime_changes changes LEFT JOIN @uptime_servers servers "
        "ON servers.id = %s LEFT JOIN @uptime_log logged "
        "ON logged.number > %lld AND logged.number <= changes.counter "
        "WHERE changes.id = 1" UK_ON_PRIMARY,
        2, 5},
    [UK_SQL_SERVER_INSERT] = {
        "INSERT INTO @uptime_servers (id, seen_at) VALUES (%s, %lld)",
        2, 0},
    [UK_SQL_SERVER_SEEN] = {
        "UPDATE @uptime_servers SET seen_at = %lld WHERE id = %s",
        2, 0},
    [UK_SQL_SERVER_DELETE] = {
        "DELETE FROM @uptime_servers WHERE id = %s AND seen_at = %lld",
        2, 0},
    [UK_SQL_SERVERS_DELETE_EXPIRED] = {
        "DELETE FROM @uptime_servers WHERE seen_at < %lld",
        1, 0},
    [UK_SQL_OTHER_SERVERS] = {
        "SELECT id FROM @uptime_servers WHERE id <> %s AND seen_at > %lld"
        UK_ON_PRIMARY,
        2, 1},
    [UK_SQL_PRINCIPAL] = {
        BY_EITHER_SECRET(CURRENT_COLUMNS, PREVIOUS_COLUMNS),
        2, UK_PRINCIPAL_COLUMNS},
    /* One column costs less than ten, and most requests run only this
     * statement. */
    [UK_SQL_PRINCIPAL_CONCAT] = {
        BY_EITHER_SECRET(CURRENT_JOINED, PREVIOUS_JOINED),
        2, 1},
    [UK_SQL_PRINCIPAL_PIPES] = {
        BY_EITHER_SECRET(CURRENT_PIPED, PREVIOUS_PIPED),
        2, 1},
    /* Where a statement is parsed each time, CONCAT(), UK_ON_PRIMARY and the
     * second SELECT cost more than half of it. A row is as good as one of the
     * statements above; if there is none, the server may also be a standby, or
     * the secret a previous one. */
    [UK_SQL_PRINCIPAL_PGSQL] = {
        "SELECT " CURRENT_COLUMNS " FROM @uptime_keys WHERE key_hash = %s "
        "AND NOT pg_is_in_recovery()",
        1, UK_PRINCIPAL_COLUMNS},
    [UK_SQL_KEY_BY_ID] = {
        "SELECT " KEY_COLUMNS " FROM @uptime_keys WHERE id = %s"
        UK_ON_PRIMARY,
        1, UK_KEY_FIELD_COUNT},
    /* A row that this transaction changes is nobody else's until it ends. */
    [UK_SQL_KEY_LOCK] = {
        "UPDATE @uptime_keys SET last_used_at = last_used_at WHERE id = %s",
        1, 0},
    [UK_SQL_KEY_CHANGE] = {
        "UPDATE @uptime_keys SET name = %s, scopes = %s, expires_at = %lld, "
        "addresses = %s, disabled_at = %lld, disabled_reason = %s, "
        "previous_ends_at = %lld WHERE id = %s",
        8, 0},
    /* From left to right, as MySQL assigns them. */
    [UK_SQL_KEY_ROTATE] = {
        "UPDATE @uptime_keys SET previous_hash = key_hash, "
        "previous_prefix = key_prefix, previous_used_at = last_used_at, "
        "previous_ends_at = %lld, key_hash = %s, key_prefix = %s, "
        "last_used_at = NULL, expires_at = %lld, disabled_at = NULL, "
        "disabled_reason = NULL WHERE id = %s",
        5, 0},
    [UK_SQL_ROTATIONS_OF_TEAM] = {
        "SELECT a.key_id, a.at FROM @uptime_keys k JOIN @uptime_audit a "
        "ON a.key_id = k.id WHERE k.team_id = %s "
        "AND k.previous_prefix IS NOT NULL AND a.action = 'key.rotate'"
        UK_ON_PRIMARY,
        1, 2},
    [UK_SQL_OWNER_OF_HASH] = {
        "SELECT id, team_id, '' FROM @uptime_keys WHERE key_hash = %s"
        UK_ON_PRIMARY " UNION ALL SELECT id, team_id, '1' "
        "FROM @uptime_keys WHERE previous_hash = %s",
        2, 3},
    /* The condition that a partial index has is told to PostgreSQL before
     * version 12. */
    [UK_SQL_IMPORT_OWNERS] = {
        "SELECT key_hash, team_id, '' FROM @uptime_keys "
        "WHERE key_hash IN (" STRINGS_100 ")" UK_ON_PRIMARY
        " UNION ALL SELECT previous_hash, team_id, '1' FROM @uptime_keys "
        "WHERE previous_hash IN (" STRINGS_100 ") "
        "AND previous_hash IS NOT NULL",
        2 * UK_IMPORT_LOOKUP, 3},
    [UK_SQL_IMPORT_IDS] = {
        "SELECT id FROM @uptime_keys WHERE id IN (" STRINGS_100 ")"
        UK_ON_PRIMARY,
        UK_IMPORT_LOOKUP, 1},
    [UK_SQL_IMPORT_SLOTS] = {
        "SELECT t.id, COALESCE(k.slot, 0) FROM @uptime_teams t "
        "LEFT JOIN @uptime_keys k ON k.team_id = t.id "
        "WHERE t.id IN (" STRINGS_100 ")" UK_ON_PRIMARY
        " ORDER BY t.id, k.slot",
        UK_IMPORT_LOOKUP, 2},
    [UK_SQL_ID_WAS_CREATED] = {
        "SELECT 1 FROM @uptime_keys WHERE id = %s UNION ALL "
        "SELECT 1 FROM @uptime_audit WHERE key_id = %s" UK_ON_PRIMARY,
        2, 1},
    [UK_SQL_KEYS_OF_TEAM] = {
        "SELECT " KEY_COLUMNS " FROM @uptime_keys WHERE team_id = %s"
        UK_ON_PRIMARY " ORDER BY created_at DESC, id DESC",
        1, UK_KEY_FIELD_COUNT},
    [UK_SQL_KEYS_EXPIRING] = {
        FILTERED_KEYS(AS_NUMBER("expires_at") " <= " AS_NUMBER("%lld")),
        3, UK_KEY_FIELD_COUNT},
    /* The later of two uses; without any, the creation counts. */
    [UK_SQL_KEYS_UNUSED] = {
        FILTERED_KEYS(
            "COALESCE(last_used_at, previous_used_at, created_at) <= "
            AS_NUMBER("%lld") " AND "
            "COALESCE(previous_used_at, last_used_at, created_at) <= "
            AS_NUMBER("%lld")),
        4, UK_KEY_FIELD_COUNT},
    [UK_SQL_KEYS_DISABLED] = {
        FILTERED_KEYS("disabled_at IS NOT NULL"),
        2, UK_KEY_FIELD_COUNT},
    [UK_SQL_KEYS_LONGER] = {
        "SELECT COUNT(*) FROM @uptime_keys "
        "WHERE (expires_at IS NULL OR expires_at > %lld)" UK_ON_PRIMARY,
        1, 1},
    [UK_SQL_SLOTS_OF_TEAM] = {
        "SELECT slot FROM @uptime_keys WHERE team_id = %s"
        UK_ON_PRIMARY " ORDER BY slot",
        1, 1},
    [UK_SQL_KEY_INSERT] = {
        "INSERT INTO @uptime_keys (" INSERTED_KEY_COLUMNS ") "
        "VALUES (" INSERTED_KEY_PLACEHOLDERS ")",
        UK_KEY_INSERT_ARGS, 0},
    [UK_SQL_KEY_DELETE] = {
        "DELETE FROM @uptime_keys WHERE id = %s",
        1, 0},
    [UK_SQL_KEY_USED] = {
        "UPDATE @uptime_keys SET last_used_at = %lld WHERE id = %s "
        "AND key_prefix = %s "
        "AND (last_used_at IS NULL OR last_used_at <= %lld)",
        4, 0},
    [UK_SQL_PREVIOUS_USED] = {
        "UPDATE @uptime_keys SET previous_used_at = %lld WHERE id = %s "
        "AND previous_prefix = %s "
        "AND (previous_used_at IS NULL OR previous_used_at <= %lld)",
        4, 0},
    [UK_SQL_TEAM_BY_ID] = {
        "SELECT id, name, created_at FROM @uptime_teams WHERE id = %s"
        UK_ON_PRIMARY,
        1, 3},
    [UK_SQL_TEAMS] = {
        "SELECT id, name, created_at FROM @uptime_teams WHERE id <> ''"
        UK_ON_PRIMARY " ORDER BY id",
        0, 3},
    [UK_SQL_TEAM_INSERT] = {
        "INSERT INTO @uptime_teams (" TEAM_COLUMNS ") "
        "VALUES (" TEAM_PLACEHOLDERS ")",
        3, 0},
    [UK_SQL_TEAM_DELETE] = {
        "DELETE FROM @uptime_teams WHERE id = %s",
        1, 0},
    [UK_SQL_KEYS_OF_TEAM_DELETE] = {
        "DELETE FROM @uptime_keys WHERE team_id = %s",
        1, 0},
    [UK_SQL_MEMBERS_OF_TEAM_DELETE] = {
        "DELETE FROM @uptime_members WHERE team_id = %s",
        1, 0},
    [UK_SQL_MEMBERS_OF_TEAM] = {
        "SELECT team_id, user_name, role FROM @uptime_members "
        "WHERE team_id = %s" UK_ON_PRIMARY " ORDER BY user_name",
        1, 3},
    [UK_SQL_TEAMS_OF_USER] = {
        "SELECT team_id, user_name, role FROM @uptime_members "
        "WHERE user_name = %s" UK_ON_PRIMARY " ORDER BY team_id",
        1, 3},
    [UK_SQL_MEMBER_INSERT] = {
        "INSERT INTO @uptime_members (team_id, user_name, role) "
        "VALUES (%s, %s, %s)",
        3, 0},
    [UK_SQL_MEMBER_DELETE] = {
        "DELETE FROM @uptime_members WHERE team_id = %s AND user_name = %s",
        2, 0},
    [UK_SQL_AUDIT_INSERT] = {
        "INSERT INTO @uptime_audit (" AUDIT_COLUMNS ") "
        "VALUES (" AUDIT_PLACEHOLDERS ")",
        9, 0},
    [UK_SQL_AUDIT_INSERT_KEYS_OF_TEAM] = {
        "INSERT INTO @uptime_audit "
        "(at, actor, source, action, team_id, key_id, key_name, key_prefix) "
        "SELECT %lld, %s, %s, 'key.delete', team_id, id, name, key_prefix "
        "FROM @uptime_keys WHERE team_id = %s",
        4, 0},
    /* An index reads the keys again: that is less than to send what is in them. */
    [UK_SQL_AUDIT_INSERT_IMPORTED] = {
        UK_INSERT_MANY " @uptime_audit "
        "(at, actor, source, action, team_id, key_id, key_name, key_prefix) "
        "SELECT %lld, %s, %s, 'key.import', team_id, id, name, key_prefix "
        "FROM @uptime_keys WHERE id IN (" STRINGS_100 ")",
        3 + UK_IMPORT_LOOKUP, 0},
    /* In the order of the primary key and without another condition on which a
     * database could base a plan. The last column is 1 if no row has to
     * stay for the key, or an older one does. */
    [UK_SQL_AUDIT_AFTER_ID] = {
        "SELECT a.id, a.at, CASE WHEN a.key_id IS NULL OR EXISTS "
        "(SELECT 1 FROM @uptime_audit b WHERE b.key_id = a.key_id "
        "AND b.id < a.id) THEN '1' ELSE '' END "
        "FROM @uptime_audit a WHERE a.id > %lld" UK_ON_PRIMARY
        " ORDER BY a.id LIMIT " APR_STRINGIFY(UK_AUDIT_BATCH),
        1, 3},
    [UK_SQL_AUDIT_DELETE] = {
        "DELETE FROM @uptime_audit WHERE id IN (" IDS_50 ")",
        UK_AUDIT_DELETE_ARGS, 0},
};
/* clang-format on */
