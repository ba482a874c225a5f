/* SPDX-License-Identifier: Apache-2.0 */
/* The checks of a database and its settings. */
#include "unit.h"

#include <apr_strings.h>
#include <string.h>

#include "store/schema.h"
#include "check/check.h"
#include "check/remedies.h"
#include "fake.h"

static fake_provider_t *provider;
static uk_check_context_t context;
static apr_array_header_t *findings;

/* Milliseconds by which this machine's clock is ahead of SQLite's. */
static uk_instant_t shift;

static uk_instant_t shifted_clock(void)
{
    return uk_instant_from_apr(apr_time_now()) + shift;
}

static void set_up_good_database(void)
{
    shift = 0;
    context = (uk_check_context_t){
        .db = fake_database_with_schema(unit_pool, unit_file("check.db"),
                                        &provider),
        .driver = "sqlite3",
        .params = "/srv/keys.db",
        .is_of_httpd = 1,
        .pool = {1, 1, 5, 25},
        .threads = 25,
        .init = "make the tables",
        .clock = shifted_clock,
    };
}

static void check_releases(void)
{
    ck_assert_int_eq(provider->acquired, provider->released);
    ck_assert_int_le(provider->out_most, 1);
}

static void keep_finding(void *baton, const uk_finding_t *finding)
{
    (void)baton;
    APR_ARRAY_PUSH(findings, uk_finding_t) = *finding;
}

/* "name=result" of all findings, in their order: R is UK_CHECK_OK, D
 * UK_CHECK_WARNING and B UK_CHECK_ERROR. */
static const char *results(void)
{
    apr_array_header_t *texts = apr_array_make(unit_pool, 9, sizeof(char *));
    int i;

    findings = apr_array_make(unit_pool, 9, sizeof(uk_finding_t));
    uk_check_all(&context, keep_finding, NULL);
    for (i = 0; i < findings->nelts; i++) {
        const uk_finding_t *finding = &APR_ARRAY_IDX(findings, i, uk_finding_t);

        APR_ARRAY_PUSH(texts, char *) = apr_psprintf(
            unit_pool, "%s=%c", finding->name, "RDB"[finding->result]);
    }
    return apr_array_pstrcat(unit_pool, texts, ' ');
}

/* The text of a finding of the last results(). */
static const char *text_of(const char *name)
{
    int i;

    for (i = 0; i < findings->nelts; i++) {
        const uk_finding_t *finding = &APR_ARRAY_IDX(findings, i, uk_finding_t);

        if (strcmp(finding->name, name) == 0) {
            return finding->message;
        }
    }
    return "(not found)";
}

#define has(text, part)                                                        \
    ck_assert_msg(strstr(text, part), "no \"%s\" in: %s", part, text)

START_TEST(good_database_passes_all_checks)
{
    ck_assert_str_eq(results(), "path=R pool=R connection=R version=R "
                                "tables=R encoding=R journal=R");
}
END_TEST

START_TEST(unavailable_database_ends_the_checks)
{
    provider->unavailable = 1;
    provider->unavailable_error = "gone fishing";
    ck_assert_str_eq(results(), "path=R pool=R connection=B");
    has(text_of("connection"),
        "(gone fishing); keys work when that is put right");
}
END_TEST

START_TEST(tables_of_an_unknown_database_are_not_checked)
{
    context.driver = "oracle";
    fake_faults.is_unknown = 1;
    fake_disconnect(provider);
    ck_assert_str_eq(results(), "pool=R connection=R version=R");
}
END_TEST

START_TEST(known_error_comes_with_its_remedy)
{
    provider->unavailable = 1;
    provider->unavailable_error = "database or disk is full";
    results();
    has(text_of("connection"), "full); make room");
    ck_assert_ptr_null(uk_check_remedy("gone fishing"));
}
END_TEST

/* No check follows an error. */
static const struct {
    const char *sql, *results, *text;
} versions[] = {
    {"DELETE FROM uptime_schema", "connection=R version=B",
     "no tables yet; run: make the tables"},
    {"UPDATE uptime_schema SET version = 1", "connection=R version=B",
     "older version; run: make the tables"},
    {"UPDATE uptime_schema SET version = 99",
     "connection=R version=D encoding=R journal=R", "install the newer one"},
};

