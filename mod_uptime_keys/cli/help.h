/* SPDX-License-Identifier: Apache-2.0 */
/* The help texts. */
#ifndef UK_CLI_HELP_H
#define UK_CLI_HELP_H

#include "cli/commands.h"

/** Print what the tool is and every command. */
void cli_help_all(void);

/** Print everything about the commands whose names begin with these words. */
void cli_help_group(const char *words);

/** Print everything about a command. */
void cli_help(const cli_command_t *command);

#endif
