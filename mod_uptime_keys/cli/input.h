/* SPDX-License-Identifier: Apache-2.0 */
/* Files that commands read, and the keys in any text. */
#ifndef UK_CLI_INPUT_H
#define UK_CLI_INPUT_H

#include <apr_file_io.h>

#include "cli/commands.h"

/** Open a file to read. @param name "-": standard input. @return CLI_DONE; else
 *  a failure was reported */
cli_status_e cli_input_open(const cli_t *cli, const char *name,
                            apr_file_t **file);

/** Receives a string that has the form of a key, and does not end in NUL.
 *
 *  @param has_checksum 1: it is right; 0: it is wrong, or there is none */
typedef void cli_found_token_t(void *baton, const char *token,
                               int has_checksum);

/**
 * Find what has the form of a key, wherever it stands, in a file of any kind
 * and length, in bounded memory. NUL bytes count as nothing.
 *
 * @param found is called for each, once for each place
 * @return APR_EOF; or the error of apr_file_read()
 */
apr_status_t cli_input_find_tokens(apr_pool_t *pool, apr_file_t *file,
                                   cli_found_token_t *found, void *baton)
    __attribute__((warn_unused_result));

#endif
