/* SPDX-License-Identifier: Apache-2.0 */
/* What goes to standard error: one line, safe to show, that says what to do. */
#ifndef UK_CLI_REPORT_H
#define UK_CLI_REPORT_H

#include <apr_pools.h>

/* The exit status of the tool. */
typedef enum {
    CLI_DONE = 0,
    CLI_FAILED = 1,     /* or failed */
    CLI_USAGE_ERROR = 2 /* not a command line that we understand */
} cli_status_e;

/**
 * Print one line on standard error. Whatever is in it, no key comes out and
 * nothing that a terminal obeys.
 */
void cli_report(apr_pool_t *pool, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** cli_report(). @return CLI_FAILED */
cli_status_e cli_fail(apr_pool_t *pool, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