START_TEST(other_version_comes_with_advice)
{
    context.is_of_httpd = 0;
    context.pool.is_known = 0;
    fake_execute(provider, versions[_i].sql);
    ck_assert_str_eq(results(), versions[_i].results);
    has(text_of("version"), versions[_i].text);
}
END_TEST

static const struct {
    const char *sql, *results, *text;
} missing[] = {
    {"DROP INDEX uptime_audit_at", "tables=D encoding=R journal=R",
     "missing: uptime_audit_at; to put that right run: make the tables"},
    {"DROP TRIGGER uptime_keys_deleted", "tables=D encoding=R journal=R",
     "uptime_keys_deleted"},
    {"DELETE FROM uptime_changes", "tables=D encoding=R journal=R",
     "the row of uptime_changes"},
    {"DROP TABLE uptime_audit", "tables=B", "uptime_audit"},
};

START_TEST(missing_objects_are_named)
{
    fake_execute(provider, missing[_i].sql);
    has(results(), missing[_i].results);
    has(text_of("tables"), missing[_i].text);
}
END_TEST

START_TEST(journal_other_than_wal)
{
    fake_ask(provider, "PRAGMA journal_mode=DELETE");
    has(results(), "journal=D");
    has(text_of("journal"), "delete: ");
}
END_TEST

static const struct {
    const char *driver, *params, *result, *text;
} settings[] = {
    {"sqlite3", "keys.db", "path=D", "keys.db"},
    {"pgsql", "host=a connect_timeout=3", "options=R",
     "the options that this driver needs"},
    {"pgsql", "host=a", "options=D", "connect_timeout=3"},
    {"mysql", "reconnect=0", "options=R", "the options that this driver needs"},
    {"mysql", "host=a", "options=D", "reconnect=0"},
    {"mysql", "reconnect=1", "options=D", "reconnect=0"},
    {"odbc", "DRIVER={PostgreSQL Unicode}", "options=D", "MaxVarcharSize=254"},
    {"odbc", "DRIVER={PostgreSQL Unicode};MaxVarcharSize=254", "options=D",
     "UseServerSidePrepare=0"},
    {"odbc", "DRIVER={PostgreSQL Unicode}", "options=D",
     "connect string; through a pool"},
    {"odbc",
     "driver={postgresql unicode};maxvarcharsize=254;useserversideprepare=0",
     "options=R", "the options that this driver needs"},
    {"odbc", "DRIVER={MariaDB Unicode}", "options=D", "PSCACHESIZE=0"},
    {"odbc", "DRIVER={MariaDB Unicode};PSCACHESIZE=0", "options=R",
     "the options that this driver needs"},
};

START_TEST(settings_are_checked_for_each_driver)
{
    char *end;

    context.driver = settings[_i].driver;
    context.params = settings[_i].params;
    has(results(), settings[_i].result);
    end = apr_pstrdup(unit_pool, settings[_i].result);
    end[strcspn(end, "=")] = '\0';
    has(text_of(end), settings[_i].text);
}
END_TEST

START_TEST(path_given_to_the_tool_may_be_relative)
{
    context.params = "keys.db";
    context.is_of_httpd = 0;
    ck_assert_ptr_null(strstr(results(), "path="));
}
END_TEST

START_TEST(options_of_other_drivers_are_not_checked)
{
    context.driver = "odbc";
    context.params = "DRIVER={SQLite3}";
    ck_assert_ptr_null(strstr(results(), "options="));
}
END_TEST

