/* SPDX-License-Identifier: Apache-2.0 */
/* What `uptime-keys check` looks at. */
#ifndef UK_CLI_CHECK_H
#define UK_CLI_CHECK_H

#include "cli/command.h"

typedef enum {
    CLI_RIGHT,
    CLI_WRONG,
    CLI_HOPELESS,      /* wrong, and nothing after it makes sense */
    CLI_NOT_APPLICABLE /* to this kind of database */
} cli_finding_e;

/** A look at one thing. @param text receives what was found, or what to do
 *  about it */
typedef cli_finding_e cli_look_t(cli_t *cli, const char **text);

/* Of the settings alone; no database is asked. */
cli_look_t cli_look_at_options;
cli_look_t cli_look_at_pool;

#endif
