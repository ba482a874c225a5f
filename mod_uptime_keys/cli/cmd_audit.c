/* SPDX-License-Identifier: Apache-2.0 */
/* uptime-keys audit list. */
#include <apr_strings.h>
#include <stdio.h>
#include <string.h>

#include "core/keyid.h"
#include "store/events.h"
#include "store/teams.h"
#include "cli/audit_time.h"
#include "cli/commands.h"
#include "cli/csv.h"
#include "cli/terminal.h"
#include "cli/time_limit.h"

/* A list that is printed part by part, in bounded memory. */
typedef struct {
    const cli_t *cli;
    apr_pool_t *pool; /* of the part */
    const apr_array_header_t *events;
    int is_first;
    int is_last;
} part_t;

#define EVENT_OF(part, i) APR_ARRAY_IDX((part)->events, (i), const uk_event_t *)

static const char *instant_text(apr_pool_t *pool, uk_instant_t instant)
{
    char text[UK_INSTANT_STRING_LEN + 1];

    uk_instant_format(instant, text);
    return apr_pstrdup(pool, text);
}

static const char *time_cell(apr_pool_t *pool, const uk_event_t *event)
{
    return instant_text(pool, event->at - event->at % 1000);
}

static const char *exact_cell(apr_pool_t *pool, const uk_event_t *event)
{
    return instant_text(pool, event->at);
}

static const char *at_cell(apr_pool_t *pool, const uk_event_t *event)
{
    return apr_psprintf(pool, "%" APR_INT64_T_FMT, event->at);
}

#define STRING_CELL(member)                                                    \
    static const char *event_##member##_cell(apr_pool_t *pool,                 \
                                             const uk_event_t *event)          \
    {                                                                          \
        (void)pool;                                                            \
        return event->member;                                                  \
    }

STRING_CELL(id)
STRING_CELL(team)
STRING_CELL(action)
STRING_CELL(actor)
STRING_CELL(source)
STRING_CELL(key_id)
STRING_CELL(key_name)
STRING_CELL(key_prefix)
STRING_CELL(detail)

typedef struct {
    cli_column_t column; /* widths are those of a long table */
    const char *(*cell)(apr_pool_t *pool, const uk_event_t *event);
} event_column_t;

/* The column of the team is left out if all are of one. */
/* clang-format off */
static const event_column_t table_columns[] = {
    {{"TEAM", 16}, event_team_cell},
    {{"TIME", 20}, time_cell},
    {{"ACTION", 13}, event_action_cell},
    {{"ACTOR", 30}, event_actor_cell},
    {{"SOURCE", 16}, event_source_cell},
    {{"KEY", 30}, event_key_id_cell},
    {{"NAME", 24}, event_key_name_cell},
    {{"DETAIL", 0}, uk_event_detail},
};

static const event_column_t csv_columns[] = {
    {{"team", 0}, event_team_cell},
    {{"id", 0}, event_id_cell},
    {{"at", 0}, at_cell},
    {{"time", 0}, exact_cell},
    {{"action", 0}, event_action_cell},
    {{"actor", 0}, event_actor_cell},
    {{"source", 0}, event_source_cell},
    {{"keyId", 0}, event_key_id_cell},
    {{"keyName", 0}, event_key_name_cell},
    {{"keyPrefix", 0}, event_key_prefix_cell},
    {{"detail", 0}, event_detail_cell},
};
/* clang-format on */

#define COUNT_OF(array) ((int)(sizeof(array) / sizeof((array)[0])))

static int has_team(const part_t *part)
{
    return part->cli->args[0] == NULL;
}

static const char **event_cells(const part_t *part, const uk_event_t *event,
                                const event_column_t *columns, int count)
{
    const char **cells =
        apr_palloc(part->pool, sizeof(*cells) * (apr_size_t)count);
    int i;

    for (i = 0; i < count; i++) {
        cells[i] = columns[i].cell(part->pool, event);
    }
    return cells;
}

