/* SPDX-License-Identifier: Apache-2.0 */
/* uptime-keys check: the file of the database, and what check/check.c finds. */
#include <apr_strings.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "check/check.h"
#include "cli/commands.h"
#include "cli/terminal.h"

static const char *name_of(apr_pool_t *pool, uid_t uid)
{
    const struct passwd *user = getpwuid(uid);

    return user ? apr_pstrdup(pool, user->pw_name)
                : apr_psprintf(pool, "%u", (unsigned int)uid);
}

static uk_check_e check_file(cli_t *cli, const char **message)
{
    const char *file = cli_connection_file(cli->connection);
    struct stat info;

    if (!file) {
        return UK_CHECK_NOT_APPLICABLE;
    }
    if (stat(file, &info) != 0) {
        *message = apr_psprintf(cli->pool, "%s: %s", file, strerror(errno));
        return UK_CHECK_WARNING;
    }
    if (info.st_mode & S_IRWXO) {
        *message = apr_psprintf(cli->pool,
                                "every user can use it; run: chmod "
                                "o= %s",
                                file);
        return UK_CHECK_WARNING;
    }
    *message = apr_psprintf(cli->pool, "owner %s, mode %04o",
                            name_of(cli->pool, info.st_uid),
                            (unsigned int)info.st_mode & 07777);
    return UK_CHECK_OK;
}

static uk_check_e check_rights(cli_t *cli, const char **message)
{
    const char *file = cli_connection_file(cli->connection);
    const char *user = name_of(cli->pool, geteuid());
    const char *folder;

    if (!file) {
        return UK_CHECK_NOT_APPLICABLE;
    }
    folder = cli_connection_folder(cli->pool, cli->connection);
    if (faccessat(AT_FDCWD, file, R_OK | W_OK, AT_EACCESS) != 0) {
        *message = apr_psprintf(cli->pool,
                                "%s cannot write %s; run this as "
                                "httpd's user and give that user the file",
                                user, file);
        return UK_CHECK_WARNING;
    }
    if (faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) != 0) {
        *message =
            apr_psprintf(cli->pool,
                         "%s cannot write in %s, where SQLite "
                         "keeps two more files; run this as httpd's user "
                         "and give that user the folder",
                         user, folder);
        return UK_CHECK_WARNING;
    }
    *message =
        apr_psprintf(cli->pool, "%s can write the file and its folder", user);
    return UK_CHECK_OK;
}

/* They run first, because they can explain why there is no connection. */
static const struct {
    const char *name;
    uk_check_e (*run)(cli_t *cli, const char **message);
} checks[] = {
    {"file", check_file},
    {"rights", check_rights},
};

static cli_status_e print_finding(const cli_t *cli, const uk_finding_t *finding)
{
    switch (finding->result) {
    case UK_CHECK_NOT_APPLICABLE:
        return CLI_DONE;
    case UK_CHECK_OK:
        printf("ok %s: %s\n", finding->name,
               cli_terminal_visible(cli->pool, finding->message));
        return CLI_DONE;
    default:
        return cli_fail(cli->pool, "%s: %s", finding->name, finding->message);
    }
}

static cli_status_e run_file_checks(cli_t *cli)
{
    cli_status_e status = CLI_DONE;
    size_t i;

    for (i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
        uk_finding_t finding = {checks[i].name, UK_CHECK_OK, ""};

        finding.result = checks[i].run(cli, &finding.message);
        if (print_finding(cli, &finding) != CLI_DONE) {
            status = CLI_FAILED;
        }
    }
    return status;
}

static uk_instant_t clock_now(void)
{
    return uk_instant_from_apr(apr_time_now());
}

cli_status_e cli_check(cli_t *cli)
{
    const cli_settings_t *settings = &cli->settings;
    const uk_check_context_t context = {
        .db = &cli->db,
        .driver = settings->driver,
        .params = settings->params,
        .is_of_httpd = settings->file != NULL,
        .pool = settings->pool,
        .threads = settings->threads,
        .init = cli_format_command(cli, "init"),
        .clock = clock_now,
    };
    cli_status_e status = run_file_checks(cli);
    const apr_array_header_t *findings = uk_check_all(&context);
    int i;

    for (i = 0; i < findings->nelts; i++) {
        if (print_finding(cli, &APR_ARRAY_IDX(findings, i, uk_finding_t))
            != CLI_DONE) {
            status = CLI_FAILED;
        }
    }
    return status;
}
