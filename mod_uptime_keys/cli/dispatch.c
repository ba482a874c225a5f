/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the command that a command line names, and runs it with what it needs:
 * settings, a database, an actor. */
#include "cli/dispatch.h"

#include <apr_strings.h>
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "core/version.h"
#include "db/session.h"
#include "store/schema.h"
#include "cli/help.h"
#include "cli/report.h"
#include "cli/time_limit.h"

/* The number of words in the name of a command, if these words begin with it;
 * else 0. */
static int match_words(const cli_command_t *command,
                       const apr_array_header_t *words)
{
    const char *rest = command->name;
    int i;

    for (i = 0; *rest; i++) {
        const char *word =
            i < words->nelts ? APR_ARRAY_IDX(words, i, const char *) : "";
        size_t len = strcspn(rest, " ");

        if (strlen(word) != len || strncmp(rest, word, len) != 0) {
            return 0;
        }
        rest += len + (rest[len] == ' ');
    }
    return i;
}

static const cli_command_t *find_command(const apr_array_header_t *words,
                                         int *used)
{
    const cli_command_t *command;

    for (command = cli_commands; command->name; command++) {
        *used = match_words(command, words);
        if (*used) {
            return command;
        }
    }
    return NULL;
}

/* The second words that can follow a first one: "create, list, delete". */
static const char *second_words(apr_pool_t *pool, const char *first)
{
    const cli_command_t *command;
    const char *list = NULL;
    size_t len = strlen(first);

    for (command = cli_commands; command->name; command++) {
        if (strncmp(command->name, first, len) == 0
            && command->name[len] == ' ') {
            const char *second = command->name + len + 1;

            list = list ? apr_pstrcat(pool, list, ", ", second, NULL) : second;
        }
    }
    return list;
}

static cli_status_e fail_unknown_command(const cli_t *cli)
{
    const apr_array_header_t *words = cli->options->words;
    const char *first, *seconds;

    if (words->nelts == 0) {
        return cli_usage_error(cli, NULL, "a command is missing");
    }
    first = APR_ARRAY_IDX(words, 0, const char *);
    seconds = second_words(cli->pool, first);
    if (!seconds) {
        return cli_usage_error(
            cli, NULL,
            apr_pstrcat(cli->pool, "there is no command ", first, NULL));
    }
    return cli_usage_error(
        cli, first,
        apr_psprintf(cli->pool, "%s what? One of: %s", first, seconds));
}

static cli_status_e print_help(const cli_t *cli, const cli_command_t *command)
{
    const apr_array_header_t *words = cli->options->words;
    const char *first =
        words->nelts ? APR_ARRAY_IDX(words, 0, const char *) : NULL;

    if (command) {
        cli_help(command);
    }
    else if (!first) {
        cli_help_all();
    }
    else if (second_words(cli->pool, first)) {
        cli_help_group(apr_pstrcat(cli->pool, first, " ", NULL));
    }
    else {
        return fail_unknown_command(cli);
    }
    return CLI_DONE;
}

/* The seconds that a command may take; 0: no limit; -1: --timeout is wrong. */
static int time_limit_of(const cli_t *cli, const cli_command_t *command)
{
    const char *value = cli_value(cli, CLI_TIMEOUT);
    char *end;
    long seconds;

    if (!value) {
        return command->run == cli_key_import ? 0 : CLI_TIME_LIMIT;
    }
    seconds = strtol(value, &end, 10);
    return end == value || *end || seconds < 1 || seconds > CLI_TIME_LIMIT_MAX
               ? -1
               : (int)seconds;
}

