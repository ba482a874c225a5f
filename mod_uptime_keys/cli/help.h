/* SPDX-License-Identifier: Apache-2.0 */
/* Prints the help of the tool and of its commands. */
#ifndef UK_CLI_HELP_H
#define UK_CLI_HELP_H

#include "cli/commands.h"

/** Print an introduction and the list of commands. */
void cli_help_all(void);

/** Print the help of all commands whose names begin with words: "key ". */
void cli_help_group(const char *words);

/** Print the help of a command. */
void cli_help(const cli_command_t *command);

#endif
