/* SPDX-License-Identifier: Apache-2.0 */
/* The table of commands and their help. */
#include "cli/commands.h"

#include <stdio.h>
#include <string.h>

const cli_command_t cli_commands[] = {
    {"init", "[--dry-run]", "Create the tables, or bring them up to date",
     "  --dry-run  say what this would do, and change nothing\n"
     "\n"
     "Run again it completes what is missing and leaves the rest alone.\n"
     "Older tables are brought up to date step by step, with all that is in\n"
     "them; an init that was interrupted can simply be run again.\n"
     "\n"
     "For sqlite3 it also makes the file, which others than its owner and\n"
     "group cannot read (your umask may say less). httpd's user must be able\n"
     "to write both the file and its folder, because SQLite keeps two more\n"
     "files beside it (-wal and -shm). So give that folder to httpd's user;\n"
     "if root runs this, the file goes to the owner of the folder.\n"
     "\n"
     "Example:\n"
     "  install -d -o www-data -g www-data -m 750 /var/lib/uptime\n"
     "  uptime-keys --driver sqlite3 --params /var/lib/uptime/keys.db init\n",
     0, CLI_BIT(CLI_DRY_RUN), 0, CLI_NEEDS_DATABASE, cli_init},
    {"check", "", "See whether everything is as httpd needs it",
     "Looks at the connection, the tables, and settings of the database that\n"
     "cause trouble. One line each: \"ok ...\" on standard output, or\n"
     "what to do on standard error; then the exit status is 1. Run it as\n"
     "httpd's user.\n"
     "\n"
     "Example:\n"
     "  sudo -u www-data uptime-keys -c /etc/apache2/uptime.conf check\n",
     0, 0, 0, CLI_NEEDS_DATABASE, cli_check},
    {"team create", "ID [--name N] [--owner USER]", "Make a team",
     "  ID            a short lower-case name, like acme\n"
     "  --name N      a name to display; the ID if not given\n"
     "  --owner USER  who manages its keys, as httpd knows the user\n"
     "\n"
     "Example:\n"
     "  uptime-keys team create acme --name 'Acme Ltd.' --owner olga\n",
     1, CLI_BIT(CLI_NAME) | CLI_BIT(CLI_OWNER), 0, CLI_NEEDS_TABLES,
     cli_team_create},
    {"team list", "[--json]", "List the teams",
     "  --json  as an array of {id, name, createdAt}; times are milliseconds\n"
     "          since 1970\n"
     "\n"
     "Example:\n"
     "  uptime-keys team list\n",
     0, CLI_BIT(CLI_JSON), 0, CLI_NEEDS_TABLES, cli_team_list},
    {"team delete", "ID", "Delete a team with its members and all its keys",
     "The keys stop working. There is no way back.\n"
     "\n"
     "Example:\n"
     "  uptime-keys team delete acme\n",
     1, 0, 0, CLI_NEEDS_TABLES, cli_team_delete},
    {"member set", "TEAM USER ROLE", "Give a user a role in a team",
     "  USER  as httpd knows the user (REMOTE_USER)\n"
     "  ROLE  owner   manages the team's keys; a team has at most one\n"
     "        admin   manages the team's keys\n"
     "        member  belongs to the team, and manages nothing\n"
     "\n"
     "Example:\n"
     "  uptime-keys member set acme adam admin\n",
     3, 0, 0, CLI_NEEDS_TABLES, cli_member_set},
    {"member remove", "TEAM USER", "Remove a user from a team",
     "Keys that the user made stay.\n"
     "\n"
     "Example:\n"
     "  uptime-keys member remove acme adam\n",
     2, 0, 0, CLI_NEEDS_TABLES, cli_member_remove},
    {"member list", "TEAM [--json]", "List the members of a team",
     "  --json  as an array of {user, role}\n"
     "\n"
     "Example:\n"
     "  uptime-keys member list acme\n",
     1, CLI_BIT(CLI_JSON), 0, CLI_NEEDS_TABLES, cli_member_list},
    {"key create", "TEAM --name N --scope S... [--expires WHEN]",
     "Make a key and print it",
     "The key is all that is printed on standard output, and this is the only\n"
     "time that anybody sees it.\n"
     "\n"
     "  --name N        a name that says what it is for\n"
     "  --scope S...    what it may do; one or more, see: uptime-keys scope "
     "list\n"
     "  --expires WHEN  when it stops working: a date like 2030-12-31, which\n"
     "                  means the end of that day in UTC (23:59:59.999), or\n"
     "                  an instant like 2030-12-31T18:00:00+01:00\n"
     "\n"
     "Example:\n"
     "  KEY=$(uptime-keys key create acme --name 'Build server' \\\n"
     "      --scope monitors:read monitors:write --expires 2030-12-31)\n",
     1, CLI_BIT(CLI_NAME) | CLI_BIT(CLI_SCOPE) | CLI_BIT(CLI_EXPIRES),
     CLI_BIT(CLI_NAME) | CLI_BIT(CLI_SCOPE), CLI_NEEDS_TABLES, cli_key_create},
    {"key list", "TEAM [--json]", "List the keys of a team, newest first",
     "  --json  as an array of {id, name, scopes, createdAt, lastUsedAt,\n"
     "          expiresAt, keyPrefix}; times are milliseconds since 1970, or\n"
     "          null\n"
     "\n"
     "Example:\n"
     "  uptime-keys key list acme --json | jq '.[] | .name'\n",
     1, CLI_BIT(CLI_JSON), 0, CLI_NEEDS_TABLES, cli_key_list},
    {"key delete", "ID", "Delete a key, which then stops working",
     "ID is what \"uptime-keys key list\" shows, not the key itself.\n"
     "\n"
     "Example:\n"
     "  uptime-keys key delete key_01h455vb4pex5vsknk084sn02q\n",
     1, 0, 0, CLI_NEEDS_TABLES, cli_key_delete},
    {"key import", "FILE [--over-limit]", "Take over keys from elsewhere",
     "  FILE          a JSON object a line; - for standard input\n"
     "  --over-limit  also more keys a team than the limit allows\n"
     "\n"
     "A line has \"team\" (made if it is missing), \"name\", \"scopes\",\n"
     "\"keyHash\" (the SHA-256 of the whole key, 64 hexadecimal digits),\n"
     "\"keyPrefix\" (the first 15 characters of the key), and maybe\n"
     "\"createdAt\", \"expiresAt\", \"lastUsedAt\" (milliseconds since 1970,\n"
     "or null) and \"id\". Bad lines are reported and left out; the others\n"
     "go in. A key that is there already stays as it is: an import that was\n"
     "interrupted can simply be run again.\n"
     "\n"
     "Example:\n"
     "  uptime-keys key import keys.jsonl\n",
     1, CLI_BIT(CLI_OVER_LIMIT), 0, CLI_NEEDS_TABLES, cli_key_import},
    {"scope list", "[--json]", "List the scopes that keys can have",
     "With -c this includes those that UptimeKeysScope adds. It needs no\n"
     "database.\n"
     "\n"
     "  --json  as an array of {name, group, description}\n"
     "\n"
     "Example:\n"
     "  uptime-keys scope list\n",
     0, CLI_BIT(CLI_JSON), 0, CLI_NEEDS_NOTHING, cli_scope_list},
    {0},
};

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
    "  --driver NAME     the name for DBDriver, for example sqlite3\n"
    "  --params STRING   the value for DBDParams; for sqlite3 the file's "
    "name.\n"
    "                    Other users can see it while the command runs: with\n"
    "                    a password in it better use -c\n"
    "  Without any of these: the first that exists of\n"
    "                    /etc/apache2/mods-enabled/uptime_keys.conf and\n"
    "                    /etc/httpd/conf.d/uptime_keys.conf\n"
    "\n"
    "  --timeout SECONDS  how long the database may take for all of a "
    "command,\n"
    "                    30 seconds if not given, and no limit for an import.\n"
    "                    After that the command ends, with exit status 1. A\n"
    "                    write that was under way then has happened or has\n"
    "                    not, and never by half\n"
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

const char *cli_value(const cli_t *cli, cli_option_e option)
{
    return cli->options->value[option];
}

int cli_given(const cli_t *cli, cli_option_e option)
{
    return (cli->options->given & CLI_BIT(option)) != 0;
}
