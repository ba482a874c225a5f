/* SPDX-License-Identifier: Apache-2.0 */
/* The table of commands and their help. */
#include "cli/commands.h"

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
     0, 0, CLI_BIT(CLI_DRY_RUN), 0, CLI_NEEDS_DATABASE, cli_init},
    {"check", "", "See whether everything is as httpd needs it",
     "Looks at the connection, the tables, and settings of the database that\n"
     "cause trouble. One line each: \"ok ...\" on standard output, or\n"
     "what to do on standard error; then the exit status is 1. Run it as\n"
     "httpd's user.\n"
     "\n"
     "Example:\n"
     "  sudo -u www-data uptime-keys -c /etc/apache2/uptime.conf check\n",
     0, 0, 0, 0, CLI_NEEDS_DATABASE, cli_check},
    {"team create", "ID [--name N] [--owner USER]", "Make a team",
     "  ID            a short lower-case name, like acme\n"
     "  --name N      a name to display; the ID if not given\n"
     "  --owner USER  who manages its keys, as httpd knows the user\n"
     "\n"
     "Example:\n"
     "  uptime-keys team create acme --name 'Acme Ltd.' --owner olga\n",
     1, 1, CLI_BIT(CLI_NAME) | CLI_BIT(CLI_OWNER), 0, CLI_NEEDS_TABLES,
     cli_team_create},
    {"team list", "[--json]", "List the teams",
     "  --json  as an array of {id, name, createdAt}; times are milliseconds\n"
     "          since 1970\n"
     "\n"
     "Example:\n"
     "  uptime-keys team list\n",
     0, 0, CLI_BIT(CLI_JSON), 0, CLI_NEEDS_TABLES, cli_team_list},
    {"team delete", "ID", "Delete a team with its members and all its keys",
     "The keys stop working. There is no way back.\n"
     "\n"
     "Example:\n"
     "  uptime-keys team delete acme\n",
     1, 1, 0, 0, CLI_NEEDS_TABLES, cli_team_delete},
    {"member set", "TEAM USER ROLE", "Give a user a role in a team",
     "  USER  as httpd knows the user (REMOTE_USER)\n"
     "  ROLE  owner   manages the team's keys; a team has at most one\n"
     "        admin   manages the team's keys\n"
     "        member  belongs to the team, and manages nothing\n"
     "\n"
     "Example:\n"
     "  uptime-keys member set acme adam admin\n",
     3, 3, 0, 0, CLI_NEEDS_TABLES, cli_member_set},
    {"member remove", "TEAM USER", "Remove a user from a team",
     "Keys that the user made stay.\n"
     "\n"
     "Example:\n"
     "  uptime-keys member remove acme adam\n",
     2, 2, 0, 0, CLI_NEEDS_TABLES, cli_member_remove},
    {"member list", "TEAM [--json]", "List the members of a team",
     "  --json  as an array of {user, role}\n"
     "\n"
     "Example:\n"
     "  uptime-keys member list acme\n",
     1, 1, CLI_BIT(CLI_JSON), 0, CLI_NEEDS_TABLES, cli_member_list},
    {"key create",
     "TEAM --name N --scope S... [--expires WHEN] [--address CIDR...]",
     "Make a key and print it",
     "The key is all that is printed on standard output, and this is the only\n"
     "time that anybody sees it.\n"
     "\n"
     "  --name N           a name that says what it is for\n"
     "  --scope S...       what it may do; one or more, see: uptime-keys scope "
     "list\n"
     "  --expires WHEN     when it stops working: a date like 2030-12-31, "
     "which\n"
     "                     means the end of that day in UTC (23:59:59.999), "
     "an\n"
     "                     instant like 2030-12-31T18:00:00+01:00, or days "
     "from\n"
     "                     now like +90d (the end of that day, too). If not "
     "given:\n"
     "                     UptimeKeysDefaultLifetime of the file of -c, or "
     "never\n"
     "  --address CIDR...  where it may be used from; at most 50 networks or\n"
     "                     addresses, like 192.0.2.0/24 or 2001:db8::7. If "
     "not\n"
     "                     given: from anywhere\n"
     "\n"
     "Example:\n"
     "  KEY=$(uptime-keys key create acme --name 'Build server' \\\n"
     "      --scope monitors:read monitors:write --expires +90d)\n",
     1, 1,
     CLI_BIT(CLI_NAME) | CLI_BIT(CLI_SCOPE) | CLI_BIT(CLI_EXPIRES)
         | CLI_BIT(CLI_ADDRESS),
     CLI_BIT(CLI_NAME) | CLI_BIT(CLI_SCOPE), CLI_NEEDS_TABLES, cli_key_create},
    {"key list", "[TEAM] [--expiring IN | --unused FOR | --disabled] [--json]",
     "List the keys of a team, newest first",
     "  --expiring IN  only keys that have expired or will within a time like "
     "14d\n"
     "  --unused FOR   only keys of which no secret was used for a time like "
     "90d;\n"
     "                 one that was never used counts from its creation\n"
     "  --disabled     only keys that are disabled\n"
     "  --json         as an array of {id, name, scopes, createdAt, "
     "lastUsedAt,\n"
     "                 expiresAt, keyPrefix}, and where they have a value\n"
     "                 addresses, disabledAt, disabledReason, previous; times "
     "are\n"
     "                 milliseconds since 1970, or null\n"
     "\n"
     "With one of the first three TEAM may be left out: then all teams are "
     "looked\n"
     "at, and their keys are shown with the team. If there are such keys, the "
     "exit\n"
     "status is 3; if there are none, it is 0 and nothing is printed, so that "
     "cron\n"
     "sends a mail only if there is something to do.\n"
     "\n"
     "Example:\n"
     "  uptime-keys key list acme --json | jq '.[] | .name'\n"
     "  uptime-keys key list --expiring 14d\n",
     0, 1,
     CLI_BIT(CLI_JSON) | CLI_BIT(CLI_EXPIRING) | CLI_BIT(CLI_UNUSED)
         | CLI_BIT(CLI_DISABLED),
     0, CLI_NEEDS_TABLES, cli_key_list},
    {"key edit",
     "ID [--name N] [--scope S...] [--expires WHEN] [--address CIDR...]",
     "Change a key, which keeps its secret",
     "At least one of:\n"
     "\n"
     "  --name N           another name\n"
     "  --scope S...       what it may do from now on: these and no others\n"
     "  --expires WHEN     as for key create, or never\n"
     "  --address CIDR...  where it may be used from: these and no others; or "
     "any\n"
     "\n"
     "What is not given stays as it is. When this ends, the change holds on "
     "every\n"
     "server. A key that has expired works again if its expiry lies ahead "
     "again.\n"
     "\n"
     "Example:\n"
     "  uptime-keys key edit key_01h455vb4pex5vsknk084sn02q --expires +30d \\\n"
     "      --address 192.0.2.0/24 2001:db8::/32\n",
     1, 1,
     CLI_BIT(CLI_NAME) | CLI_BIT(CLI_SCOPE) | CLI_BIT(CLI_EXPIRES)
         | CLI_BIT(CLI_ADDRESS),
     0, CLI_NEEDS_TABLES, cli_key_edit},
    {"key disable", "ID", "Make a key stop working until it is enabled",
     "It still counts in the limit of its team. When this ends, no server "
     "accepts\n"
     "the key.\n"
     "\n"
     "Example:\n"
     "  uptime-keys key disable key_01h455vb4pex5vsknk084sn02q\n",
     1, 1, 0, 0, CLI_NEEDS_TABLES, cli_key_disable},
    {"key enable", "ID", "Make a disabled key work again",
     "A key that leaked is not enabled again: rotate it.\n"
     "\n"
     "Example:\n"
     "  uptime-keys key enable key_01h455vb4pex5vsknk084sn02q\n",
     1, 1, 0, 0, CLI_NEEDS_TABLES, cli_key_enable},
    {"key rotate", "ID [--overlap TIME] [--if-prefix P]",
     "Give a key a new secret and print it",
     "The new secret is all that is printed on standard output, and this is "
     "the\n"
     "only time that anybody sees it. ID, name, scopes and expiry of the key "
     "stay.\n"
     "\n"
     "  --overlap TIME  how long the old secret goes on, until the key expires "
     "at\n"
     "                  the latest: 0, 90s, 30m, 24h, 7d; at most 30d. If not\n"
     "                  given: UptimeKeysRotateOverlap of the file of -c, or "
     "24h\n"
     "  --if-prefix P   only if the key begins with P (15 characters, as key "
     "list\n"
     "                  shows them), so that a script that runs twice rotates "
     "once\n"
     "\n"
     "A key has two secrets at most: the one before the old one ends at once. "
     "The\n"
     "old secret of a key that leaked ends at once, too, and the key is "
     "enabled.\n"
     "\n"
     "Example:\n"
     "  KEY=$(uptime-keys key rotate key_01h455vb4pex5vsknk084sn02q --overlap "
     "7d)\n",
     1, 1, CLI_BIT(CLI_OVERLAP) | CLI_BIT(CLI_IF_PREFIX), 0, CLI_NEEDS_TABLES,
     cli_key_rotate},
    {"key delete", "ID", "Delete a key, which then stops working",
     "ID is what \"uptime-keys key list\" shows, not the key itself.\n"
     "\n"
     "Example:\n"
     "  uptime-keys key delete key_01h455vb4pex5vsknk084sn02q\n",
     1, 1, 0, 0, CLI_NEEDS_TABLES, cli_key_delete},
    {"key test-address", "ID ADDRESS",
     "See whether a key may be used from an address",
     "One line says so, and why. Exit status: 0 allowed, 3 refused. A key that "
     "has\n"
     "no addresses may be used from anywhere.\n"
     "\n"
     "Example:\n"
     "  uptime-keys key test-address key_01h455vb4pex5vsknk084sn02q "
     "192.0.2.7\n",
     2, 2, 0, 0, CLI_NEEDS_TABLES, cli_key_test_address},
    {"key leaked", "FILE [--dry-run] [--json]",
     "End the keys that stand in a text",
     "  FILE       any text or other file: a paste, a diff, a log; - for "
     "standard\n"
     "             input\n"
     "  --dry-run  only say what was found, and change nothing\n"
     "  --json     as an array of {keyPrefix, id, team, isPrevious, "
     "wasActive}; id\n"
     "             and team are null if it is no key of this database\n"
     "\n"
     "Keys are found wherever they stand, by their form and their checksum; "
     "also\n"
     "without a checksum if UptimeKeysRequireChecksum is Off in the file of "
     "-c. Each\n"
     "is shown by its prefix and ID. When this ends, no server accepts it: the "
     "key\n"
     "is disabled, and can be rotated or deleted; if it was the old secret of "
     "a key\n"
     "that was rotated, that secret alone ends.\n"
     "\n"
     "Example:\n"
     "  git log -p --all | uptime-keys key leaked -\n",
     1, 1, CLI_BIT(CLI_DRY_RUN) | CLI_BIT(CLI_JSON), 0, CLI_NEEDS_TABLES,
     cli_key_leaked},
    {"key import", "FILE [--over-limit] [--over-lifetime] [--dry-run]",
     "Take over keys from elsewhere",
     "  FILE             a JSON object a line; - for standard input\n"
     "  --over-limit     also more keys a team than the limit allows\n"
     "  --over-lifetime  also keys that live longer than UptimeKeysMaxLifetime "
     "of\n"
     "                   the file of -c allows\n"
     "  --dry-run        only say which lines would be added or refused, and "
     "change\n"
     "                   nothing; the exit status is the same\n"
     "\n"
     "A line has \"team\" (made if it is missing), \"name\", \"scopes\",\n"
     "\"keyHash\" (the SHA-256 of the whole key, 64 hexadecimal digits),\n"
     "\"keyPrefix\" (the first 15 characters of the key), and maybe\n"
     "\"createdAt\", \"expiresAt\", \"lastUsedAt\" (milliseconds since 1970,\n"
     "or null), \"id\", and \"addresses\", \"disabledAt\", \"disabledReason\" "
     "as key\n"
     "list --json shows them. Bad lines are reported and left out; the others\n"
     "go in. A key that is there already stays as it is: an import that was\n"
     "interrupted can simply be run again. A terminal shows how far it is.\n"
     "\n"
     "Example:\n"
     "  uptime-keys key import keys.jsonl\n",
     1, 1,
     CLI_BIT(CLI_OVER_LIMIT) | CLI_BIT(CLI_OVER_LIFETIME)
         | CLI_BIT(CLI_DRY_RUN),
     0, CLI_NEEDS_TABLES, cli_key_import},
    {"scope list", "[--json]", "List the scopes that keys can have",
     "With -c this includes those that UptimeKeysScope adds. It needs no\n"
     "database.\n"
     "\n"
     "  --json  as an array of {name, group, description}\n"
     "\n"
     "Example:\n"
     "  uptime-keys scope list\n",
     0, 0, CLI_BIT(CLI_JSON), 0, CLI_NEEDS_NOTHING, cli_scope_list},
    {"audit list",
     "[TEAM] [--key ID] [--since WHEN] [--until WHEN] [--actor A] [--action "
     "A] [--format F]",
     "List who did what, newest first",
     "Without TEAM the events of all teams are listed, with their team.\n"
     "\n"
     "  --key ID      only what was done to a key, also if it is deleted\n"
     "  --since WHEN  only from then on: a date like 2026-11-23, an instant "
     "like\n"
     "                2026-11-23T06:15:00Z, milliseconds since 1970, or a time "
     "like\n"
     "                90d, which is so long ago\n"
     "  --until WHEN  only until then; a date is the end of that day (UTC)\n"
     "  --actor A     only what was done by a user, by a key (its ID), or with "
     "this\n"
     "                tool (cli:USER)\n"
     "  --action A    only key.create, key.import, key.change, key.disable,\n"
     "                key.enable, key.rotate, key.leak, key.delete, "
     "team.create,\n"
     "                team.delete, member.set, member.remove or audit.prune\n"
     "  --format F    table; json, an array of {id, at, action, actor, source, "
     "keyId,\n"
     "                keyName, keyPrefix, detail}, where at is milliseconds "
     "since\n"
     "                1970; or csv (RFC 4180), whose cells no spreadsheet "
     "takes "
     "for\n"
     "                formulas: one that begins with =, +, -, @, a tab or CR "
     "gets an\n"
     "                apostrophe in front\n"
     "\n"
     "However many events there are, they are printed as they are read.\n"
     "\n"
     "Example:\n"
     "  uptime-keys audit list acme --since 30d --action key.delete\n"
     "  uptime-keys audit list --format csv > events.csv\n",
     0, 1,
     CLI_BIT(CLI_KEY) | CLI_BIT(CLI_SINCE) | CLI_BIT(CLI_UNTIL)
         | CLI_BIT(CLI_ACTOR) | CLI_BIT(CLI_ACTION) | CLI_BIT(CLI_FORMAT),
     0, CLI_NEEDS_TABLES, cli_audit_list},
    {"audit prune", "--before WHEN [--dry-run]", "Remove old events",
     "  --before WHEN  all from before: a date, an instant, or a time like "
     "365d,\n"
     "                 which is so long ago\n"
     "  --dry-run      only say how many, and change nothing\n"
     "\n"
     "One event of each key stays, however old it is, also if the key is "
     "deleted:\n"
     "by it a form that is sent twice is known. Events go in batches of a "
     "thousand\n"
     "rows, and whoever writes meanwhile waits for one of them at most. That "
     "events\n"
     "were removed, and how many, is an event of its own.\n"
     "\n"
     "Example:\n"
     "  uptime-keys audit prune --before 730d\n",
     0, 0, CLI_BIT(CLI_BEFORE) | CLI_BIT(CLI_DRY_RUN), CLI_BIT(CLI_BEFORE),
     CLI_NEEDS_TABLES, cli_audit_prune},
    {0},
};

const char *cli_value(const cli_t *cli, cli_option_e option)
{
    return cli->options->value[option];
}

const apr_array_header_t *cli_list(const cli_t *cli, cli_option_e option)
{
    return cli->options->list[option];
}

int cli_given(const cli_t *cli, cli_option_e option)
{
    return (cli->options->given & CLI_BIT(option)) != 0;
}
