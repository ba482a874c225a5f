/* SPDX-License-Identifier: Apache-2.0 */
/* From the words of a command line to a command that can run. */
#include <apr_strings.h>
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/help.h"
#include "core/version.h"

cli_status_e cli_usage_error(const cli_t *cli, const char *command,
                             const char *problem)
{
    cli_report(cli->pool, "%s; for help: uptime-keys%s%s --help", problem,
               command ? " " : "", command ? command : "");
    return CLI_USAGE_ERROR;
}

/* How many of the words make up the name of a command; 0 if they do not. */
static int match(const cli_command_t *command, const apr_array_header_t *words)
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
        *used = match(command, words);
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

static cli_status_e no_command(const cli_t *cli)
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

static cli_status_e help(const cli_t *cli, const cli_command_t *command)
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
        return no_command(cli);
    }
    return CLI_DONE;
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
    if (args != command->args) {
        return apr_psprintf(cli->pool, "%s has too %s arguments, it takes: %s",
                            command->name,
                            args < command->args ? "few" : "many",
                            *command->usage ? command->usage : "none");
    }
    if (!cli_given(cli, CLI_DRIVER) != !cli_given(cli, CLI_PARAMS)) {
        return "--driver and --params belong together";
    }
    return NULL;
}

static cli_status_e run_words(cli_t *cli)
{
    const apr_array_header_t *words = cli->options->words;
    int used;
    const cli_command_t *command = find_command(words, &used);
    const char *problem;

    if (cli_given(cli, CLI_HELP)) {
        return help(cli, command);
    }
    if (cli_given(cli, CLI_VERSION)) {
        puts("uptime-keys " UK_VERSION);
        return CLI_DONE;
    }
    if (!command) {
        return no_command(cli);
    }
    problem = check_usage(cli, command, words->nelts - used);
    if (problem) {
        return cli_usage_error(cli, command->name, problem);
    }
    cli->args = (const char **)words->elts + used;
    return cli_run(cli, command);
}

cli_status_e cli_dispatch(cli_t *cli, int argc, char **argv)
{
    cli_options_t *options = apr_palloc(cli->pool, sizeof(*options));
    const char *problem = cli_options_read(cli->pool, argc, argv, options);

    cli->options = options;
    return problem ? cli_usage_error(cli, NULL, problem) : run_words(cli);
}
