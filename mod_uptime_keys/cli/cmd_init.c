/* SPDX-License-Identifier: Apache-2.0 */
/* uptime-keys init. */
#include <stdio.h>

#include "cli/commands.h"
#include "store/schema.h"

static cli_status_e install(cli_t *cli, int before)
{
    switch (uk_schema_install(&cli->db)) {
    case UK_OK:
        break;
    case UK_NOT_FOUND:
        return cli_fail(cli->pool,
                        "there are no tables for what %s leads "
                        "to: use SQLite, PostgreSQL, MariaDB or MySQL",
                        cli->settings.driver);
    default:
        return cli_unavailable(cli);
    }
    if (before == uk_schema_latest()) {
        printf("The tables are up to date: version %d\n", before);
    }
    else if (before > 0) {
        printf("Brought the tables from version %d to %d\n", before,
               uk_schema_latest());
    }
    else {
        printf("Made the tables: version %d\n", uk_schema_latest());
    }
    return CLI_DONE;
}

cli_status_e cli_init(cli_t *cli)
{
    const char *error = cli_connection_make_file(cli->pool, cli->source);
    int version;

    if (error) {
        return cli_fail(cli->pool, "%s", error);
    }
    if (uk_schema_version(&cli->db, &version) != UK_OK) {
        return cli_unavailable(cli);
    }
    if (version > uk_schema_latest()) {
        return cli_fail(cli->pool, "%s", cli_wrong_version(cli, version));
    }
    return install(cli, version);
}
