/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a file line by line, in bounded memory. */
#ifndef UK_CLI_LINE_READER_H
#define UK_CLI_LINE_READER_H

#include <apr_file_io.h>
#include <apr_pools.h>

typedef struct {
    /* without the newline, and without a NUL at its end; NULL: the line is too
     * long */
    const char *text;
    apr_size_t len;     /* of text */
    apr_int64_t number; /* from 1 */
} cli_line_t;

typedef struct cli_line_reader_t cli_line_reader_t;

/** Create a reader. @param max bytes of the longest line, without newline */
cli_line_reader_t *cli_line_reader_create(apr_pool_t *pool, apr_file_t *file,
                                          apr_size_t max);

/**
 * Read the next line. Its text is valid until the next call.
 *
 * @return APR_SUCCESS, also for a line that is too long; APR_EOF: there are no
 *         more; or the error of apr_file_read()
 */
apr_status_t cli_line_reader_next(cli_line_reader_t *lines, cli_line_t *line)
    __attribute__((warn_unused_result));

/** @return the bytes of the lines that were returned, and of their ends */
apr_off_t cli_line_reader_position(const cli_line_reader_t *lines);

#endif
