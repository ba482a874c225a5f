/* SPDX-License-Identifier: Apache-2.0 */
/* Prints the help of the tool and of its commands. */
#ifndef UK_CLI_HELP_H
#define UK_CLI_HELP_H

#include "cli/commands.h"

/* What the help says besides the table of commands; the man page has it too.
 * Items are lines of two blanks, a term, at least two blanks and a text, and
 * further lines of the text are indented by more. */
typedef struct {
    const char *title;
    const char *usage;
    const char *options; /* those of every command, as items */
    const char *files;   /* stands before cli_default_config_paths */
    const char *exits;   /* the exit statuses, as items */
    const char *example;
} cli_help_text_t;

extern const cli_help_text_t cli_help_text;

/** Print an introduction and the list of commands. */
void cli_help_all(void);

/** Print the help of all commands whose names begin with words: "key ". */
void cli_help_group(const char *words);

/** Print the help of a command. */
void cli_help(const cli_command_t *command);

#endif
