/* SPDX-License-Identifier: Apache-2.0 */
/* What goes to standard error: one line, safe to show, that says what to do. */
#ifndef UK_CLI_REPORT_H
#define UK_CLI_REPORT_H

#include <apr_pools.h>

/* The exit status of the tool. */
typedef enum {
    CLI_DONE = 0,
    CLI_FAILED = 1,     /* refused or failed */
    CLI_USAGE_ERROR = 2 /* not a command line of this tool */
} cli_status_e;

typedef struct cli_t cli_t; /* cli/commands.h */

/**
 * Print one line on standard error. Whatever is in it, no key comes out and
 * nothing that a terminal obeys.
 */
void cli_report(apr_pool_t *pool, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** cli_report(). @return CLI_FAILED */
cli_status_e cli_fail(apr_pool_t *pool, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** A command as the user would type it for this same database. */
const char *cli_format_command(const cli_t *cli, const char *command);

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

#endif