/* Rows for a table, which has no empty cells. */
static apr_array_header_t *event_rows(const part_t *part,
                                      const event_column_t *columns, int count)
{
    apr_array_header_t *rows =
        apr_array_make(part->pool, part->events->nelts, sizeof(char **));
    int row, i;

    for (row = 0; row < part->events->nelts; row++) {
        const char **cells =
            event_cells(part, EVENT_OF(part, row), columns, count);

        for (i = 0; i < count; i++) {
            cells[i] = cells[i] && *cells[i] ? cells[i] : "-";
        }
        APR_ARRAY_PUSH(rows, const char **) = cells;
    }
    return rows;
}

static void print_event_table(const part_t *part)
{
    int skipped = !has_team(part), count = COUNT_OF(table_columns) - skipped;
    cli_column_t columns[COUNT_OF(table_columns)];
    apr_array_header_t *rows = event_rows(part, table_columns + skipped, count);
    int i;

    for (i = 0; i < count; i++) {
        columns[i] = table_columns[skipped + i].column;
    }
    if (part->is_first && part->is_last) {
        cli_terminal_table(part->pool, columns, count, rows);
    }
    else {
        cli_terminal_part(part->pool, columns, count, rows, part->is_first);
    }
}

static void print_event_csv(const part_t *part)
{
    int skipped = !has_team(part), count = COUNT_OF(csv_columns) - skipped;
    const event_column_t *columns = csv_columns + skipped;
    const char *titles[COUNT_OF(csv_columns)];
    int i;

    for (i = 0; i < count; i++) {
        titles[i] = columns[i].column.title;
    }
    if (part->is_first) {
        cli_csv_record(part->pool, titles, count);
    }
    for (i = 0; i < part->events->nelts; i++) {
        cli_csv_record(part->pool,
                       event_cells(part, EVENT_OF(part, i), columns, count),
                       count);
    }
}

static const char *event_json(const part_t *part, const uk_event_t *event)
{
    json_t *object = uk_event_to_json(event);

    if (has_team(part)) {
        json_object_set_new(object, "team", uk_json_string(event->team));
    }
    return uk_json_dump(part->pool, object);
}

/* An array, with a line for each event. */
static void print_event_json(const part_t *part)
{
    int i;

    if (part->is_first) {
        fputs("[", stdout);
    }
    for (i = 0; i < part->events->nelts; i++) {
        printf("%s%s", i || !part->is_first ? ",\n" : "",
               event_json(part, EVENT_OF(part, i)));
    }
    if (part->is_last) {
        puts("]");
    }
}

/* The first one is the default. */
static const struct {
    const char *name;
    void (*print)(const part_t *part);
} formats[] = {
    {"table", print_event_table},
    {"json", print_event_json},
    {"csv", print_event_csv},
};

#define FORMAT_COUNT COUNT_OF(formats)

const char *cli_audit_format(int index)
{
    return index < FORMAT_COUNT ? formats[index].name : NULL;
}

/* @return the index of the format that is asked for; FORMAT_COUNT: none */
static int find_format(const cli_t *cli)
{
    const char *name = cli_value(cli, CLI_FORMAT);
    int i = 0;

    while (name && i < FORMAT_COUNT && strcmp(formats[i].name, name) != 0) {
        i++;
    }
    return i;
}

/* @return CLI_DONE, or after a report CLI_FAILED */
static cli_status_e read_filter(cli_t *cli, uk_event_filter_t *filter)
{
    *filter = (uk_event_filter_t){
        .team = cli->args[0],
        .key = cli_value(cli, CLI_KEY),
        .actor = cli_value(cli, CLI_ACTOR),
        .action = cli_value(cli, CLI_ACTION),
        .until = UK_INSTANT_MAX,
    };
    if (filter->key && !uk_keyid_is_valid(filter->key)) {
        return cli_fail(cli->pool, "--key takes the ID of a key, like "
                                   "key_01h455vb4pex5vsknk084sn02q");
    }
    if (filter->action && !uk_action_is_known(filter->action)) {
        return cli_fail(cli->pool,
                        "there is no action %s; audit list --help has all",
                        filter->action);
    }
    if (cli_audit_time(cli, CLI_SINCE, 0, &filter->since) != CLI_DONE) {
        return CLI_FAILED;
    }
    return cli_audit_time(cli, CLI_UNTIL, 1, &filter->until);
}

