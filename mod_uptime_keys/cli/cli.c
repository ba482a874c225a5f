/* SPDX-License-Identifier: Apache-2.0 */
/* What commands have in common. */
#include "cli/commands.h"

#include <apr_strings.h>

#include "check/check.h"

const char *cli_value(const cli_t *cli, cli_option_e option)
{
    return cli->options->value[option];
}

int cli_given(const cli_t *cli, cli_option_e option)
{
    return (cli->options->given & CLI_BIT(option)) != 0;
}

const char *cli_format_command(const cli_t *cli, const char *command)
{
    const char *where = "";

    if (cli_value(cli, CLI_CONFIG)) {
        where =
            apr_pstrcat(cli->pool, " -c ", cli_value(cli, CLI_CONFIG), NULL);
    }
    /* Only a file's name has no password in it. */
    if (cli_value(cli, CLI_DRIVER)) {
        const char *file =
            cli->source ? cli_connection_file(cli->source) : NULL;

        where = apr_pstrcat(cli->pool, where, " --driver ",
                            cli_value(cli, CLI_DRIVER), " --params ",
                            file ? file : "...", NULL);
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
    return apr_pstrcat(cli->pool, "the database failed: ", cli->db.error, "; ",
                       remedy, NULL);
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
