/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting until no server uses a copy of a key that was taken away. */
#include "cli/commands.h"

#define SETTLE apr_time_from_msec(UK_LEASE_MS + UK_LEASE_MARGIN_MS)

/* Every server counts: the tool shares its memory with none. */
void cli_settle(cli_t *cli)
{
    apr_time_t now = apr_time_now();
    int any;

    if (uk_store_other_servers_cache(&cli->db, "", uk_instant_from_apr(now),
                                     &any)
            != UK_OK
        || any) {
        apr_sleep(SETTLE);
    }
}
