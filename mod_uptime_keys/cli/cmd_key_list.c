/* SPDX-License-Identifier: Apache-2.0 */
/* uptime-keys key list. */
#include <apr_strings.h>
#include <stdio.h>
#include <string.h>

#include "core/json.h"
#include "core/lifetime.h"
#include "store/key_filter.h"
#include "store/keys.h"
#include "store/teams.h"
#include "cli/commands.h"
#include "cli/duration.h"
#include "cli/terminal.h"

/* The width of a key's name and of its addresses; --json prints longer ones in
 * full. */
#define WIDTH 40
/* Seconds of a duration. */
#define LONGEST (UK_LIFETIME_MAX * UK_DAY_MS / 1000)
#define FILTERS "--expiring, --unused, --disabled"

static const char *time_of(apr_pool_t *pool, uk_instant_t instant,
                           const char *none)
{
    return instant == UK_INSTANT_NONE ? none
                                      : cli_terminal_instant(pool, instant);
}

/* A column that is for some keys alone has NULL for the others. */

static const char *team_cell(const cli_t *cli, const uk_key_t *key)
{
    return cli->args[0] ? NULL : key->team;
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

static const char *disabled_cell(const cli_t *cli, const uk_key_t *key)
{
    if (key->disabled_at == UK_INSTANT_NONE) {
        return NULL;
    }
    return apr_pstrcat(cli->pool, time_of(cli->pool, key->disabled_at, ""),
                       uk_key_is_leaked(key) ? " LEAKED" : "", NULL);
}

static const char *old_secret_cell(const cli_t *cli, const uk_key_t *key)
{
    if (!uk_key_has_previous(key, cli->actor.now)) {
        return NULL;
    }
    return apr_pstrcat(
        cli->pool, key->previous_prefix, " until ",
        time_of(cli->pool, uk_key_previous_end(key), ""), ", last used ",
        time_of(cli->pool, key->previous_used_at, "never"), NULL);
}

static const char *addresses_cell(const cli_t *cli, const uk_key_t *key)
{
    return key->addresses ? apr_array_pstrcat(cli->pool, key->addresses, ' ')
                          : NULL;
}

static const char *scopes_cell(const cli_t *cli, const uk_key_t *key)
{
    return apr_array_pstrcat(cli->pool, key->scopes, ' ');
}

/* The last one can be of any width. */
/* clang-format off */
static const struct {
    cli_column_t column;
    const char *(*cell)(const cli_t *cli, const uk_key_t *key);
} key_columns[] = {
    {{"TEAM", 0}, team_cell},
    {{"ID", 0}, id_cell},
    {{"PREFIX", 0}, prefix_cell},
    {{"NAME", WIDTH}, name_cell},
    {{"LAST USED", 0}, last_used_cell},
    {{"EXPIRES", 0}, expires_cell},
    {{"DISABLED", 0}, disabled_cell},
    {{"OLD SECRET", 0}, old_secret_cell},
    {{"ADDRESSES", WIDTH}, addresses_cell},
    {{"SCOPES", 0}, scopes_cell},
};
/* clang-format on */

#define KEY_COLUMN_COUNT ((int)(sizeof(key_columns) / sizeof(key_columns[0])))

static const char *cell_of(const cli_t *cli, const apr_array_header_t *keys,
                           int row, int column)
{
    return key_columns[column].cell(cli,
                                    APR_ARRAY_IDX(keys, row, const uk_key_t *));
}

static int has_any_cell(const cli_t *cli, const apr_array_header_t *keys,
                        int column)
{
    int row = 0;

    while (row < keys->nelts && !cell_of(cli, keys, row, column)) {
        row++;
    }
    return row < keys->nelts;
}

/* Columns without any value are left out. @return how many there are */
static int choose_columns(const cli_t *cli, const apr_array_header_t *keys,
                          cli_column_t *columns, int *chosen)
{
    int column, count = 0;

    for (column = 0; column < KEY_COLUMN_COUNT; column++) {
        if (has_any_cell(cli, keys, column)) {
            columns[count] = key_columns[column].column;
            chosen[count++] = column;
        }
    }
    return count;
}

static void print_keys(const cli_t *cli, const apr_array_header_t *keys)
{
    cli_column_t columns[KEY_COLUMN_COUNT];
    int chosen[KEY_COLUMN_COUNT];
    int count = choose_columns(cli, keys, columns, chosen);
    apr_array_header_t *rows =
        apr_array_make(cli->pool, keys->nelts, sizeof(char **));
    int i, row;

    for (row = 0; row < keys->nelts; row++) {
        const char **cells =
            apr_palloc(cli->pool, sizeof(*cells) * KEY_COLUMN_COUNT);

        for (i = 0; i < count; i++) {
            const char *cell = cell_of(cli, keys, row, chosen[i]);

            cells[i] = cell ? cell : "-";
        }
        APR_ARRAY_PUSH(rows, const char **) = cells;
    }
    cli_terminal_table(cli->pool, columns, count, rows);
}

static void print_no_keys(const cli_t *cli)
{
    const char *team = cli->args[0];

    printf("Team %s has no keys yet. Make one with: %s\n", team,
           cli_format_command(cli, apr_psprintf(cli->pool,
                                                "key create %s --name N "
                                                "--scope S",
                                                team)));
}

/* Which keys are asked for. */
typedef struct {
    uk_key_filter_e filter;
    uk_instant_t at;
} choice_t;

/* One row for each option that chooses. */
static const struct {
    cli_option_e option;
    uk_key_filter_e filter;
    int sign; /* of the duration; 0: the option has none */
} filters[] = {{CLI_EXPIRING, UK_KEYS_EXPIRING, 1},
               {CLI_UNUSED, UK_KEYS_UNUSED, -1},
               {CLI_DISABLED, UK_KEYS_DISABLED, 0}};

#define FILTER_COUNT (sizeof(filters) / sizeof(filters[0]))

/* How many of these options were given. */
static int count_filters(const cli_t *cli)
{
    int count = 0;
    size_t i;

    for (i = 0; i < FILTER_COUNT; i++) {
        count += cli_given(cli, filters[i].option);
    }
    return count;
}

/* @return 0, or -1 if the duration is none */
static int read_choice(const cli_t *cli, choice_t *choice)
{
    apr_int64_t seconds = 0;
    size_t i = 0;
    int failed;

    while (!cli_given(cli, filters[i].option)) {
        i++;
    }
    failed = filters[i].sign
             && cli_duration_parse(cli_value(cli, filters[i].option), LONGEST,
                                   &seconds);
    choice->filter = filters[i].filter;
    choice->at = cli->actor.now + filters[i].sign * seconds * 1000;
    return failed ? -1 : 0;
}

static cli_status_e refuse_duration(const cli_t *cli)
{
    cli_option_e option =
        cli_given(cli, CLI_EXPIRING) ? CLI_EXPIRING : CLI_UNUSED;

    return cli_fail(cli->pool,
                    "%s: this takes days like 14d, hours like 12h, minutes "
                    "like 30m, seconds like 90s, or 0",
                    cli_option_name(option));
}

/* If there are no keys, reading the members tells whether there is a team. */
static uk_outcome_e require_team(cli_t *cli, const apr_array_header_t *keys)
{
    apr_array_header_t *members;

    return cli->args[0] && keys->nelts == 0
               ? uk_store_members(&cli->db, cli->args[0], &members)
               : UK_OK;
}

static void print_json_keys(const cli_t *cli, const apr_array_header_t *keys)
{
    uk_instant_t now = cli->actor.now;

    puts(cli->args[0] ? uk_json_write_keys(cli->pool, keys, now)
                      : uk_json_write_keys_of_teams(cli->pool, keys, now));
}

static cli_status_e report_keys(cli_t *cli, uk_outcome_e outcome,
                                const apr_array_header_t *keys)
{
    if (outcome == UK_OK) {
        outcome = require_team(cli, keys);
    }
    if (outcome != UK_OK) {
        return outcome == UK_NOT_FOUND ? cli_no_team(cli, cli->args[0])
                                       : cli_unavailable(cli);
    }
    if (cli_given(cli, CLI_JSON)) {
        print_json_keys(cli, keys);
    }
    else if (keys->nelts > 0) {
        print_keys(cli, keys);
    }
    return CLI_DONE;
}

/* Nothing is printed if there are none, so that cron sends no mail. */
static cli_status_e list_some(cli_t *cli)
{
    apr_array_header_t *keys;
    choice_t choice = {UK_KEYS_DISABLED, UK_INSTANT_NONE};
    uk_outcome_e outcome;
    cli_status_e status;

    if (read_choice(cli, &choice) != 0) {
        return refuse_duration(cli);
    }
    outcome = uk_store_keys_filtered(&cli->db, choice.filter, cli->args[0],
                                     choice.at, &keys);
    status = report_keys(cli, outcome, keys);
    return status == CLI_DONE && keys->nelts > 0 ? CLI_NOTICED : status;
}

static cli_status_e list_all(cli_t *cli)
{
    apr_array_header_t *keys;
    uk_outcome_e outcome = uk_store_keys_of_team(&cli->db, cli->args[0], &keys);
    cli_status_e status = report_keys(cli, outcome, keys);

    if (status == CLI_DONE && keys->nelts == 0 && !cli_given(cli, CLI_JSON)) {
        print_no_keys(cli);
    }
    return status;
}

cli_status_e cli_key_list(cli_t *cli)
{
    int count = count_filters(cli);

    if (count > 1) {
        return cli_usage_error(cli, "key list",
                               "key list takes only one of " FILTERS);
    }
    if (count == 0 && !cli->args[0]) {
        return cli_usage_error(cli, "key list",
                               "key list needs a TEAM, or one of " FILTERS
                               " for all teams");
    }
    return count ? list_some(cli) : list_all(cli);
}
