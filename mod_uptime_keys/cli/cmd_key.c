/* SPDX-License-Identifier: Apache-2.0 */
/* uptime-keys key list, key delete. */
#include <apr_strings.h>
#include <stdio.h>
#include <string.h>

#include "core/json.h"
#include "core/keyid.h"
#include "core/token.h"
#include "store/revoke.h"
#include "store/teams.h"
#include "cli/commands.h"
#include "cli/terminal.h"

/* The width of a key's name; --json prints longer ones in full. */
#define NAME_WIDTH 40

static const char *time_of(apr_pool_t *pool, uk_instant_t instant,
                           const char *none)
{
    char text[UK_INSTANT_STRING_LEN + 1];

    if (instant == UK_INSTANT_NONE) {
        return none;
    }
    uk_instant_format(instant - instant % 1000, text);
    return *text ? apr_pstrdup(pool, text)
                 : apr_psprintf(pool, "%" APR_INT64_T_FMT " ms", instant);
}

static const char *id_cell(const cli_t *cli, const uk_key_t *key)
{
    (void)cli;
    return key->id;
}

static const char *prefix_cell(const cli_t *cli, const uk_key_t *key)
{
    (void)cli;
    return key->prefix;
}

static const char *name_cell(const cli_t *cli, const uk_key_t *key)
{
    (void)cli;
    return key->name;
}

static const char *last_used_cell(const cli_t *cli, const uk_key_t *key)
{
    return time_of(cli->pool, key->last_used_at, "never");
}

static const char *expires_cell(const cli_t *cli, const uk_key_t *key)
{
    const char *expires = time_of(cli->pool, key->expires_at, "never");

    return uk_instant_is_over(key->expires_at, cli->actor.now)
               ? apr_pstrcat(cli->pool, expires, " EXPIRED", NULL)
               : expires;
}

static const char *scopes_cell(const cli_t *cli, const uk_key_t *key)
{
    return apr_array_pstrcat(cli->pool, key->scopes, ' ');
}

/* The columns; the last one can be of any width. */
/* clang-format off */
static const struct {
    cli_column_t column;
    const char *(*cell)(const cli_t *cli, const uk_key_t *key);
} key_columns[] = {
    {{"ID", 0}, id_cell},
    {{"PREFIX", 0}, prefix_cell},
    {{"NAME", NAME_WIDTH}, name_cell},
    {{"LAST USED", 0}, last_used_cell},
    {{"EXPIRES", 0}, expires_cell},
    {{"SCOPES", 0}, scopes_cell},
};
/* clang-format on */

#define KEY_COLUMN_COUNT ((int)(sizeof(key_columns) / sizeof(key_columns[0])))

static const char **cells_of(const cli_t *cli, const uk_key_t *key)
{
    const char **cells =
        apr_palloc(cli->pool, sizeof(*cells) * KEY_COLUMN_COUNT);
    int i;

    for (i = 0; i < KEY_COLUMN_COUNT; i++) {
        cells[i] = key_columns[i].cell(cli, key);
    }
    return cells;
}

static void print_keys(const cli_t *cli, const apr_array_header_t *keys)
{
    cli_column_t columns[KEY_COLUMN_COUNT];
    apr_array_header_t *rows =
        apr_array_make(cli->pool, keys->nelts, sizeof(char **));
    int i;

    for (i = 0; i < KEY_COLUMN_COUNT; i++) {
        columns[i] = key_columns[i].column;
    }
    for (i = 0; i < keys->nelts; i++) {
        APR_ARRAY_PUSH(rows, const char **) =
            cells_of(cli, APR_ARRAY_IDX(keys, i, const uk_key_t *));
    }
    cli_terminal_table(cli->pool, columns, KEY_COLUMN_COUNT, rows);
}

/* If there are no keys, reading the members tells whether there is a team. */
static uk_outcome_e find_keys(cli_t *cli, const char *team,
                              apr_array_header_t **keys)
{
    uk_outcome_e outcome = uk_store_keys_of_team(&cli->db, team, keys);
    apr_array_header_t *members;

    return outcome == UK_OK && (*keys)->nelts == 0
               ? uk_store_members(&cli->db, team, &members)
               : outcome;
}

cli_status_e cli_key_list(cli_t *cli)
{
    const char *team = cli->args[0];
    apr_array_header_t *keys;
    uk_outcome_e outcome = find_keys(cli, team, &keys);

    if (outcome == UK_NOT_FOUND) {
        return cli_no_team(cli, team);
    }
    if (outcome != UK_OK) {
        return cli_unavailable(cli);
    }
    if (cli_given(cli, CLI_JSON)) {
        puts(uk_json_write_keys(cli->pool, keys, cli->actor.now));
    }
    else if (keys->nelts == 0) {
        printf("Team %s has no keys yet. Make one with: %s\n", team,
               cli_format_command(cli, apr_psprintf(cli->pool,
                                                    "key create %s --name N "
                                                    "--scope S",
                                                    team)));
    }
    else {
        print_keys(cli, keys);
    }
    return CLI_DONE;
}

cli_status_e cli_key_delete(cli_t *cli)
{
    const char *id = cli->args[0];

    if (strncmp(id, UK_TOKEN_SCHEME, UK_TOKEN_SCHEME_LEN) == 0) {
        return cli_fail(cli->pool,
                        "this takes the id of a key, not the key; "
                        "look for %s in: %s",
                        id, cli_format_command(cli, "key list TEAM"));
    }
    if (!uk_keyid_is_valid(id)) {
        return cli_fail(cli->pool, "%s is not the id of a key; see: %s", id,
                        cli_format_command(cli, "key list TEAM"));
    }
    switch (
        uk_revoke_key(&cli->db, &cli->actor, &uk_own_cache_none, NULL, id)) {
    case UK_OK:
        return CLI_DONE;
    case UK_NOT_FOUND:
        return cli_fail(cli->pool, "there is no key %s; see: %s", id,
                        cli_format_command(cli, "key list TEAM"));
    default:
        return cli_unavailable(cli);
    }
}
