/* SPDX-License-Identifier: Apache-2.0 */
/* Prints what the completion for bash has to know, from the tables of the tool: a
 * program of the build alone, linked with the objects of the tool. What is done
 * with it is in completion.bash, which follows this. */
#include <apr_general.h>
#include <apr_strings.h>
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "core/event.h"
#include "core/team.h"
#include "db/driver.h"

/* A value that only the user knows. */
#define ANYTHING "-"
#define FILE_NAME "FILE"

static const char *join(apr_pool_t *pool, const char *list, const char *word)
{
    return list ? apr_pstrcat(pool, list, " ", word, NULL) : word;
}

static const char *scopes(apr_pool_t *pool)
{
    const uk_catalogue_t *catalogue = uk_catalogue_create(pool);
    const char *list = NULL;
    int i;

    for (i = 0; i < uk_catalogue_size(catalogue); i++) {
        list = join(pool, list, uk_catalogue_get(catalogue, i)->name);
    }
    return list;
}

static const char *actions(apr_pool_t *pool)
{
    const uk_action_t *action;
    const char *list = NULL;

    for (action = uk_actions; action->name; action++) {
        list = join(pool, list, action->name);
    }
    return list;
}

static const char *formats(apr_pool_t *pool)
{
    const char *list = NULL;
    int i;

    for (i = 0; cli_audit_format(i); i++) {
        list = join(pool, list, cli_audit_format(i));
    }
    return list;
}

static const char *roles(apr_pool_t *pool)
{
    const char *list = NULL;
    uk_role_e role;

    for (role = UK_ROLE_MEMBER; role <= UK_ROLE_OWNER; role++) {
        list = join(pool, list, uk_role_name(role));
    }
    return list;
}

static const char *drivers(apr_pool_t *pool)
{
    char *names = apr_pstrdup(pool, uk_driver_names(pool, ", "));
    char *comma;

    while ((comma = strchr(names, ',')) != NULL) {
        memmove(comma, comma + 1, strlen(comma));
    }
    return names;
}

/* Words, FILE_NAME or ANYTHING. */
static const char *values_of(apr_pool_t *pool, cli_option_e option)
{
    switch (option) {
    case CLI_CONFIG:
    case CLI_PARAMS:
        return FILE_NAME;
    case CLI_DRIVER:
        return drivers(pool);
    case CLI_SCOPE:
        return scopes(pool);
    case CLI_ACTION:
        return actions(pool);
    case CLI_FORMAT:
        return formats(pool);
    default:
        return ANYTHING;
    }
}

#define VALUES(id, name, values) [CLI_##id] = (values),

static void print_commands(void)
{
    const cli_command_t *command;
    const char *gap = "";

    fputs("_uptime_keys_commands='", stdout);
    for (command = cli_commands; command->name; command++) {
        printf("%s%s", gap, command->name);
        gap = "\n";
    }
    puts("'\n");
}

static void print_values(apr_pool_t *pool)
{
    static const int values[CLI_OPTION_COUNT] = {[CLI_CONFIG] = CLI_ONE,
                                                 CLI_OPTIONS(VALUES)};
    cli_option_e option;

    puts("# The values of an option, FILE, or \"-\" for anything; nothing if "
         "it\n"
         "# takes none. An option of several values has \"...\" in front.\n"
         "_uptime_keys_values()\n{\n    case $1 in");
    for (option = 0; option < CLI_OPTION_COUNT; option++) {
        if (values[option] != CLI_NONE) {
            printf("    %s) echo '%s%s' ;;\n", cli_option_name(option),
                   values[option] == CLI_MANY ? "... " : "",
                   values_of(pool, option));
        }
    }
    puts("    esac\n}\n");
}

static void print_options_of(unsigned int options)
{
    cli_option_e option;
    const char *gap = "";

    for (option = 0; option < CLI_OPTION_COUNT; option++) {
        if (options & CLI_BIT(option)) {
            printf("%s%s", gap, cli_option_name(option));
            gap = " ";
        }
    }
}

static void print_options(void)
{
    const cli_command_t *command;

    puts("# The options of a command.\n"
         "_uptime_keys_options()\n{\n    case $1 in");
    for (command = cli_commands; command->name; command++) {
        if (command->options) {
            printf("    '%s') echo '", command->name);
            print_options_of(command->options);
            puts("' ;;");
        }
    }
    fputs("    esac\n    echo '", stdout);
    print_options_of(CLI_EVERYWHERE);
    puts("'\n}\n");
}

/* The arguments stand in front of the options in a usage. */
static void print_arguments_of(apr_pool_t *pool, const cli_command_t *command)
{
    char *rest,
        *word = apr_strtok(apr_pstrdup(pool, command->usage), " ", &rest);
    int number;

    for (number = 1; number <= command->most; number++) {
        const char *values = strcmp(word, "ROLE") == 0   ? roles(pool)
                             : strcmp(word, "FILE") == 0 ? FILE_NAME
                                                         : ANYTHING;

        printf("    '%s %d') echo '%s' ;;\n", command->name, number, values);
        word = apr_strtok(NULL, " ", &rest);
    }
}

static void print_arguments(apr_pool_t *pool)
{
    const cli_command_t *command;

    puts("# The values of an argument of a command, by its number, as above.\n"
         "_uptime_keys_arguments()\n{\n    case $1 in");
    for (command = cli_commands; command->name; command++) {
        print_arguments_of(pool, command);
    }
    puts("    esac\n}\n");
}

int main(void)
{
    apr_pool_t *pool;

    if (apr_initialize() != APR_SUCCESS) {
        return 1;
    }
    apr_pool_create(&pool, NULL);
    puts("# Completion for bash.\n# shellcheck shell=bash\n");
    print_commands();
    print_values(pool);
    print_options();
    print_arguments(pool);
    apr_pool_destroy(pool);
    apr_terminate();
    return fflush(stdout) == 0 ? 0 : 1;
}