/* What leads from part to part. */
typedef struct {
    uk_database_t db; /* whose results are in the pool of the part */
    const uk_event_filter_t *filter;
    uk_event_place_t place; /* of the last event */
    void (*print)(const part_t *part);
    part_t part;
    int any; /* 1: there was an event */
} listing_t;

static uk_event_place_t place_after(const part_t *part)
{
    const uk_event_t *last = EVENT_OF(part, part->events->nelts - 1);

    return (uk_event_place_t){last->at, apr_atoi64(last->id)};
}

/* If there are no events, a table has no titles either. */
static void print_part(listing_t *listing)
{
    part_t *part = &listing->part;

    listing->any |= part->events->nelts > 0;
    part->is_last = part->events->nelts < UK_EVENTS_MAX;
    if (listing->any || listing->print != print_event_table) {
        listing->print(part);
    }
    if (!part->is_last) {
        listing->place = place_after(part);
    }
    part->is_first = 0;
}

static uk_outcome_e list_part(listing_t *listing)
{
    part_t *part = &listing->part;
    apr_array_header_t *events;
    uk_outcome_e outcome;

    apr_pool_clear(part->pool);
    cli_time_limit_restart();
    outcome = uk_store_events(&listing->db, listing->filter,
                              part->is_first ? NULL : &listing->place, 0,
                              UK_EVENTS_MAX, &events);
    part->events = events;
    if (outcome == UK_OK) {
        print_part(listing);
    }
    return outcome;
}

static uk_outcome_e list_parts(cli_t *cli, listing_t *listing)
{
    part_t *part = &listing->part;
    uk_outcome_e outcome;

    listing->db = cli->db;
    *part = (part_t){.cli = cli, .is_first = 1};
    apr_pool_create(&part->pool, cli->pool);
    listing->db.pool = part->pool;
    do {
        outcome = list_part(listing);
    } while (outcome == UK_OK && !part->is_last);
    cli->db.error = apr_pstrdup(cli->pool, listing->db.error);
    apr_pool_destroy(part->pool);
    return outcome;
}

/* A team that was deleted has events, and one that never was has none. */
static uk_outcome_e require_team_of(cli_t *cli)
{
    apr_array_header_t *members;

    return cli->args[0] ? uk_store_members(&cli->db, cli->args[0], &members)
                        : UK_OK;
}

static cli_status_e list_events(cli_t *cli, listing_t *listing)
{
    uk_outcome_e outcome = list_parts(cli, listing);

    if (outcome == UK_OK && !listing->any) {
        outcome = require_team_of(cli);
    }
    if (outcome != UK_OK) {
        return outcome == UK_NOT_FOUND ? cli_no_team(cli, cli->args[0])
                                       : cli_unavailable(cli);
    }
    if (!listing->any && listing->print == print_event_table) {
        puts("No event is like this.");
    }
    return CLI_DONE;
}

cli_status_e cli_audit_list(cli_t *cli)
{
    uk_event_filter_t filter;
    listing_t listing = {.filter = &filter};
    int format = find_format(cli);

    if (format == FORMAT_COUNT) {
        return cli_usage_error(cli, "audit list",
                               "--format is table, json or csv");
    }
    listing.print = formats[format].print;
    return read_filter(cli, &filter) == CLI_DONE ? list_events(cli, &listing)
                                                 : CLI_FAILED;
}
