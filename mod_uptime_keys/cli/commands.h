/* SPDX-License-Identifier: Apache-2.0 */
/* The commands: one row each, and what they are given to work with. */
#ifndef UK_CLI_COMMANDS_H
#define UK_CLI_COMMANDS_H

#include "cli/options.h"
#include "cli/report.h"
#include "cli/settings.h"
#include "cli/connection.h"
#include "core/scope.h"
#include "store/audit.h"

/* What one run of the tool works with. */
typedef struct {
    apr_pool_t *pool;
    const cli_options_t *options;
    const char **args; /* what follows the command's own words */
    cli_settings_t settings;
    cli_connection_t *source; /* NULL where no database is needed */
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

/** A command as the user would type it for this same database. */
const char *cli_format_command(const cli_t *cli, const char *command);

/** Do what a command line says. */
cli_status_e cli_dispatch(cli_t *cli, int argc, char **argv);

/** Run a command whose usage is right, once all that it needs is there. */
cli_status_e cli_run(cli_t *cli, const cli_command_t *command);

/**
 * Say what is wrong with a command line, and where there is help.
 *
 * @param command the words to ask help for; NULL for all
 * @return CLI_USAGE_ERROR
 */
cli_status_e cli_usage_error(const cli_t *cli, const char *command,
                             const char *problem);

/** Why the database gave no answer, and what helps. */
const char *cli_database_error(const cli_t *cli);

/** Say why the database gave no answer. @return CLI_FAILED */
cli_status_e cli_unavailable(const cli_t *cli);

/** Say that there is no such team. @return CLI_FAILED */
cli_status_e cli_no_team(const cli_t *cli, const char *team);

/** NULL, or what to do about tables that are not of our version. */
const char *cli_wrong_version(const cli_t *cli, int version);

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
