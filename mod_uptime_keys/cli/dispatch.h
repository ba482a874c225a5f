/* SPDX-License-Identifier: Apache-2.0 */
/* From the words of a command line to a command that runs. */
#ifndef UK_CLI_DISPATCH_H
#define UK_CLI_DISPATCH_H

#include "cli/commands.h"

/** Run the command that a command line names. @return the exit status; what
 *  failed was reported */
cli_status_e cli_dispatch(cli_t *cli, int argc, char **argv)
    __attribute__((warn_unused_result));

#endif
