/* SPDX-License-Identifier: Apache-2.0 */
/* The settings of the tool: each number at its limits, and which database. */
#include "unit.h"

#include <apr_file_io.h>
#include <apr_strings.h>
#include <stddef.h>
#include <string.h>

#include "store/rotate.h"
#include "cli/settings.h"

#define DATABASE "DBDriver sqlite3\nDBDParams keys.db\n"

static const struct {
    const char *name;
    int preset, min, max, none; /* none: what None means; -1: it is refused */
    size_t setting;
} numbers[] = {
    {"UptimeKeysMaxPerTeam", 10, 1, UK_KEYS_PER_TEAM_MAX, -1,
     offsetof(cli_settings_t, limit)},
    {"UptimeKeysMaxLifetime", 0, 1, UK_LIFETIME_MAX, 0,
     offsetof(cli_settings_t, lifetimes.maximum)},
    {"UptimeKeysDefaultLifetime", 0, 1, UK_LIFETIME_MAX, 0,
     offsetof(cli_settings_t, lifetimes.preset)},
    {"UptimeKeysRotateOverlap", UK_OVERLAP_DEFAULT, 0, UK_OVERLAP_MAX, -1,
     offsetof(cli_settings_t, rotate_overlap)},
};

static cli_settings_t settings;
static cli_options_t options;
static const char *name;

static void begin(void)
{
    memset(&options, 0, sizeof(options));
}

static const char *read_settings(const char *text)
{
    apr_file_t *file;
    const char *error;

    name = unit_file("httpd.conf");
    ck_assert_int_eq(apr_file_open(&file, name,
                                   APR_FOPEN_CREATE | APR_FOPEN_WRITE,
                                   APR_FPROT_OS_DEFAULT, unit_pool),
                     APR_SUCCESS);
    apr_file_write_full(file, text, strlen(text), NULL);
    apr_file_close(file);
    options.value[CLI_CONFIG] = name;
    error = cli_settings_read(unit_pool, &options, &settings);
    apr_file_remove(name, unit_pool);
    return error;
}

static int number_of(int number)
{
    return *(const int *)((const char *)&settings + numbers[number].setting);
}

static const char *read_number(int number, const char *value)
{
    return read_settings(apr_pstrcat(unit_pool, DATABASE, numbers[number].name,
                                     " ", value, "\n", NULL));
}

static void check_number(int number, const char *value, int expected)
{
    ck_assert_msg(read_number(number, value) == NULL, "%s %s",
                  numbers[number].name, value);
    ck_assert_int_eq(number_of(number), expected);
}

/* The error names the file, the line, the directive and what it takes. */
static void check_refused(int number, const char *value)
{
    const char *error = read_number(number, value);
    const char *expected;

    expected = apr_psprintf(
        unit_pool, "%s, line 3: %s must be a number from %d to %d%s", name,
        numbers[number].name, numbers[number].min, numbers[number].max,
        numbers[number].none == 0 ? ", or None" : "");
    ck_assert_msg(error != NULL, "%s %s", numbers[number].name, value);
    ck_assert_str_eq(error, expected);
}

START_TEST(number_is_taken_up_to_its_limits)
{
    int min = numbers[_i].min, max = numbers[_i].max;

    ck_assert_ptr_null(read_settings(DATABASE));
    ck_assert_int_eq(number_of(_i), numbers[_i].preset);
    check_number(_i, apr_itoa(unit_pool, min), min);
    check_number(_i, apr_itoa(unit_pool, min + 1), min + 1);
    check_number(_i, apr_itoa(unit_pool, max), max);
    check_refused(_i, apr_itoa(unit_pool, min - 1));
    check_refused(_i, apr_itoa(unit_pool, max + 1));
}
END_TEST

static const char *const no_numbers[] = {
    "x",   "\"\"",       "5x",
    "0x5", "5.0",        "1e1",
    "--5", "4294967301", "18446744073709551621",
    "Off",
};

START_TEST(what_is_no_number_is_refused)
{
    int i;

    for (i = 0; i < UNIT_COUNT(no_numbers); i++) {
        check_refused(_i, no_numbers[i]);
    }
}
END_TEST

START_TEST(none_is_a_number_of_some)
{
    static const char *const none[] = {"None", "none", "NONE"};
    int i;

    for (i = 0; i < UNIT_COUNT(none); i++) {
        if (numbers[_i].none < 0) {
            check_refused(_i, none[i]);
        }
        else {
            check_number(_i, none[i], numbers[_i].none);
        }
    }
}
END_TEST

