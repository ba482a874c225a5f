/* SPDX-License-Identifier: Apache-2.0 */
/* uptime-keys init. */
#include <apr_strings.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store/dialect.h"
#include "store/schema.h"
#include "cli/commands.h"
#include "cli/terminal.h"

/* Say why init fails. */
static cli_status_e refuse_init(cli_t *cli, uk_outcome_e outcome)
{
    return outcome == UK_NOT_FOUND
               ? cli_fail(cli->pool,
                          "there is no schema for the database that %s leads "
                          "to; there is one for %s",
                          cli->settings.driver, uk_dialect_titles(cli->pool))
               : cli_unavailable(cli);
}

static cli_status_e install(cli_t *cli, int before)
{
    uk_outcome_e outcome = uk_schema_install(&cli->db);

    if (outcome != UK_OK) {
        return refuse_init(cli, outcome);
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

static void tell_steps(cli_t *cli, const char *dialect, int version)
{
    const char *steps = uk_schema_steps(cli->pool, dialect, version);

    if (version == 0) {
        printf("Would make the tables: version %d (%s)\n", uk_schema_latest(),
               steps);
    }
    else if (version < uk_schema_latest()) {
        printf("Would bring the tables from version %d to %d (%s)\n", version,
               uk_schema_latest(), steps);
    }
    else {
        printf("The tables are up to date: version %d\n", version);
    }
}

static cli_status_e tell_plan(cli_t *cli)
{
    uk_plan_t plan;
    uk_outcome_e outcome = uk_schema_plan(&cli->db, &plan);

    if (outcome != UK_OK) {
        return refuse_init(cli, outcome);
    }
    if (plan.version > uk_schema_latest()) {
        return cli_fail(cli->pool, "%s", cli_wrong_version(cli, plan.version));
    }
    tell_steps(cli, plan.dialect, plan.version);
    if (plan.missing.names->nelts > 0) {
        printf("Would restore: %s\n",
               apr_array_pstrcat(cli->pool, plan.missing.names, ' '));
    }
    return CLI_DONE;
}

static cli_status_e tell_journal(cli_t *cli)
{
    const char *mode;

    if (!cli_connection_file(cli->connection)) {
        return CLI_DONE;
    }
    if (uk_schema_journal(&cli->db, &mode) != UK_OK) {
        return cli_unavailable(cli);
    }
    if (strcmp(mode, "wal") != 0) {
        printf("Would set the journal mode from %s to wal\n", mode);
    }
    return CLI_DONE;
}

/* To open SQLite's file would make it. */
static cli_status_e dry_run(cli_t *cli)
{
    const char *file = cli_connection_file(cli->connection);
    cli_status_e status;

    if (file && access(file, F_OK) != 0 && errno == ENOENT) {
        printf("Would make %s\n", cli_terminal_visible(cli->pool, file));
        tell_steps(cli, cli->settings.driver, 0);
        return CLI_DONE;
    }
    status = tell_plan(cli);
    return status == CLI_DONE ? tell_journal(cli) : status;
}

cli_status_e cli_init(cli_t *cli)
{
    const char *error;
    int version;

    if (cli_given(cli, CLI_DRY_RUN)) {
        return dry_run(cli);
    }
    error = cli_connection_make_file(cli->pool, cli->connection);
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
