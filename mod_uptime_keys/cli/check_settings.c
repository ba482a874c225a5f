/* SPDX-License-Identifier: Apache-2.0 */
/* uptime-keys check: what a configuration says about the connections. */
#include <apr_strings.h>
#include <string.h>

#include "cli/check.h"

/* What DBDParams has to say, lest it hurts one day; some only together with
 * another text. */
static const struct {
    const char *driver, *with, *option, *advice;
} wanted[] = {
    {"pgsql", "", "connect_timeout=",
     "a host that does not answer holds requests up for minutes; add "
     "connect_timeout=3 to DBDParams"},
    {"mysql", "", "reconnect=0",
     "the client's library connects again in the middle of a transaction; "
     "add reconnect=0 to DBDParams"},
    {"odbc", "PostgreSQL", "MaxVarcharSize=254",
     "names are cut after 255 bytes, where 255 characters are meant; add "
     "MaxVarcharSize=254 to the connect string"},
};

cli_finding_e cli_look_at_options(cli_t *cli, const char **text)
{
    cli_finding_e finding = CLI_NOT_APPLICABLE;
    size_t i;

    for (i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        if (strcmp(cli->settings.driver, wanted[i].driver) != 0
            || !strstr(cli->settings.params, wanted[i].with)) {
            continue;
        }
        if (!strstr(cli->settings.params, wanted[i].option)) {
            *text = wanted[i].advice;
            return CLI_WRONG;
        }
        *text = "nothing in DBDParams is known to hurt";
        finding = CLI_RIGHT;
    }
    return finding;
}

/* Only where the file says both: other files are not followed. */
cli_finding_e cli_look_at_pool(cli_t *cli, const char **text)
{
    const cli_settings_t *settings = &cli->settings;

    if (!settings->pool || !settings->threads) {
        return CLI_NOT_APPLICABLE;
    }
    *text = "a connection for every thread";
    if (settings->pool >= settings->threads) {
        return CLI_RIGHT;
    }
    *text = apr_psprintf(cli->pool,
                         "DBDMax %d is less than ThreadsPerChild %d: requests "
                         "wait for a connection, without limit; make it %d",
                         settings->pool, settings->threads, settings->threads);
    return CLI_WRONG;
}