START_TEST(two_numbers_are_refused)
{
    const char *error = read_number(
        _i, apr_pstrcat(unit_pool, "5\n\n", numbers[_i].name, " 6", NULL));

    ck_assert_str_eq(error, apr_psprintf(unit_pool,
                                         "%s has two different %s, on lines 3 "
                                         "and 5: make them the same",
                                         name, numbers[_i].name));
}
END_TEST

static const struct {
    const char *maximum, *preset;
    int is_right;
} lifetimes[] = {
    {"10", "10", 1},   {"10", "9", 1},    {"10", "11", 0},
    {"None", "11", 1}, {"10", "None", 1}, {"1", "36500", 0},
};

START_TEST(default_lifetime_is_within_the_maximum)
{
    const char *error = read_settings(apr_pstrcat(
        unit_pool, "UptimeKeysMaxLifetime ", lifetimes[_i].maximum,
        "\nUptimeKeysDefaultLifetime ", lifetimes[_i].preset, "\n", NULL));

    ck_assert((error == NULL) == lifetimes[_i].is_right);
    if (error) {
        ck_assert(strncmp(error,
                          apr_pstrcat(unit_pool, name, ", line 2: ", NULL),
                          strlen(name) + strlen(", line 2: "))
                  == 0);
    }
}
END_TEST

#define HOST "<VirtualHost *>\n"
#define END_HOST "</VirtualHost>\n"

/* why: a part of what is reported if a database is needed; NULL: there is one */
static const struct {
    const char *text, *why;
} databases[] = {
    {DATABASE, NULL},
    {DATABASE DATABASE, NULL},
    {"", "has no DBDriver"},
    {"DBDParams x\n", "has no DBDriver"},
    {"DBDriver x\n", "has no DBDParams"},
    {DATABASE "DBDriver pgsql\n",
     "has two different DBDriver, on lines 1 and 3"},
    {DATABASE "DBDParams other.db\n",
     "has two different DBDParams, on lines 2 and 3"},
    {DATABASE "DBDInitSQL a\n" HOST "DBDInitSQL b\n" END_HOST, NULL},
    {DATABASE "DBDInitSQL a\n" HOST
              "DBDInitSQL \"SET search_path TO b\"\n" END_HOST,
     "on lines 3 and 5"},
};

START_TEST(database_of_the_file)
{
    ck_assert_ptr_null(read_settings(databases[_i].text));
    ck_assert_int_eq(settings.is_usage_error, 0);
    if (databases[_i].why) {
        ck_assert_ptr_null(settings.driver);
        ck_assert_ptr_nonnull(
            strstr(settings.without_database, databases[_i].why));
        ck_assert_ptr_nonnull(strstr(settings.without_database, name));
    }
    else {
        ck_assert_ptr_null(settings.without_database);
        ck_assert_str_eq(settings.driver, "sqlite3");
        ck_assert_str_eq(settings.params, "keys.db");
    }
}
END_TEST

/* Whatever the file says of databases, and all else is the file's. */
START_TEST(database_of_the_options_wins)
{
    options.value[CLI_DRIVER] = "pgsql";
    options.value[CLI_PARAMS] = "host=/run";
    ck_assert_ptr_null(read_settings(apr_pstrcat(
        unit_pool, "UptimeKeysMaxPerTeam 7\n", databases[_i].text, NULL)));
    ck_assert_str_eq(settings.driver, "pgsql");
    ck_assert_str_eq(settings.params, "host=/run");
    ck_assert_int_eq(settings.limit, 7);
    ck_assert_ptr_null(settings.init_sql);
    ck_assert_int_eq(settings.init_sql_line, 0);
}
END_TEST

START_TEST(driver_alone_reads_no_file)
{
    options.value[CLI_DRIVER] = "sqlite3";
    options.value[CLI_PARAMS] = "keys.db";
    ck_assert_ptr_null(cli_settings_read(unit_pool, &options, &settings));
    ck_assert_ptr_null(settings.file);
    ck_assert_str_eq(settings.params, "keys.db");
    ck_assert_int_eq(settings.limit, 10);
    ck_assert_int_eq(settings.pool.is_known, 0);
}
END_TEST

