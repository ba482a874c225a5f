/* SPDX-License-Identifier: Apache-2.0 */
/* Messages on standard error: one line each, safe to show, with a remedy. */
#ifndef UK_CLI_REPORT_H
#define UK_CLI_REPORT_H

#include <apr_pools.h>

/* The exit status of the tool. */
typedef enum {
    CLI_DONE = 0,
    CLI_FAILED = 1,      /* the command was refused, or failed */
    CLI_USAGE_ERROR = 2, /* the command line is wrong */
    CLI_NOTICED = 3      /* there is something that was asked for, or refused */
} cli_status_e;

typedef struct cli_t cli_t; /* cli/commands.h */

/**
 * Print one line on standard error. Keys in it are cut to their prefix, and
 * control characters are escaped, see cli/terminal.h.
 */
void cli_report(apr_pool_t *pool, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** Do as cli_report(). @return CLI_FAILED */
cli_status_e cli_fail(apr_pool_t *pool, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** @return a word as a shell has to be given it: in single quotes if it needs them, in
 *  the pool if it is not the same */
const char *cli_shell_word(apr_pool_t *pool, const char *word);

/** A command line for the same database, to be shown to the user, in cli->pool.
 *  @param command "key list acme" */
const char *cli_format_command(const cli_t *cli, const char *command);

/**
 * Report what is wrong with the command line, and how to get help.
 *
 * @param command the words of the command to show help for; NULL: all
 * @return CLI_USAGE_ERROR
 */
cli_status_e cli_usage_error(const cli_t *cli, const char *command,
                             const char *problem);

/** Why the database is unavailable and what to do, after UK_UNAVAILABLE; in
 *  cli->pool. */
const char *cli_database_error(const cli_t *cli);

/** Report cli_database_error(). @return CLI_FAILED */
cli_status_e cli_unavailable(const cli_t *cli);

/** Report that there is no such team. @return CLI_FAILED */
cli_status_e cli_no_team(const cli_t *cli, const char *team);

/** NULL if tables of this version can be used, else advice in cli->pool. */
const char *cli_wrong_version(const cli_t *cli, int version);

#endif
