/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a file line by line, in bounded memory. */
#include "cli/line_reader.h"

#include <string.h>

/* Lines of maximum length that the buffer holds. */
#define LINES_AT_ONCE 4

struct cli_line_reader_t {
    apr_file_t *file;
    apr_size_t max, size;
    apr_int64_t number;
    apr_off_t read; /* bytes of the file */
    char *buffer;
    char *start, *end; /* what was read and not yet returned */
    int skipping;      /* 1 inside a line that is too long */
    int ended;         /* 1 after the end of the file was read */
};

cli_line_reader_t *cli_line_reader_create(apr_pool_t *pool, apr_file_t *file,
                                          apr_size_t max)
{
    cli_line_reader_t *lines = apr_pcalloc(pool, sizeof(*lines));

    lines->file = file;
    lines->max = max;
    lines->size = (max + 1) * LINES_AT_ONCE;
    lines->buffer = apr_palloc(pool, lines->size);
    lines->start = lines->end = lines->buffer;
    return lines;
}

static apr_status_t fill_buffer(cli_line_reader_t *lines)
{
    apr_size_t kept = (apr_size_t)(lines->end - lines->start);
    apr_size_t len = lines->size - kept;
    apr_status_t rv;

    memmove(lines->buffer, lines->start, kept);
    lines->start = lines->buffer;
    lines->end = lines->start + kept;
    rv = apr_file_read(lines->file, lines->end, &len);
    if (APR_STATUS_IS_EOF(rv)) {
        lines->ended = 1;
        return APR_SUCCESS;
    }
    if (rv == APR_SUCCESS) {
        lines->end += len;
        lines->read += (apr_off_t)len;
    }
    return rv;
}

/* Return a line of which the buffer holds len bytes, perhaps only its end. */
static void return_line(cli_line_reader_t *lines, cli_line_t *line,
                        apr_size_t len, int newline)
{
    line->text = len <= lines->max && !lines->skipping ? lines->start : NULL;
    line->len = len;
    line->number = ++lines->number;
    lines->start += len + (apr_size_t)newline;
    lines->skipping = 0;
}

apr_status_t cli_line_reader_next(cli_line_reader_t *lines, cli_line_t *line)
{
    for (;;) {
        apr_size_t len = (apr_size_t)(lines->end - lines->start);
        const char *newline = memchr(lines->start, '\n', len);
        apr_status_t rv;

        if (newline) {
            return_line(lines, line, (apr_size_t)(newline - lines->start), 1);
            return APR_SUCCESS;
        }
        if (lines->ended) {
            if (len == 0 && !lines->skipping) {
                return APR_EOF;
            }
            return_line(lines, line, len, 0);
            return APR_SUCCESS;
        }
        if (len > lines->max) {
            lines->skipping = 1;
            lines->start = lines->end;
        }
        rv = fill_buffer(lines);
        if (rv != APR_SUCCESS) {
            return rv;
        }
    }
}

apr_off_t cli_line_reader_position(const cli_line_reader_t *lines)
{
    return lines->read - (lines->end - lines->start);
}
