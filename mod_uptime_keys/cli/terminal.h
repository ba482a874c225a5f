/* SPDX-License-Identifier: Apache-2.0 */
/* Output for users: strings that are safe for a terminal, times, and tables. */
#ifndef UK_CLI_TERMINAL_H
#define UK_CLI_TERMINAL_H

#include <apr_pools.h>
#include <apr_tables.h>

#include "core/instant.h"

/* A column of a table. */
typedef struct {
    const char *title;
    int width; /* wider cells are truncated; 0: no limit */
} cli_column_t;

/**
 * Escape all control, formatting, private and unassigned characters, line
 * separators, and bytes that are not UTF-8, as \u{1b} or \xff: the string can
 * neither move the cursor, nor reverse the text beside it, nor end the line.
 *
 * @return the escaped string, in the pool
 */
const char *cli_terminal_visible(apr_pool_t *pool, const char *string);

/**
 * Cut everything that looks like a key, in lower or upper case, to its prefix,
 * followed by "...".
 *
 * @return the string without keys, in the pool
 */
const char *cli_terminal_without_keys(apr_pool_t *pool, const char *string);

/** Write an instant for users, RFC 3339 without milliseconds. @return it, in the
 *  pool; in milliseconds if it is too far away for that */
const char *cli_terminal_instant(apr_pool_t *pool, uk_instant_t instant);

/**
 * Print a table on standard output, with aligned columns. Cells are escaped by
 * cli_terminal_visible(); the titles are the first line.
 *
 * @param count the number of columns
 * @param rows  const char **s, each with that many cells
 */
void cli_terminal_table(apr_pool_t *pool, const cli_column_t *columns,
                        int count, const apr_array_header_t *rows);

/** Print a part of a table that is too long to be read first: each column but
 *  the last one is as wide as its width. @param is_first 1: with the titles */
void cli_terminal_part(apr_pool_t *pool, const cli_column_t *columns, int count,
                       const apr_array_header_t *rows, int is_first);

#endif