static const struct {
    uk_dbd_pool_size_t pool;
    int threads;
    const char *result; /* NULL: no finding */
} pools[] = {
    {{1, 1, 5, 25}, 25, "pool=R"}, {{1, 1, 5, 26}, 25, "pool=R"},
    {{1, 1, 5, 24}, 25, "pool=D"}, {{1, 1, 1, 1}, 1, "pool=R"},
    {{1, 1, 1, 1}, 0, "pool=R"},   {{0, 1, 5, 0}, 25, NULL},
    {{1, 0, 0, 25}, 25, "pool=R"}, {{1, 25, 25, 25}, 25, "pool=R"},
    {{1, 1, 5, 4}, 1, "pool=B"},   {{1, 6, 5, 25}, 25, "pool=B"},
    {{1, 0, 0, 0}, 1, "pool=B"},
};

START_TEST(pool_has_a_connection_for_every_thread)
{
    const char *found;

    context.pool = pools[_i].pool;
    context.threads = pools[_i].threads;
    found = results();
    if (pools[_i].result) {
        has(found, pools[_i].result);
    }
    else {
        ck_assert_ptr_null(strstr(found, "pool="));
    }
}
END_TEST

static const struct {
    int ahead; /* of this machine's clock, in milliseconds */
    const char *result, *text;
} clocks[] = {
    {0, "clock=R", "agree"},
    {UK_CLOCK_SKEW_MS - 1000, "clock=R", "agree"},
    {1000 - UK_CLOCK_SKEW_MS, "clock=R", "agree"},
    {UK_CLOCK_SKEW_MS + 60000, "clock=D", "s behind this machine's"},
    {-UK_CLOCK_SKEW_MS - 60000, "clock=D", "s ahead of this machine's"},
};

START_TEST(clock_of_a_database_server_may_differ_a_little)
{
    context.driver = "pgsql";
    shift = clocks[_i].ahead;
    has(results(), clocks[_i].result);
    has(text_of("clock"), clocks[_i].text);
}
END_TEST

START_TEST(init_sql_that_fails)
{
    uk_single_t single = {.init_failed = 0};

    context.single = &single;
    ck_assert_ptr_null(strstr(results(), "init="));
    single.endpoint.init_sql = "SET NONSENSE";
    has(results(), "init=R");
    single.init_failed = 2;
    single.init_error = "gone fishing";
    has(results(), "init=D");
    has(text_of("init"), "DBDInitSQL number 2 fails (gone fishing)");
}
END_TEST

static const struct {
    uk_check_beside_t beside;
    const char *result; /* NULL: no finding */
    const char *text;
} beside[] = {
    {{NULL, 0, NULL}, NULL, NULL},
    {{NULL, 66, NULL}, NULL, NULL},
    {{"List on line 5", 70, NULL},
     "remoteip=D",
     "List on line 5, in a virtual host, is not obeyed by httpd 2.4.70"},
    {{"List on line 5", 71, NULL}, NULL, NULL},
    {{"List on line 5", 0, NULL}, "remoteip=R", "only since httpd 2.4.71"},
    {{NULL, 71, "line 3"}, "mpm=D", "mpm-itk (line 3) "},
};

START_TEST(what_stands_beside_the_module)
{
    const char *found;

    context.beside = beside[_i].beside;
    found = results();
    if (!beside[_i].result) {
        ck_assert_ptr_null(strstr(found, "remoteip="));
        ck_assert_ptr_null(strstr(found, "mpm="));
        return;
    }
    has(found, beside[_i].result);
    has(text_of(apr_pstrndup(unit_pool, beside[_i].result,
                             strcspn(beside[_i].result, "="))),
        beside[_i].text);
}
END_TEST

