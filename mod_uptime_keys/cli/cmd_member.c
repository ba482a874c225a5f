/* SPDX-License-Identifier: Apache-2.0 */
/* uptime-keys member. */
#include <apr_strings.h>
#include <stdio.h>

#include "core/key_spec.h"
#include "core/json.h"
#include "store/teams.h"
#include "cli/commands.h"
#include "cli/terminal.h"

static const char *owner_of(cli_t *cli, const char *team)
{
    apr_array_header_t *members;
    int i;

    if (uk_store_members(&cli->db, team, &members) != UK_OK) {
        return NULL;
    }
    for (i = 0; i < members->nelts; i++) {
        const uk_member_t *member =
            APR_ARRAY_IDX(members, i, const uk_member_t *);

        if (member->role == UK_ROLE_OWNER) {
            return member->user;
        }
    }
    return NULL;
}

static cli_status_e two_owners(cli_t *cli, const char *team)
{
    const char *owner = owner_of(cli, team);

    /* The team has changed in the meantime. */
    if (!owner) {
        return cli_fail(cli->pool,
                        "team %s is being changed by somebody "
                        "else; run this again",
                        team);
    }
    return cli_fail(cli->pool,
                    "team %s has the owner %s; make that user admin first: %s",
                    team, owner,
                    cli_format_command(
                        cli, apr_psprintf(cli->pool, "member set %s %s admin",
                                          team, owner)));
}

cli_status_e cli_member_set(cli_t *cli)
{
    const uk_member_t member = {cli->args[0], cli->args[1],
                                uk_role_parse(cli->args[2])};

    if (member.role == UK_ROLE_NONE) {
        return cli_fail(cli->pool,
                        "there is no role %s: use owner, admin "
                        "or member",
                        cli->args[2]);
    }
    if (!uk_key_name_is_valid(member.user)) {
        return cli_fail(cli->pool, "a user's name has 1 to 255 characters "
                                   "and no control characters");
    }
    switch (uk_store_member_set(&cli->db, &cli->actor, &member)) {
    case UK_OK:
        return CLI_DONE;
    case UK_NOT_FOUND:
        return cli_no_team(cli, member.team);
    case UK_EXISTS:
        return two_owners(cli, member.team);
    default:
        return cli_unavailable(cli);
    }
}

cli_status_e cli_member_remove(cli_t *cli)
{
    const char *team = cli->args[0], *user = cli->args[1];

    switch (uk_store_member_remove(&cli->db, &cli->actor, team, user)) {
    case UK_OK:
        return CLI_DONE;
    case UK_NOT_FOUND:
        return cli_fail(
            cli->pool,
            "there is no user %s in a team %s; see: "
            "%s",
            user, team,
            cli_format_command(
                cli, apr_pstrcat(cli->pool, "member list ", team, NULL)));
    default:
        return cli_unavailable(cli);
    }
}

static void print_members(cli_t *cli, const apr_array_header_t *members)
{
    static const cli_column_t columns[] = {{"ROLE", 0}, {"USER", 0}};
    apr_array_header_t *rows =
        apr_array_make(cli->pool, members->nelts, sizeof(char **));
    int i;

    for (i = 0; i < members->nelts; i++) {
        const uk_member_t *member =
            APR_ARRAY_IDX(members, i, const uk_member_t *);
        const char **cells = apr_palloc(cli->pool, sizeof(*cells) * 2);

        cells[0] = uk_role_name(member->role);
        cells[1] = member->user;
        APR_ARRAY_PUSH(rows, const char **) = cells;
    }
    cli_terminal_table(cli->pool, columns, 2, rows);
}

cli_status_e cli_member_list(cli_t *cli)
{
    const char *team = cli->args[0];
    apr_array_header_t *members;
    uk_outcome_e outcome = uk_store_members(&cli->db, team, &members);

    if (outcome == UK_NOT_FOUND) {
        return cli_no_team(cli, team);
    }
    if (outcome != UK_OK) {
        return cli_unavailable(cli);
    }
    if (cli_given(cli, CLI_JSON)) {
        puts(uk_json_write_members(cli->pool, members));
    }
    else if (members->nelts == 0) {
        printf("Team %s has no members yet. Add one with: %s\n", team,
               cli_format_command(
                   cli,
                   apr_psprintf(cli->pool, "member set %s USER owner", team)));
    }
    else {
        print_members(cli, members);
    }
    return CLI_DONE;
}
