/* SPDX-License-Identifier: Apache-2.0 */
/* Texts for people: what a terminal may safely be sent, in columns. */
#ifndef UK_CLI_TERMINAL_H
#define UK_CLI_TERMINAL_H

#include <apr_pools.h>
#include <apr_tables.h>

/* A column of a table. */
typedef struct {
    const char *title;
    int width; /* cells wider than this are cut; 0: never */
} cli_column_t;

/**
 * A text whose every control, formatting or private character, line separator
 * and byte that is not UTF-8 is spelled out, like \u{1b} or \xff, so that it
 * cannot move a cursor, turn round what stands beside it or end a line.
 */
const char *cli_terminal_visible(apr_pool_t *pool, const char *text);

/**
 * A text in which nobody can read a key: of anything that looks like one only
 * its prefix is left.
 */
const char *cli_terminal_without_keys(apr_pool_t *pool, const char *text);

/**
 * Print a table on standard output, made visible, in columns that line up.
 *
 * @param rows const char **s, with as many cells as there are columns
 */
void cli_terminal_table(apr_pool_t *pool, const cli_column_t *columns,
                        int count, const apr_array_header_t *rows);

#endif