/* As drivers, databases and poolers report them. */
static const struct {
    const char *error, *text;
} errors[] = {
    {"connection to server at \"10.0.0.1\", port 5432 failed: Connection "
     "refused\n\tIs the server running on that host?\n",
     "(connection to server at \"10.0.0.1\", port 5432 failed: Connection "
     "refused; Is the server running on that host?); see that it runs"},
    {"FATAL:  password authentication failed for user \"u\"\n",
     "(FATAL: password authentication failed for user \"u\"); make user and"},
    {"FATAL:  database \"t\" does not exist\n", "create it"},
    {"FATAL:  role \"t\" does not exist\n", "create it"},
    {"ERROR:  function t() does not exist\n", "when that is put right"},
    {"FATAL:  no pg_hba.conf entry for host \"::1\", user \"u\"\n",
     "add a line"},
    {"FATAL:  sorry, too many clients already\n", "make DBDMax less"},
    {"Access denied for user 'u'@'localhost' (using password: YES)",
     "make user and password"},
    {"Access denied for user 'u'@'localhost' to database 'd'", "grant"},
    {"Unknown database 'd'", "create it"},
    {"FATAL:  unsupported startup parameter: options\n", "remove that"},
    {"FATAL:  unsupported startup parameter in options: statement_timeout\n",
     "ALTER ROLE"},
    {"ERROR:  prepared statement \"uk_a_1\" does not exist\n",
     "UseServerSidePrepare=0"},
    {"FATAL: prepared statement did not exist\n", "pool_mode=session"},
    {"FATAL:  transaction blocks not allowed in statement pooling mode\n",
     "pool_mode=transaction"},
    {"FATAL:  query_wait_timeout\n", "default_pool_size"},
    {"connection to server failed: session is read-only\n",
     "target_session_attrs=read-write"},
    {"ERROR:  this server is a standby\n", "target_session_attrs=read-write"},
    {"ERROR:  cannot execute INSERT in a read-only transaction\n",
     "takes no writes"},
    {"You do not have the SUPER privilege and binary logging is enabled (you "
     "*might* want to use the less safe log_bin_trust_function_creators "
     "variable)",
     "SET GLOBAL log_bin_trust_function_creators = 1"},
    {"[unixODBC][Driver Manager]Can't open lib 'x' : file not found",
     "odbcinst"},
};

START_TEST(error_is_one_line_with_what_to_do)
{
    provider->unavailable = 1;
    provider->unavailable_error = errors[_i].error;
    has(results(), "connection=B");
    has(text_of("connection"), errors[_i].text);
    ck_assert_ptr_null(strpbrk(text_of("connection"), "\n\t"));
}
END_TEST

START_TEST(no_finding_contains_the_password)
{
    int i;

    context.driver = "pgsql";
    context.params = "host=a password=geheim";
    results();
    for (i = 0; i < findings->nelts; i++) {
        ck_assert_ptr_null(
            strstr(APR_ARRAY_IDX(findings, i, uk_finding_t).message, "geheim"));
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("check");
    TCase *tcase = unit_case(suite, "check");

    tcase_add_checked_fixture(tcase, set_up_good_database, check_releases);
    tcase_add_test(tcase, good_database_passes_all_checks);
    tcase_add_test(tcase, unavailable_database_ends_the_checks);
    tcase_add_test(tcase, tables_of_an_unknown_database_are_not_checked);
    tcase_add_test(tcase, known_error_comes_with_its_remedy);
    tcase_add_loop_test(tcase, other_version_comes_with_advice, 0,
                        UNIT_COUNT(versions));
    tcase_add_loop_test(tcase, missing_objects_are_named, 0,
                        UNIT_COUNT(missing));
    tcase_add_test(tcase, journal_other_than_wal);
    tcase_add_loop_test(tcase, settings_are_checked_for_each_driver, 0,
                        UNIT_COUNT(settings));
    tcase_add_test(tcase, path_given_to_the_tool_may_be_relative);
    tcase_add_test(tcase, options_of_other_drivers_are_not_checked);
    tcase_add_loop_test(tcase, pool_has_a_connection_for_every_thread, 0,
                        UNIT_COUNT(pools));
    tcase_add_loop_test(tcase, clock_of_a_database_server_may_differ_a_little,
                        0, UNIT_COUNT(clocks));
    tcase_add_test(tcase, init_sql_that_fails);
    tcase_add_loop_test(tcase, what_stands_beside_the_module, 0,
                        UNIT_COUNT(beside));
    tcase_add_loop_test(tcase, error_is_one_line_with_what_to_do, 0,
                        UNIT_COUNT(errors));
    tcase_add_test(tcase, no_finding_contains_the_password);
    return unit_run(suite);
}
