/* SPDX-License-Identifier: Apache-2.0 */
/* The schema: its version and its installation. */
#include "unit.h"

#include <apr_strings.h>
#include <stdio.h>
#include <string.h>

#include "store/schema.h"
#include "fake.h"

static fake_provider_t *provider;
static uk_database_t *db;

static void set_up_database(void)
{
    memset(&fake_faults, 0, sizeof(fake_faults));
    db = fake_database(unit_pool, unit_file("schema.db"), &provider);
}

static void check_releases(void)
{
    ck_assert_int_eq(provider->acquired, provider->released);
    ck_assert_int_le(provider->out_most, 1);
}

static int version(void)
{
    int number = 4711;

    ck_assert_msg(uk_schema_version(db, &number) == UK_OK, "%s", db->error);
    return number;
}

static void write_file(const char *content)
{
    FILE *file = fopen(provider->params, "w");

    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(content, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

START_TEST(empty_database_has_version_0)
{
    ck_assert_int_eq(version(), 0);
    ck_assert_str_eq(fake_ask(provider, "SELECT COUNT(*) FROM sqlite_master"),
                     "0");
}
END_TEST

START_TEST(tables_of_another_program_are_version_0)
{
    fake_execute(provider, "CREATE TABLE users (name TEXT)");
    ck_assert_int_eq(version(), 0);
    ck_assert_int_eq(uk_schema_install(db), UK_OK);
    ck_assert_int_eq(version(), uk_schema_latest());
    ck_assert_str_eq(fake_ask(provider, "SELECT COUNT(*) FROM users"), "0");
}
END_TEST

START_TEST(installed_schema_has_our_version_and_all_tables)
{
    ck_assert_int_eq(uk_schema_install(db), UK_OK);
    ck_assert_int_eq(version(), uk_schema_latest());
    ck_assert_str_eq(
        fake_ask(provider, "SELECT group_concat(name) FROM (SELECT name FROM "
                           "sqlite_master WHERE type = 'table' ORDER BY name)"),
        "uptime_audit,uptime_changes,uptime_keys,uptime_log,uptime_members,"
        "uptime_schema,uptime_servers,uptime_teams");
    ck_assert_str_eq(
        fake_ask(provider, "SELECT group_concat(name) FROM (SELECT name FROM "
                           "sqlite_master WHERE type = 'trigger' "
                           "ORDER BY name)"),
        "uptime_changes_logged,uptime_changes_trimmed,uptime_keys_changed,"
        "uptime_keys_deleted,uptime_keys_overwritten,uptime_keys_replaced,"
        "uptime_teams_deleted");
    ck_assert_str_eq(fake_ask(provider, "SELECT id || counter "
                                        "FROM uptime_changes"),
                     "10");
}
END_TEST

START_TEST(installing_turns_on_wal)
{
    ck_assert_int_eq(uk_schema_install(db), UK_OK);
    ck_assert_str_eq(fake_ask(provider, "PRAGMA journal_mode"), "wal");
}
END_TEST

START_TEST(installing_again_changes_nothing)
{
    ck_assert_int_eq(uk_schema_install(db), UK_OK);
    fake_execute(provider, "INSERT INTO uptime_teams VALUES ('acme', 'A', 1)");
    fake_execute(provider, "UPDATE uptime_changes SET counter = 7");
    ck_assert_int_eq(uk_schema_install(db), UK_OK);
    ck_assert_int_eq(version(), uk_schema_latest());
    ck_assert_str_eq(fake_ask(provider, "SELECT id FROM uptime_teams"), "acme");
    ck_assert_str_eq(fake_ask(provider, "SELECT counter FROM uptime_changes"),
                     "7");
}
END_TEST

START_TEST(half_a_schema_is_completed)
{
    ck_assert_int_eq(uk_schema_install(db), UK_OK);
    fake_execute(provider, "DROP TABLE uptime_audit");
    fake_execute(provider, "DROP TRIGGER uptime_keys_deleted");
    fake_execute(provider, "DROP TABLE uptime_schema");
    ck_assert_int_eq(version(), 0);
    ck_assert_int_eq(uk_schema_install(db), UK_OK);
    ck_assert_int_eq(version(), uk_schema_latest());
    ck_assert_str_eq(fake_ask(provider, "SELECT COUNT(*) FROM uptime_audit"),
                     "0");
}
END_TEST

START_TEST(failed_installation_leaves_nothing)
{
    /* No index can have the name of a table. */
    fake_execute(provider, "CREATE TABLE uptime_audit_at (x)");
    ck_assert_int_eq(uk_schema_install(db), UK_UNAVAILABLE);
    ck_assert_str_eq(db->error, "there is already a table named "
                                "uptime_audit_at");
    ck_assert_str_eq(fake_ask(provider, "SELECT group_concat(name) "
                                        "FROM sqlite_master"),
                     "uptime_audit_at");
}
END_TEST

START_TEST(newer_version_of_the_schema_is_kept)
{
    ck_assert_int_eq(uk_schema_install(db), UK_OK);
    fake_execute(provider, "INSERT INTO uptime_schema VALUES (99)");
    fake_execute(provider, "DROP INDEX uptime_audit_at");
    ck_assert_int_eq(version(), 99);
    ck_assert_int_eq(uk_schema_install(db), UK_OK);
    ck_assert_int_eq(version(), 99);
    ck_assert_str_eq(fake_ask(provider, "SELECT COUNT(*) FROM sqlite_master "
                                        "WHERE name = 'uptime_audit_at'"),
                     "0");
}
END_TEST

START_TEST(schema_without_a_version_has_version_0)
{
    ck_assert_int_eq(uk_schema_install(db), UK_OK);
    fake_execute(provider, "DELETE FROM uptime_schema");
    ck_assert_int_eq(version(), 0);
}
END_TEST

START_TEST(version_is_right_after_the_schema_changed)
{
    ck_assert_int_eq(uk_schema_install(db), UK_OK);
    ck_assert_int_eq(version(), uk_schema_latest());
    fake_execute(provider, "ALTER TABLE uptime_teams ADD COLUMN plan TEXT");
    ck_assert_int_eq(version(), uk_schema_latest());
    fake_execute(provider, "DROP TABLE uptime_schema");
    ck_assert_int_eq(version(), 0);
}
END_TEST

START_TEST(unreadable_version_is_unavailable)
{
    int number = 4711;

    ck_assert_int_eq(uk_schema_install(db), UK_OK);
    fake_execute(provider, "DROP TABLE uptime_schema");
    fake_execute(provider, "CREATE TABLE uptime_schema (other INTEGER)");
    ck_assert_int_eq(uk_schema_version(db, &number), UK_UNAVAILABLE);
    ck_assert_str_eq(db->error, "no such column: version");
    ck_assert_int_eq(number, 0);
}
END_TEST

START_TEST(file_that_is_not_a_database_is_unavailable)
{
    int number = 4711;

    write_file(unit_repeat("This is somebody's letter. ", 100));
    ck_assert_int_eq(uk_schema_version(db, &number), UK_UNAVAILABLE);
    ck_assert_str_eq(db->error, "file is not a database");
    ck_assert_int_eq(number, 0);
    ck_assert_int_eq(uk_schema_install(db), UK_UNAVAILABLE);
    ck_assert_str_eq(db->error, "file is not a database");
}
END_TEST

START_TEST(unavailable_database_has_no_version)
{
    int number = 4711;

    provider->unavailable = 1;
    provider->unavailable_error = "gone fishing";
    ck_assert_int_eq(uk_schema_version(db, &number), UK_UNAVAILABLE);
    ck_assert_int_eq(number, 0);
    ck_assert_int_eq(uk_schema_install(db), UK_UNAVAILABLE);
    ck_assert_str_eq(db->error, "gone fishing");
}
END_TEST

START_TEST(database_in_memory_can_have_the_schema)
{
    db = fake_database(unit_pool, ":memory:", &provider);
    ck_assert_int_eq(uk_schema_install(db), UK_OK);
    ck_assert_int_eq(version(), uk_schema_latest());
}
END_TEST

START_TEST(behind_odbc_the_database_is_asked)
{
    fake_faults.is_odbc = 1;
    ck_assert_int_eq(uk_schema_install(db), UK_OK);
    ck_assert_int_eq(version(), uk_schema_latest());
}
END_TEST

START_TEST(driver_without_a_schema_is_not_found)
{
    fake_faults.is_unknown = 1;
    ck_assert_int_eq(version(), 0);
    ck_assert_int_eq(uk_schema_install(db), UK_NOT_FOUND);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("schema");
    TCase *tcase = unit_case(suite, "schema");

    tcase_add_checked_fixture(tcase, set_up_database, check_releases);
    tcase_add_test(tcase, empty_database_has_version_0);
    tcase_add_test(tcase, tables_of_another_program_are_version_0);
    tcase_add_test(tcase, installed_schema_has_our_version_and_all_tables);
    tcase_add_test(tcase, installing_turns_on_wal);
    tcase_add_test(tcase, installing_again_changes_nothing);
    tcase_add_test(tcase, half_a_schema_is_completed);
    tcase_add_test(tcase, failed_installation_leaves_nothing);
    tcase_add_test(tcase, newer_version_of_the_schema_is_kept);
    tcase_add_test(tcase, schema_without_a_version_has_version_0);
    tcase_add_test(tcase, version_is_right_after_the_schema_changed);
    tcase_add_test(tcase, unreadable_version_is_unavailable);
    tcase_add_test(tcase, file_that_is_not_a_database_is_unavailable);
    tcase_add_test(tcase, unavailable_database_has_no_version);
    tcase_add_test(tcase, database_in_memory_can_have_the_schema);
    tcase_add_test(tcase, behind_odbc_the_database_is_asked);
    tcase_add_test(tcase, driver_without_a_schema_is_not_found);
    return unit_run(suite);
}
