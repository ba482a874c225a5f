/* SPDX-License-Identifier: Apache-2.0 */
/* What a command needs before it can run: settings, a database, an actor. */
#include <apr_strings.h>
#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "cli/commands.h"
#include "store/schema.h"

static void name_actor(cli_t *cli)
{
    const struct passwd *user = getpwuid(geteuid());
    char host[256] = "";

    cli->actor.who =
        user ? apr_pstrcat(cli->pool, "cli:", user->pw_name, NULL)
             : apr_psprintf(cli->pool, "cli:%u", (unsigned int)geteuid());
    gethostname(host, sizeof(host) - 1);
    cli->actor.from = *host ? apr_pstrdup(cli->pool, host) : "uptime-keys";
    cli->actor.now = uk_instant_from_apr(apr_time_now());
}

static cli_status_e need_tables(cli_t *cli)
{
    const char *problem;
    int version;

    if (uk_schema_version(&cli->db, &version) != UK_OK) {
        return cli_unavailable(cli);
    }
    problem = cli_wrong_version(cli, version);
    return problem ? cli_fail(cli->pool, "%s", problem) : CLI_DONE;
}

static cli_status_e need_database(cli_t *cli, const cli_command_t *command)
{
    const cli_settings_t *settings = &cli->settings;
    const char *error, *file;

    if (!settings->driver && settings->is_usage_error) {
        return cli_usage_error(cli, NULL, settings->without_database);
    }
    if (!settings->driver) {
        return cli_fail(cli->pool, "%s", settings->without_database);
    }
    error = cli_connection_create(cli->pool, settings->driver, settings->params,
                                  &cli->source);
    if (error) {
        return cli_fail(cli->pool, "%s", error);
    }
    cli->db = (uk_database_t){.provider = &cli_connection_provider,
                              .baton = cli->source,
                              .pool = cli->pool};
    file = cli_connection_file(cli->source);
    /* To open it would make it. */
    if (file && command->run != cli_init && access(file, F_OK) != 0) {
        return cli_fail(cli->pool,
                        "there is no database %s (%s); make it "
                        "with: %s",
                        file, strerror(errno), cli_format_command(cli, "init"));
    }
    return command->needs == CLI_NEEDS_TABLES ? need_tables(cli) : CLI_DONE;
}

cli_status_e cli_run(cli_t *cli, const cli_command_t *command)
{
    const char *error =
        cli_settings_read(cli->pool, cli->options, &cli->settings);
    cli_status_e status = CLI_DONE;

    if (error) {
        return cli_fail(cli->pool, "%s", error);
    }
    name_actor(cli);
    if (command->needs != CLI_NEEDS_NOTHING) {
        status = need_database(cli, command);
    }
    return status == CLI_DONE ? command->run(cli) : status;
}
