/* SPDX-License-Identifier: Apache-2.0 */
/* uptime-keys check: a table of things that are right or wrong. */
#include <apr_strings.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "cli/check.h"
#include "cli/text.h"
#include "core/schema.h"
#include "core/store_sql.h"

static cli_finding_e look_at_connection(cli_t *cli, const char **text)
{
    const char *file = cli_source_file(cli->source);
    int version;

    if (uk_schema_version(&cli->db, &version) != UK_OK) {
        *text = cli_database_error(cli);
        return CLI_HOPELESS;
    }
    *text = file
                ? apr_pstrcat(cli->pool, cli->settings.driver, ", ", file, NULL)
                : cli->settings.driver;
    return CLI_RIGHT;
}

static cli_finding_e look_at_version(cli_t *cli, const char **text)
{
    int version;

    if (uk_schema_version(&cli->db, &version) != UK_OK) {
        *text = cli_database_error(cli);
        return CLI_HOPELESS;
    }
    *text = cli_wrong_version(cli, version);
    if (*text) {
        return CLI_HOPELESS;
    }
    *text = apr_psprintf(cli->pool, "version %d", version);
    return CLI_RIGHT;
}

static cli_finding_e look_at_tables(cli_t *cli, const char **text)
{
    apr_array_header_t *missing;

    switch (uk_schema_missing(&cli->db, &missing)) {
    case UK_OK:
        break;
    case UK_NOT_FOUND:
        return CLI_NOT_APPLICABLE;
    default:
        *text = cli_database_error(cli);
        return CLI_HOPELESS;
    }
    *text = "tables, indexes and triggers are all there";
    if (missing->nelts == 0) {
        return CLI_RIGHT;
    }
    *text = apr_pstrcat(
        cli->pool, "missing: ", apr_array_pstrcat(cli->pool, missing, ' '),
        "; to put that right run: ", cli_again(cli, "init"), NULL);
    return CLI_WRONG;
}

/* Each database has its own name for it. */
static int is_utf8(const char *encoding)
{
    static const char *const names[] = {"UTF8", "UTF-8", "utf8mb4"};
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(encoding, names[i]) == 0) {
            return 1;
        }
    }
    return 0;
}

static cli_finding_e look_at_encoding(cli_t *cli, const char **text)
{
    const char *encoding;

    if (uk_schema_encoding(&cli->db, &encoding) != UK_OK) {
        *text = cli_database_error(cli);
        return CLI_WRONG;
    }
    *text = encoding;
    if (is_utf8(encoding)) {
        return CLI_RIGHT;
    }
    *text = apr_psprintf(cli->pool,
                         "the connection's texts are %s: names would be "
                         "spoiled; use a database in UTF-8, or say so in "
                         "DBDParams (pgsql: client_encoding=UTF8, odbc: "
                         "CHARSET=utf8mb4)",
                         encoding);
    return CLI_WRONG;
}

/* What a clock may differ, besides the time that asking takes. */
#define CLOCK_TOLERANCE (5 * 1000)

/* A file's clock is this machine's. */
static cli_finding_e look_at_clock(cli_t *cli, const char **text)
{
    uk_instant_t theirs, before, after;

    if (cli_source_file(cli->source)) {
        return CLI_NOT_APPLICABLE;
    }
    before = uk_instant_from_apr(apr_time_now());
    if (uk_schema_clock(&cli->db, &theirs) != UK_OK) {
        *text = cli_database_error(cli);
        return CLI_WRONG;
    }
    after = uk_instant_from_apr(apr_time_now());
    if (theirs >= before - CLOCK_TOLERANCE
        && theirs <= after + CLOCK_TOLERANCE) {
        *text = "the database's and this machine's agree";
        return CLI_RIGHT;
    }
    *text = apr_psprintf(
        cli->pool,
        "the database's is %" APR_INT64_T_FMT " s %s this machine's: "
        "keys expire too early or too late; set both by NTP",
        (theirs > after ? theirs - after : before - theirs) / 1000,
        theirs > after ? "ahead of" : "behind");
    return CLI_WRONG;
}

static uk_outcome_e journal_work(uk_connection_t *connection, apr_pool_t *pool,
                                 void *baton)
{
    apr_array_header_t *rows;

    if (uk_connection_select(connection, pool, &uk_sql[UK_SQL_SQLITE3_JOURNAL],
                             NULL, &rows)
        || rows->nelts != 1) {
        return UK_UNAVAILABLE;
    }
    *(const char **)baton = APR_ARRAY_IDX(rows, 0, const char **)[0];
    return UK_OK;
}

