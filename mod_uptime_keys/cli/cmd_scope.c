/* SPDX-License-Identifier: Apache-2.0 */
/* uptime-keys scope. */
#include <stdio.h>

#include "core/json.h"
#include "cli/commands.h"
#include "cli/terminal.h"

static void print_catalogue(cli_t *cli, const uk_catalogue_t *catalogue)
{
    static const cli_column_t columns[] = {
        {"SCOPE", 0}, {"GROUP", 0}, {"DESCRIPTION", 0}};
    apr_array_header_t *rows = apr_array_make(
        cli->pool, uk_catalogue_size(catalogue), sizeof(char **));
    int i;

    for (i = 0; i < uk_catalogue_size(catalogue); i++) {
        const uk_scope_t *scope = uk_catalogue_get(catalogue, i);
        const char **cells = apr_palloc(cli->pool, sizeof(*cells) * 3);

        cells[0] = scope->name;
        cells[1] = scope->group;
        cells[2] = scope->description;
        APR_ARRAY_PUSH(rows, const char **) = cells;
    }
    cli_terminal_table(cli->pool, columns, 3, rows);
}

cli_status_e cli_scope_list(cli_t *cli)
{
    const uk_catalogue_t *catalogue = cli->settings.catalogue;

    if (cli_given(cli, CLI_JSON)) {
        puts(uk_json_write_scopes(cli->pool, catalogue));
    }
    else {
        print_catalogue(cli, catalogue);
    }
    return CLI_DONE;
}
