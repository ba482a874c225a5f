/* SPDX-License-Identifier: Apache-2.0 */
/* The commands: one row each, their help, and what they work with. */
#ifndef UK_CLI_COMMANDS_H
#define UK_CLI_COMMANDS_H

#include "core/scope.h"
#include "store/audit.h"
#include "cli/connection.h"
#include "cli/options.h"
#include "cli/report.h"
#include "cli/settings.h"

/* What one run of the tool works with. */
typedef struct cli_t {
    apr_pool_t *pool;
    const cli_options_t *options;
    const char **args; /* what follows the command's own words */
    cli_settings_t settings;
    cli_connection_t *connection; /* NULL where no database is needed */
    uk_database_t db;
    uk_actor_t actor;
} cli_t;

/* What must be there before a command can run. */
typedef enum {
    CLI_NEEDS_NOTHING,
    CLI_NEEDS_DATABASE, /* the name of one */
    CLI_NEEDS_TABLES    /* one that is ready for use */
} cli_needs_e;

typedef struct {
    const char *name;    /* "key create" */
    const char *usage;   /* "TEAM --name N --scope S..." */
    const char *summary; /* for the list of commands */
    const char *help;    /* everything else, with an example */
    int args;
    unsigned int options; /* CLI_BITs besides CLI_EVERYWHERE */
    unsigned int required;
    cli_needs_e needs;
    cli_status_e (*run)(cli_t *cli);
} cli_command_t;

/* Every command; a row without a name ends it. */
extern const cli_command_t cli_commands[];

/** The value of an option, NULL if it was not given. */
const char *cli_value(const cli_t *cli, cli_option_e option);

/** 1 if an option was given, else 0. */
int cli_given(const cli_t *cli, cli_option_e option);

/** Print what the tool is and every command. */
void cli_help_all(void);

/** Print everything about the commands whose names begin with these words. */
void cli_help_group(const char *words);

/** Print everything about a command. */
void cli_help(const cli_command_t *command);

/* What the rows run; each returns the exit status and has reported a failure. */
cli_status_e cli_init(cli_t *cli);
cli_status_e cli_check(cli_t *cli);
cli_status_e cli_team_create(cli_t *cli);
cli_status_e cli_team_list(cli_t *cli);
cli_status_e cli_team_delete(cli_t *cli);
cli_status_e cli_member_set(cli_t *cli);
cli_status_e cli_member_remove(cli_t *cli);
cli_status_e cli_member_list(cli_t *cli);
cli_status_e cli_key_create(cli_t *cli);
cli_status_e cli_key_list(cli_t *cli);
cli_status_e cli_key_delete(cli_t *cli);
cli_status_e cli_key_import(cli_t *cli);
cli_status_e cli_scope_list(cli_t *cli);

#endif
