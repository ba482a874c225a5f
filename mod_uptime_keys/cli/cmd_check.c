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
#include "cli/time_limit.h"

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
                                cli_shell_word(cli->pool, file));
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
        /* The next check may never end. */
        fflush(stdout);
        return CLI_DONE;
    default:
        return cli_fail(cli->pool, "%s: %s", finding->name, finding->message);
    }
}

/* The run of all checks. */
typedef struct {
    cli_t *cli;
    cli_status_e status;
} check_run_t;

static void print_and_count(void *baton, const uk_finding_t *finding)
{
    check_run_t *run = baton;

    if (print_finding(run->cli, finding) != CLI_DONE) {
        run->status = CLI_FAILED;
    }
}

static void run_file_checks(check_run_t *run)
{
    size_t i;

    for (i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
        uk_finding_t finding = {checks[i].name, UK_CHECK_OK, ""};

        finding.result = checks[i].run(run->cli, &finding.message);
        print_and_count(run, &finding);
    }
}

static uk_instant_t clock_now(void)
{
    return uk_instant_from_apr(apr_time_now());
}

/* Nothing is tried again after this: the first error says more than that the
 * time is up. */
#define CHECK_TIMEOUT apr_time_from_sec(5)

/* Another database at the same place; NULL: it could not be made. */
static uk_database_t *open_another(const cli_t *cli)
{
    uk_database_t *another = apr_pcalloc(cli->pool, sizeof(*another));
    cli_connection_t *connection;

    if (cli_connection_create(cli->pool, cli->settings.driver,
                              cli->settings.params, cli->settings.init_sql,
                              &connection)) {
        return NULL;
    }
    another->pool = cli->pool;
    another->timeout = CHECK_TIMEOUT;
    another->allows_standby = cli->db.allows_standby;
    cli_connection_use(connection, another);
    cli_time_limit_watch(cli->pool, another);
    return another;
}

static void report_unknown_init_sql(check_run_t *run)
{
    const uk_finding_t finding = {
        "init", UK_CHECK_OK,
        apr_psprintf(run->cli->pool,
                     "DBDInitSQL on line %d is another server's, or has a "
                     "variable that is not defined here, so none is looked at; "
                     "httpd looks at all when it starts",
                     run->cli->settings.init_sql_line)};

    if (run->cli->settings.init_sql_line) {
        print_and_count(run, &finding);
    }
}

cli_status_e cli_check(cli_t *cli)
{
    const cli_settings_t *settings = &cli->settings;
    const uk_check_context_t context = {
        .db = &cli->db,
        .another = open_another(cli),
        .single = cli_connection_single(cli->connection),
        .driver = settings->driver,
        .params = settings->params,
        .is_of_httpd = settings->file != NULL,
        .pool = settings->pool,
        .threads = settings->threads,
        .beside = settings->beside,
        .max_lifetime = settings->lifetimes.maximum,
        .init = cli_format_command(cli, "init"),
        .clock = clock_now,
    };
    check_run_t run = {cli, CLI_DONE};

    cli->db.timeout = CHECK_TIMEOUT;
    run_file_checks(&run);
    report_unknown_init_sql(&run);
    uk_check_all(&context, print_and_count, &run);
    return run.status;
}
