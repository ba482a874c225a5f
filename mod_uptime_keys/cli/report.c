/* SPDX-License-Identifier: Apache-2.0 */
/* What goes to standard error: one line, safe to show, that says what to do. */
#include "cli/report.h"

#include <apr_strings.h>
#include <stdarg.h>
#include <stdio.h>

#include "cli/terminal.h"

static void report(apr_pool_t *pool, const char *format, va_list args)
{
    const char *line = apr_pvsprintf(pool, format, args);

    line = cli_terminal_visible(pool, cli_terminal_without_keys(pool, line));
    fprintf(stderr, "uptime-keys: %s\n", line);
}

void cli_report(apr_pool_t *pool, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    report(pool, format, args);
    va_end(args);
}

cli_status_e cli_fail(apr_pool_t *pool, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    report(pool, format, args);
    va_end(args);
    return CLI_FAILED;
}
