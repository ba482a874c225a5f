/* SPDX-License-Identifier: Apache-2.0 */
/* CSV, RFC 4180, that spreadsheets take for text. */
#ifndef UK_CLI_CSV_H
#define UK_CLI_CSV_H

#include <apr_pools.h>

/**
 * Write a value as a field: in quotes if it has to be. One that a spreadsheet
 * could take for a formula, because it begins with =, +, -, @, a tab or a
 * carriage return, gets an apostrophe in front.
 *
 * @param value NULL: an empty field
 * @return the field, in the pool
 */
const char *cli_csv_field(apr_pool_t *pool, const char *value);

/** Print a record on standard output. @param fields not escaped yet */
void cli_csv_record(apr_pool_t *pool, const char *const *fields, int count);

#endif
