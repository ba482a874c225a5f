/* SPDX-License-Identifier: Apache-2.0 */
/* The table of commands, their help, and the state of a run. */
#ifndef UK_CLI_COMMANDS_H
#define UK_CLI_COMMANDS_H

#include "core/scope.h"
#include "store/audit.h"
#include "cli/connection.h"
#include "cli/options.h"
#include "cli/report.h"
#include "cli/settings.h"

/* The state of one run of the tool. */
typedef struct cli_t {
    apr_pool_t *pool;
    const cli_options_t *options;
    const char **args; /* those of the command; NULL for one that is missing */
    cli_settings_t settings;
    cli_connection_t *connection; /* NULL: the command needs no database */
    uk_database_t db;             /* by that connection; results in the pool */
    uk_actor_t actor;             /* the user who runs the tool */
} cli_t;

/* What a command needs, checked before it runs. */
typedef enum {
    CLI_NEEDS_NOTHING,
    CLI_NEEDS_DATABASE, /* to be configured, perhaps without tables */
    CLI_NEEDS_TABLES    /* of this version */
} cli_needs_e;

typedef struct {
    const char *name;      /* "key create" */
    const char *usage;     /* "TEAM --name N --scope S..." */
    const char *summary;   /* for the list of commands */
    const char *help;      /* everything else, with an example */
    int least, most;       /* arguments */
    unsigned int options;  /* CLI_BITs besides CLI_EVERYWHERE */
    unsigned int required; /* of these options */
    cli_needs_e needs;
    cli_status_e (*run)(cli_t *cli);
} cli_command_t;

/* All commands; a row without a name ends the table. */
extern const cli_command_t cli_commands[];

/** The value of an option of CLI_ONE; NULL if it was not given. */
const char *cli_value(const cli_t *cli, cli_option_e option);

/** The values of an option of CLI_MANY, as const char *s. */
const apr_array_header_t *cli_list(const cli_t *cli, cli_option_e option);

/** 1 if an option was given, else 0. */
int cli_given(const cli_t *cli, cli_option_e option);

/** The name of a format of "audit list"; NULL after the last one. */
const char *cli_audit_format(int index);

/* Each runs a command, reports failures, and returns the exit status. */
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
cli_status_e cli_key_edit(cli_t *cli);
cli_status_e cli_key_disable(cli_t *cli);
cli_status_e cli_key_enable(cli_t *cli);
cli_status_e cli_key_rotate(cli_t *cli);
cli_status_e cli_key_delete(cli_t *cli);
cli_status_e cli_key_test_address(cli_t *cli);
cli_status_e cli_key_leaked(cli_t *cli);
cli_status_e cli_key_import(cli_t *cli);
cli_status_e cli_scope_list(cli_t *cli);
cli_status_e cli_audit_list(cli_t *cli);
cli_status_e cli_audit_prune(cli_t *cli);

#endif
