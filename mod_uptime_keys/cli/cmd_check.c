/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command.h"
cli_status_e cli_check(cli_t *cli)
{
    return cli_refuse(cli->pool, "not yet");
}
