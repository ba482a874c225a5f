/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the command that a command line names, and runs it. */
#ifndef UK_CLI_DISPATCH_H
#define UK_CLI_DISPATCH_H

#include "cli/commands.h"

/**
 * Run the command that a command line names.
 *
 * @param cli all zero but the pool; receives the rest
 * @return the exit status; a failure was reported
 */
cli_status_e cli_dispatch(cli_t *cli, int argc, char **argv)
    __attribute__((warn_unused_result));

#endif
