/* SPDX-License-Identifier: Apache-2.0 */
/* Prints the help of the tool and of its commands. */
#include "cli/help.h"

#include <stdio.h>
#include <string.h>

/* Of a terminal. */
#define WIDTH 80
/* Of the second line of a usage. */
#define INDENT 18

const cli_help_text_t cli_help_text = {
    .title = "manage the API keys of mod_uptime_keys",
    .usage = "[-c FILE | --driver NAME --params STRING] COMMAND ...",
    .options =
        "  -c FILE           take DBDriver, DBDParams, UptimeKeysScope and "
        "the\n"
        "                    limits (UptimeKeysMaxPerTeam, "
        "UptimeKeysMaxLifetime,\n"
        "                    ...) from this httpd configuration file; Include "
        "lines\n"
        "                    in it are not followed\n"
        "  --driver NAME     the name for DBDriver, for example sqlite3\n"
        "  --params STRING   the value for DBDParams; for sqlite3 the file's "
        "name.\n"
        "                    Other users can see it while the command runs: "
        "with\n"
        "                    a password in it better use -c\n"
        "  --timeout SECONDS  how long the database may take for all of a "
        "command,\n"
        "                    30 seconds if not given, and no limit for an "
        "import.\n"
        "                    After that the command ends, with exit status 1. "
        "A\n"
        "                    write that was under way then has happened or "
        "has\n"
        "                    not, and never by half\n"
        "  -h, --help        the help of a command, or of all\n"
        "  --version         the version of this tool\n",
    .files = "Without -c and --driver, the first of these files that exists:\n",
    .exits =
        "  0  done\n"
        "  1  refused or failed; a line on standard error says what to do\n"
        "  2  not a command that this tool knows\n"
        "  3  key list found such keys, or key test-address an address that "
        "is\n"
        "     refused\n",
    .example =
        "  uptime-keys --driver sqlite3 --params /var/lib/uptime/keys.db init\n"
        "  uptime-keys --driver sqlite3 --params /var/lib/uptime/keys.db \\\n"
        "      team create acme --owner olga\n"
        "  uptime-keys --driver sqlite3 --params /var/lib/uptime/keys.db \\\n"
        "      key create acme --name 'Build server' --scope monitors:read\n",
};

void cli_help_all(void)
{
    const cli_help_text_t *text = &cli_help_text;
    const char *const *file;
    const cli_command_t *command;

    printf("uptime-keys - %s\n\nUsage:\n  uptime-keys %s\n\n", text->title,
           text->usage);
    printf("Options of every command:\n%s\n%s", text->options, text->files);
    for (file = cli_default_config_paths; *file; file++) {
        printf("  %s\n", *file);
    }
    puts("\nCommands:");
    for (command = cli_commands; command->name; command++) {
        printf("  %-18s%s\n", command->name, command->summary);
    }
    printf("\nExit status:\n%s\nA first key:\n%s", text->exits, text->example);
}

/* Broken into lines before brackets. */
static void print_usage(const cli_command_t *command)
{
    const char *rest = command->usage;
    int column = printf("Usage: uptime-keys %s", command->name);

    while (*rest) {
        const char *bracket = strstr(rest, " [");
        int len = bracket ? (int)(bracket - rest) : (int)strlen(rest);

        if (column + 1 + len > WIDTH) {
            column = printf("\n%*s", INDENT, "") - 1;
        }
        column += printf(" %.*s", len, rest);
        rest += len + (bracket != NULL);
    }
}

void cli_help(const cli_command_t *command)
{
    print_usage(command);
    printf("\n\n%s.\n\n%s", command->summary, command->help);
}

void cli_help_group(const char *words)
{
    const cli_command_t *command;
    const char *gap = "";

    for (command = cli_commands; command->name; command++) {
        if (strncmp(command->name, words, strlen(words)) == 0) {
            fputs(gap, stdout);
            cli_help(command);
            gap = "\n";
        }
    }
}