static cli_finding_e look_at_journal(cli_t *cli, const char **text)
{
    const char *mode;

    if (!cli_source_file(cli->source)) {
        return CLI_NOT_APPLICABLE;
    }
    if (uk_database_run(&cli->db, journal_work, &mode) != UK_OK) {
        *text = cli_database_error(cli);
        return CLI_WRONG;
    }
    if (strcmp(mode, "wal") == 0) {
        *text = "wal: who reads does not wait for who writes";
        return CLI_RIGHT;
    }
    *text = apr_psprintf(cli->pool,
                         "%s: requests wait for every write, and "
                         "some fail; to make it wal stop httpd and run: %s",
                         mode, cli_again(cli, "init"));
    return CLI_WRONG;
}

static const char *name_of(apr_pool_t *pool, uid_t uid)
{
    const struct passwd *user = getpwuid(uid);

    return user ? apr_pstrdup(pool, user->pw_name)
                : apr_psprintf(pool, "%u", (unsigned int)uid);
}

static cli_finding_e look_at_file(cli_t *cli, const char **text)
{
    const char *file = cli_source_file(cli->source);
    struct stat info;

    if (!file) {
        return CLI_NOT_APPLICABLE;
    }
    if (stat(file, &info) != 0) {
        *text = apr_psprintf(cli->pool, "%s: %s", file, strerror(errno));
        return CLI_WRONG;
    }
    if (info.st_mode & S_IRWXO) {
        *text = apr_psprintf(cli->pool,
                             "every user can use it; run: chmod "
                             "o= %s",
                             file);
        return CLI_WRONG;
    }
    *text = apr_psprintf(cli->pool, "owner %s, mode %04o",
                         name_of(cli->pool, info.st_uid),
                         (unsigned int)info.st_mode & 07777);
    return CLI_RIGHT;
}

static cli_finding_e look_at_rights(cli_t *cli, const char **text)
{
    const char *file = cli_source_file(cli->source);
    const char *user = name_of(cli->pool, geteuid());
    const char *folder;

    if (!file) {
        return CLI_NOT_APPLICABLE;
    }
    folder = cli_source_folder(cli->pool, cli->source);
    if (faccessat(AT_FDCWD, file, R_OK | W_OK, AT_EACCESS) != 0) {
        *text = apr_psprintf(cli->pool,
                             "%s cannot write %s; run this as "
                             "httpd's user and give that user the file",
                             user, file);
        return CLI_WRONG;
    }
    if (faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) != 0) {
        *text = apr_psprintf(cli->pool,
                             "%s cannot write in %s, where SQLite "
                             "keeps two more files; run this as httpd's user "
                             "and give that user the folder",
                             user, folder);
        return CLI_WRONG;
    }
    *text =
        apr_psprintf(cli->pool, "%s can write the file and its folder", user);
    return CLI_RIGHT;
}

static cli_finding_e look_at_path(cli_t *cli, const char **text)
{
    const char *file = cli_source_file(cli->source);

    if (!file || !cli->settings.file) {
        return CLI_NOT_APPLICABLE;
    }
    *text = "absolute";
    if (*file == '/') {
        return CLI_RIGHT;
    }
    *text = apr_psprintf(cli->pool,
                         "httpd looks for %s in the folder that it "
                         "was started from; write DBDParams with the whole "
                         "path",
                         file);
    return CLI_WRONG;
}

static const struct {
    const char *name;
    cli_look_t *look;
} checks[] = {
    /* What explains why there is no connection comes before it. */
    {"path", look_at_path},       {"file", look_at_file},
    {"rights", look_at_rights},   {"connection", look_at_connection},
    {"version", look_at_version}, {"tables", look_at_tables},
    {"options", cli_look_at_options}, {"pool", cli_look_at_pool},
    {"encoding", look_at_encoding}, {"clock", look_at_clock},
    {"journal", look_at_journal},
};

cli_status_e cli_check(cli_t *cli)
{
    cli_status_e status = CLI_DONE;
    size_t i;

    for (i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
        const char *text = "";
        cli_finding_e finding = checks[i].look(cli, &text);

        if (finding == CLI_RIGHT) {
            printf("ok %s: %s\n", checks[i].name,
                   cli_text_visible(cli->pool, text));
        }
        else if (finding != CLI_NOT_APPLICABLE) {
            status = cli_refuse(cli->pool, "%s: %s", checks[i].name, text);
        }
        if (finding == CLI_HOPELESS) {
            break;
        }
    }
    return status;
}
