/* SPDX-License-Identifier: Apache-2.0 */
/* What commands have in common. */
#include "cli/command.h"

#include <apr_strings.h>
#include <string.h>

#include "core/schema.h"

const char *cli_value(const cli_t *cli, cli_option_e option)
{
    return cli->options->value[option];
}

int cli_given(const cli_t *cli, cli_option_e option)
{
    return (cli->options->given & CLI_BIT(option)) != 0;
}

const char *cli_again(const cli_t *cli, const char *command)
{
    const char *where = "";

    if (cli_value(cli, CLI_CONFIG)) {
        where =
            apr_pstrcat(cli->pool, " -c ", cli_value(cli, CLI_CONFIG), NULL);
    }
    /* Only a file's name has no password in it. */
    if (cli_value(cli, CLI_DRIVER)) {
        const char *file = cli->source ? cli_source_file(cli->source) : NULL;

        where = apr_pstrcat(cli->pool, where, " --driver ",
                            cli_value(cli, CLI_DRIVER), " --params ",
                            file ? file : "...", NULL);
    }
    return apr_pstrcat(cli->pool, "uptime-keys", where, " ", command, NULL);
}

/* What drivers say, and what helps. */
static const struct {
    const char *error, *advice;
} remedies[] = {
    {"readonly database",
     "run this as the user who owns the file and its folder"},
    {"unable to open database file",
     "run this as the user who owns the file and its folder"},
    {"database is locked",
     "another program keeps it for itself; try again when that has ended"},
    {"file is not a database", "this file is something else; name another one"},
    {"disk is full", "make room and run this again"},
};

static const char *remedy(const cli_t *cli, const char *error)
{
    size_t i;

    for (i = 0; i < sizeof(remedies) / sizeof(remedies[0]); i++) {
        if (strstr(error, remedies[i].error)) {
            return remedies[i].advice;
        }
    }
    return apr_pstrcat(cli->pool,
                       "for a diagnosis run: ", cli_again(cli, "check"), NULL);
}

const char *cli_database_error(const cli_t *cli)
{
    const char *error = cli_source_error(cli->source);

    error = error ? error : cli->db.error;
    return apr_pstrcat(cli->pool, "the database failed: ", error, "; ",
                       remedy(cli, error), NULL);
}

cli_status_e cli_unavailable(const cli_t *cli)
{
    return cli_refuse(cli->pool, "%s", cli_database_error(cli));
}

cli_status_e cli_no_team(const cli_t *cli, const char *team)
{
    return cli_refuse(
        cli->pool, "there is no team %s; make it with: %s", team,
        cli_again(cli, apr_pstrcat(cli->pool, "team create ", team, NULL)));
}

const char *cli_wrong_version(const cli_t *cli, int version)
{
    if (version == UK_SCHEMA_VERSION) {
        return NULL;
    }
    if (version > UK_SCHEMA_VERSION) {
        return apr_psprintf(cli->pool,
                            "the tables are of version %d, made by "
                            "a newer uptime-keys; this one knows version %d: "
                            "install the newer one",
                            version, UK_SCHEMA_VERSION);
    }
    return apr_psprintf(cli->pool, "the database has %s; run: %s",
                        version ? "tables of an older version"
                                : "no tables yet",
                        cli_again(cli, "init"));
}
