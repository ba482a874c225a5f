/* SPDX-License-Identifier: Apache-2.0 */
/* The help texts. */
#include "cli/help.h"

#include <stdio.h>
#include <string.h>

static const char introduction[] =
    "uptime-keys - manage the API keys of mod_uptime_keys\n"
    "\n"
    "Usage:\n"
    "  uptime-keys [-c FILE | --driver NAME --params STRING] COMMAND ...\n"
    "\n"
    "Where the database is:\n"
    "  -c FILE           take DBDriver, DBDParams, UptimeKeysScope and\n"
    "                    UptimeKeysMaxPerTeam from this httpd configuration\n"
    "                    file; Include lines in it are not followed\n"
    "  --driver NAME     the name for DBDriver: sqlite3, pgsql, mysql, odbc\n"
    "  --params STRING   the text for DBDParams; for sqlite3 the file's name.\n"
    "                    Other users can see it while the command runs: with\n"
    "                    a password in it better use -c\n"
    "  Without any of these: the first that exists of\n"
    "                    /etc/apache2/mods-enabled/uptime_keys.conf and\n"
    "                    /etc/httpd/conf.d/uptime_keys.conf\n"
    "\n"
    "Commands:\n";

static const char conclusion[] =
    "\n"
    "  uptime-keys COMMAND --help   everything about one command\n"
    "  uptime-keys --version\n"
    "\n"
    "Exit status: 0 done, 1 refused or failed (a line on standard error says\n"
    "what to do), 2 not a command that this tool knows.\n"
    "\n"
    "A first key:\n"
    "  uptime-keys --driver sqlite3 --params /var/lib/uptime/keys.db init\n"
    "  uptime-keys --driver sqlite3 --params /var/lib/uptime/keys.db \\\n"
    "      team create acme --owner olga\n"
    "  uptime-keys --driver sqlite3 --params /var/lib/uptime/keys.db \\\n"
    "      key create acme --name 'Build server' --scope monitors:read\n";

void cli_help_all(void)
{
    const cli_command_t *command;

    fputs(introduction, stdout);
    for (command = cli_commands; command->name; command++) {
        printf("  %-16s%s\n", command->name, command->summary);
    }
    fputs(conclusion, stdout);
}

void cli_help(const cli_command_t *command)
{
    printf("Usage: uptime-keys %s%s%s\n\n%s.\n\n%s", command->name,
           *command->usage ? " " : "", command->usage, command->summary,
           command->help);
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
