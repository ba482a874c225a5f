/* SPDX-License-Identifier: Apache-2.0 */
/* Messages on standard error: one line each, safe to show, with a remedy. */
#include "cli/report.h"

#include <apr_strings.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "check/check.h"
#include "check/remedies.h"
#include "core/one_line.h"
#include "cli/commands.h"
#include "cli/terminal.h"

static void report(apr_pool_t *pool, const char *format, va_list args)
{
    const char *line = apr_pvsprintf(pool, format, args);

    line = cli_terminal_visible(pool, cli_terminal_without_keys(pool, line));
    fprintf(stderr, "uptime-keys: %s\n", line);
}

void cli_report(apr_pool_t *pool, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    report(pool, format, args);
    va_end(args);
}

cli_status_e cli_fail(apr_pool_t *pool, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    report(pool, format, args);
    va_end(args);
    return CLI_FAILED;
}

const char *cli_shell_word(apr_pool_t *pool, const char *word)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyz"
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789%+,-./:=@_";
    const char *quoted = "'", *quote;

    if (*word && word[strspn(word, plain)] == '\0') {
        return word;
    }
    for (; (quote = strchr(word, '\'')) != NULL; word = quote + 1) {
        quoted = apr_psprintf(pool, "%s%.*s'\\''", quoted, (int)(quote - word),
                              word);
    }
    return apr_pstrcat(pool, quoted, word, "'", NULL);
}

const char *cli_format_command(const cli_t *cli, const char *command)
{
    const char *where = "";

    if (cli_value(cli, CLI_CONFIG)) {
        where = apr_pstrcat(
            cli->pool, " -c ",
            cli_shell_word(cli->pool, cli_value(cli, CLI_CONFIG)), NULL);
    }
    /* --params can contain a password, unless it is the name of a file. */
    if (cli_value(cli, CLI_DRIVER)) {
        const char *file =
            cli->connection ? cli_connection_file(cli->connection) : NULL;

        where = apr_pstrcat(
            cli->pool, where, " --driver ",
            cli_shell_word(cli->pool, cli_value(cli, CLI_DRIVER)), " --params ",
            file ? cli_shell_word(cli->pool, file) : "...", NULL);
    }
    return apr_pstrcat(cli->pool, "uptime-keys", where, " ", command, NULL);
}

const char *cli_database_error(const cli_t *cli)
{
    const char *remedy = uk_check_remedy(cli->db.error);

    if (!remedy) {
        remedy = apr_pstrcat(cli->pool, "for a diagnosis run: ",
                             cli_format_command(cli, "check"), NULL);
    }
    return apr_pstrcat(cli->pool, "the database failed: ",
                       uk_one_line(cli->pool, cli->db.error), "; ", remedy,
                       NULL);
}

cli_status_e cli_unavailable(const cli_t *cli)
{
    return cli_fail(cli->pool, "%s", cli_database_error(cli));
}

cli_status_e cli_no_team(const cli_t *cli, const char *team)
{
    return cli_fail(
        cli->pool, "there is no team %s; make it with: %s", team,
        cli_format_command(cli,
                           apr_pstrcat(cli->pool, "team create ", team, NULL)));
}

const char *cli_wrong_version(const cli_t *cli, int version)
{
    return uk_check_version_advice(cli->pool, version,
                                   cli_format_command(cli, "init"));
}

cli_status_e cli_usage_error(const cli_t *cli, const char *command,
                             const char *problem)
{
    cli_report(cli->pool, "%s; for help: uptime-keys%s%s --help", problem,
               command ? " " : "", command ? command : "");
    return CLI_USAGE_ERROR;
}
