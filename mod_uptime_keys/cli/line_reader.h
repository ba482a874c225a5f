/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of a file, one after the other, in bounded memory. */
#ifndef UK_CLI_LINE_READER_H
#define UK_CLI_LINE_READER_H

#include <apr_file_io.h>
#include <apr_pools.h>

typedef struct {
    /* without its end and without a NUL; NULL where the line is longer than
     * it may be */
    const char *text;
    apr_size_t len;
    apr_int64_t number; /* from 1 */
} cli_line_t;

typedef struct cli_line_reader_t cli_line_reader_t;

/**
 * Prepare to read lines.
 *
 * @param max bytes of the longest line
 */
cli_line_reader_t *cli_line_reader_create(apr_pool_t *pool, apr_file_t *file,
                                          apr_size_t max);

/**
 * Read the next line; its text is good until the one after it is read.
 *
 * @return APR_SUCCESS; APR_EOF: there is none; or why it cannot be read
 */
apr_status_t cli_line_reader_next(cli_line_reader_t *lines, cli_line_t *line)
    __attribute__((warn_unused_result));

#endif
