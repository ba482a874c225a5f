/* SPDX-License-Identifier: Apache-2.0 */
/* uptime-keys audit prune. */
#include <apr_strings.h>
#include <stdio.h>

#include "store/prune.h"
#include "cli/audit_time.h"
#include "cli/time_limit.h"

/* Remove batch after batch: between two of them others can write. */
static uk_outcome_e prune_all(cli_t *cli, uk_instant_t before,
                              uk_prune_t *prune)
{
    uk_database_t db = cli->db;
    uk_outcome_e outcome = UK_OK;

    apr_pool_create(&db.pool, cli->pool);
    while (outcome == UK_OK && !prune->is_done) {
        apr_pool_clear(db.pool);
        cli_time_limit_restart();
        outcome =
            uk_prune_batch(&db, before, cli_given(cli, CLI_DRY_RUN), prune);
    }
    cli->db.error = apr_pstrdup(cli->pool, db.error);
    apr_pool_destroy(db.pool);
    return outcome;
}

static cli_status_e stop_pruning(const cli_t *cli, const uk_prune_t *prune)
{
    return cli_fail(cli->pool,
                    "stopped after %" APR_INT64_T_FMT
                    " events were removed: %s; run this again to go on",
                    prune->removed, cli_database_error(cli));
}

/* What was removed is written down, also if not all of it was. */
static uk_outcome_e finish_prune(cli_t *cli, uk_instant_t before,
                                 const uk_prune_t *prune, uk_outcome_e outcome)
{
    uk_database_t db = cli->db;

    if (prune->removed == 0 || cli_given(cli, CLI_DRY_RUN)
        || uk_prune_finish(&db, &cli->actor, before, prune) == UK_OK) {
        return outcome;
    }
    if (outcome == UK_OK) {
        cli->db.error = db.error;
    }
    return UK_UNAVAILABLE;
}

cli_status_e cli_audit_prune(cli_t *cli)
{
    uk_instant_t before = UK_INSTANT_NONE;
    uk_prune_t prune = {0};
    uk_outcome_e outcome;

    if (cli_audit_time(cli, CLI_BEFORE, 0, &before) != CLI_DONE) {
        return CLI_FAILED;
    }
    outcome = prune_all(cli, before, &prune);
    if (finish_prune(cli, before, &prune, outcome) != UK_OK) {
        return stop_pruning(cli, &prune);
    }
    printf("%s%" APR_INT64_T_FMT " events, %" APR_INT64_T_FMT
           " older ones stay for the IDs of their keys\n",
           cli_given(cli, CLI_DRY_RUN) ? "Would remove " : "Removed ",
           prune.removed, prune.kept);
    return CLI_DONE;
}
