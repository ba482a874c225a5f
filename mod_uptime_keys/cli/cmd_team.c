/* SPDX-License-Identifier: Apache-2.0 */
/* uptime-keys team. */
#include <stdio.h>

#include "core/key_spec.h"
#include "core/json.h"
#include "store/revoke.h"
#include "store/teams.h"
#include "cli/commands.h"
#include "cli/terminal.h"

/* NULL, or what is wrong with a spec for a team. */
static const char *validate_team(const uk_team_t *team, const char *owner)
{
    if (!uk_team_id_is_valid(team->id)) {
        return "a team's ID has 1 to 63 lower-case letters, digits, hyphens "
               "and underscores, and begins with a letter or digit, like acme";
    }
    if (!uk_key_name_is_valid(team->name)) {
        return "a team's name has 1 to 255 characters and no control "
               "characters";
    }
    if (owner && !uk_key_name_is_valid(owner)) {
        return "a user's name has 1 to 255 characters and no control "
               "characters";
    }
    return NULL;
}

cli_status_e cli_team_create(cli_t *cli)
{
    const char *name = cli_value(cli, CLI_NAME);
    const char *owner = cli_value(cli, CLI_OWNER);
    const uk_team_t team = {cli->args[0], name ? name : cli->args[0],
                            cli->actor.now};
    const char *problem = validate_team(&team, owner);

    if (problem) {
        return cli_fail(cli->pool, "%s", problem);
    }
    switch (uk_store_team_create(&cli->db, &cli->actor, &team, owner)) {
    case UK_OK:
        return CLI_DONE;
    case UK_EXISTS:
        return cli_fail(cli->pool, "there is a team %s already; see: %s",
                        team.id, cli_format_command(cli, "team list"));
    default:
        return cli_unavailable(cli);
    }
}

static void print_teams(cli_t *cli, const apr_array_header_t *teams)
{
    static const cli_column_t columns[] = {{"TEAM", 0}, {"NAME", 0}};
    apr_array_header_t *rows =
        apr_array_make(cli->pool, teams->nelts, sizeof(char **));
    int i;

    for (i = 0; i < teams->nelts; i++) {
        const uk_team_t *team = APR_ARRAY_IDX(teams, i, const uk_team_t *);
        const char **cells = apr_palloc(cli->pool, sizeof(*cells) * 2);

        cells[0] = team->id;
        cells[1] = team->name;
        APR_ARRAY_PUSH(rows, const char **) = cells;
    }
    cli_terminal_table(cli->pool, columns, 2, rows);
}

cli_status_e cli_team_list(cli_t *cli)
{
    apr_array_header_t *teams;

    if (uk_store_teams(&cli->db, &teams) != UK_OK) {
        return cli_unavailable(cli);
    }
    if (cli_given(cli, CLI_JSON)) {
        puts(uk_json_write_teams(cli->pool, teams));
    }
    else if (teams->nelts == 0) {
        printf("There are no teams yet. Make one with: %s\n",
               cli_format_command(cli, "team create ID"));
    }
    else {
        print_teams(cli, teams);
    }
    return CLI_DONE;
}

cli_status_e cli_team_delete(cli_t *cli)
{
    switch (uk_revoke_team(&cli->db, &cli->actor, &uk_own_cache_none,
                           cli->args[0])) {
    case UK_OK:
        return CLI_DONE;
    case UK_NOT_FOUND:
        return cli_fail(cli->pool, "there is no team %s; see: %s", cli->args[0],
                        cli_format_command(cli, "team list"));
    default:
        return cli_unavailable(cli);
    }
}