START_TEST(init_sql_is_known_of_one_server_alone)
{
    ck_assert_ptr_null(read_settings(DATABASE "DBDInitSQL a\nDBDInitSQL b\n"));
    ck_assert_str_eq(settings.init_sql, "a\nb");
    ck_assert_int_eq(settings.init_sql_line, 0);
    ck_assert_ptr_null(read_settings(DATABASE "DBDInitSQL a\n" HOST
                                              "DBDInitSQL b\n" END_HOST));
    ck_assert_ptr_null(settings.init_sql);
    ck_assert_int_eq(settings.init_sql_line, 5);
}
END_TEST

static const struct {
    const char *text;
    int allows_standby, accepts_any_checksum, threads;
} flags[] = {
    {"", 0, 0, 0},
    {"UptimeKeysAllowStandby On\n", 1, 0, 0},
    {"UptimeKeysAllowStandby on\n", 1, 0, 0},
    {"UptimeKeysAllowStandby Off\n", 0, 0, 0},
    {"UptimeKeysRequireChecksum Off\n", 0, 1, 0},
    {"UptimeKeysRequireChecksum oFF\n", 0, 1, 0},
    {"UptimeKeysRequireChecksum On\n", 0, 0, 0},
    {"UptimeKeysRequireChecksum On\nUptimeKeysRequireChecksum Off\n", 0, 1, 0},
    {"ThreadsPerChild 25\n", 0, 0, 25},
};

START_TEST(flags_of_the_file)
{
    ck_assert_ptr_null(read_settings(flags[_i].text));
    ck_assert_int_eq(settings.allows_standby, flags[_i].allows_standby);
    ck_assert_int_eq(settings.accepts_any_checksum,
                     flags[_i].accepts_any_checksum);
    ck_assert_int_eq(settings.threads, flags[_i].threads);
}
END_TEST

START_TEST(pool_of_the_file)
{
    ck_assert_ptr_null(read_settings(DATABASE "DBDMin 2\nDBDMax 30\n"));
    ck_assert_int_eq(settings.pool.is_known, 1);
    ck_assert_int_eq(settings.pool.min, 2);
    ck_assert_int_eq(settings.pool.keep, UK_DBD_KEEP);
    ck_assert_int_eq(settings.pool.max, 30);
    ck_assert_ptr_null(read_settings(DATABASE "DBDPersist Off\nDBDMax 30\n"));
    ck_assert_int_eq(settings.pool.is_known, 0);
}
END_TEST

START_TEST(what_stands_beside_has_its_line)
{
    ck_assert_ptr_null(read_settings("LoadModule mpm_itk_module x.so\n" HOST
                                     "RemoteIPTrustedProxy 192.0.2.1\n"));
    ck_assert_str_eq(
        settings.beside.mpm_itk,
        apr_pstrcat(unit_pool, "mpm_itk_module on line 1 of ", name, NULL));
    ck_assert_str_eq(settings.beside.remoteip,
                     apr_pstrcat(unit_pool,
                                 "RemoteIPTrustedProxy on line 3 of ", name,
                                 NULL));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("settings");
    TCase *tcase = unit_case(suite, "settings");
    int all = UNIT_COUNT(numbers);

    tcase_add_checked_fixture(tcase, begin, NULL);
    tcase_add_loop_test(tcase, number_is_taken_up_to_its_limits, 0, all);
    tcase_add_loop_test(tcase, what_is_no_number_is_refused, 0, all);
    tcase_add_loop_test(tcase, none_is_a_number_of_some, 0, all);
    tcase_add_loop_test(tcase, two_numbers_are_refused, 0, all);
    tcase_add_loop_test(tcase, default_lifetime_is_within_the_maximum, 0,
                        UNIT_COUNT(lifetimes));
    tcase_add_loop_test(tcase, database_of_the_file, 0, UNIT_COUNT(databases));
    tcase_add_loop_test(tcase, database_of_the_options_wins, 0,
                        UNIT_COUNT(databases));
    tcase_add_test(tcase, driver_alone_reads_no_file);
    tcase_add_test(tcase, init_sql_is_known_of_one_server_alone);
    tcase_add_loop_test(tcase, flags_of_the_file, 0, UNIT_COUNT(flags));
    tcase_add_test(tcase, pool_of_the_file);
    tcase_add_test(tcase, what_stands_beside_has_its_line);
    return unit_run(suite);
}