/* NULL, or what is wrong with the options and arguments of a command. */
static const char *check_usage(const cli_t *cli, const cli_command_t *command,
                               int args)
{
    const cli_options_t *options = cli->options;
    cli_option_e option;

    for (option = 0; option < CLI_OPTION_COUNT; option++) {
        const unsigned int bit = CLI_BIT(option);
        const char *name = cli_option_name(option);

        if (options->given & bit & ~(command->options | CLI_EVERYWHERE)) {
            return apr_psprintf(cli->pool, "%s does not take %s", command->name,
                                name);
        }
        if (command->required & bit & ~options->given) {
            return apr_psprintf(cli->pool, "%s needs %s", command->name, name);
        }
    }
    if (args < command->least || args > command->most) {
        return apr_psprintf(cli->pool, "%s has too %s arguments, it takes: %s",
                            command->name,
                            args < command->least ? "few" : "many",
                            *command->usage ? command->usage : "none");
    }
    if (!cli_given(cli, CLI_DRIVER) != !cli_given(cli, CLI_PARAMS)) {
        return "--driver and --params belong together";
    }
    if (time_limit_of(cli, command) < 0) {
        return apr_psprintf(cli->pool,
                            "--timeout takes a number of seconds from 1 to %d",
                            CLI_TIME_LIMIT_MAX);
    }
    return NULL;
}

static void name_actor(cli_t *cli)
{
    const struct passwd *user = getpwuid(geteuid());
    char host[256] = "";

    cli->actor.name =
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

/* The lines of DBDInitSQL that lead to the tables: others, such as limits of
 * time, are for requests. Only check looks at all of them. */
static const char *init_sql_for(const cli_t *cli, const cli_command_t *command)
{
    const char *all = cli->settings.init_sql;
    const char *chosen = NULL;
    char *rest = NULL, *line;

    if (!all || command->run == cli_check) {
        return all;
    }
    line = apr_strtok(apr_pstrdup(cli->pool, all), "\n", &rest);
    for (; line; line = apr_strtok(NULL, "\n", &rest)) {
        if (uk_session_is_about_schema(line)) {
            chosen = chosen ? apr_pstrcat(cli->pool, chosen, "\n", line, NULL)
                            : line;
        }
    }
    return chosen;
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
                                  init_sql_for(cli, command), &cli->connection);
    if (error) {
        return cli_fail(cli->pool, "%s", error);
    }
    cli->db = (uk_database_t){.pool = cli->pool,
                              .allows_standby = settings->allows_standby};
    cli_connection_use(cli->connection, &cli->db);
    file = cli_connection_file(cli->connection);
    cli_time_limit_watch(cli->pool, &cli->db);
    cli_time_limit_begin(time_limit_of(cli, command), file != NULL);
    /* SQLite would create it. */
    if (file && command->run != cli_init && access(file, F_OK) != 0) {
        return cli_fail(cli->pool,
                        "there is no database %s (%s); make it "
                        "with: %s",
                        file, strerror(errno), cli_format_command(cli, "init"));
    }
    return command->needs == CLI_NEEDS_TABLES ? need_tables(cli) : CLI_DONE;
}

static cli_status_e run_command(cli_t *cli, const cli_command_t *command)
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

static const char **args_of(apr_pool_t *pool, const apr_array_header_t *words,
                            int used, int most)
{
    const char **args =
        apr_pcalloc(pool, sizeof(*args) * ((apr_size_t)most + 1));
    int i;

    for (i = 0; used + i < words->nelts; i++) {
        args[i] = APR_ARRAY_IDX(words, used + i, const char *);
    }
    return args;
}

static cli_status_e run_words(cli_t *cli)
{
    const apr_array_header_t *words = cli->options->words;
    int used;
    const cli_command_t *command = find_command(words, &used);
    const char *problem;

    if (cli_given(cli, CLI_HELP)) {
        return print_help(cli, command);
    }
    if (cli_given(cli, CLI_VERSION)) {
        puts("uptime-keys " UK_VERSION);
        return CLI_DONE;
    }
    if (!command) {
        return fail_unknown_command(cli);
    }
    problem = check_usage(cli, command, words->nelts - used);
    if (problem) {
        return cli_usage_error(cli, command->name, problem);
    }
    cli->args = args_of(cli->pool, words, used, command->most);
    return run_command(cli, command);
}

cli_status_e cli_dispatch(cli_t *cli, int argc, char **argv)
{
    cli_options_t *options = apr_palloc(cli->pool, sizeof(*options));
    const char *problem = cli_options_read(cli->pool, argc, argv, options);

    cli->options = options;
    return problem ? cli_usage_error(cli, NULL, problem) : run_words(cli);
}
