/* SPDX-License-Identifier: Apache-2.0 */
/* A file read line by line, however few bytes are read at once: the lines are
 * those that a search for newlines finds.
 *
 * The input begins with the maximum length of a line, the number of steps, and
 * the bytes of each step.
 *
 * About: cli/line_reader.c
 * Options: -max_len=400 */
#include <string.h>

#include "cli/line_reader.h"
#include "fake_file.h"
#include "fuzz.h"

static void try_line_reader(const char *content, size_t size, size_t max,
                            cli_line_reader_t *lines, apr_status_t end)
{
    const char *at = content;
    apr_int64_t number = 0;
    cli_line_t line;
    apr_status_t rv;

    while ((rv = cli_line_reader_next(lines, &line)) == APR_SUCCESS) {
        size_t left = (size_t)(content + size - at), len;
        const char *newline = memchr(at, '\n', left);

        FUZZ_EXPECT(left > 0, "a line behind the end");
        len = newline ? (size_t)(newline - at) : left;
        FUZZ_EXPECT(line.number == ++number, "another number");
        FUZZ_EXPECT((line.text != NULL) == (len <= max),
                    "a line is too long, or not");
        FUZZ_EXPECT(!line.text
                        || (line.len == len && memcmp(line.text, at, len) == 0),
                    "another line");
        at += len + (newline != NULL);
        FUZZ_EXPECT(cli_line_reader_position(lines) == at - content,
                    "another position");
    }
    FUZZ_EXPECT(rv == end, "another status at the end");
    FUZZ_EXPECT(end != APR_EOF || at == content + size, "a line is missing");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input_t input = {data, size};
    size_t max = fuzz_take_byte(&input) % 32 + 1;
    unsigned flags = fuzz_take_byte(&input);
    apr_status_t end = flags & 128 ? APR_EGENERAL : APR_EOF;
    size_t count = flags % 8 < input.left ? flags % 8 : input.left;
    const char *content = fuzz_bytes(input.at + count, input.left - count);
    apr_file_t *file =
        fake_file(content, input.left - count, input.at, count, end);

    try_line_reader(content, input.left - count, max,
                    cli_line_reader_create(fuzz_pool(), file, max), end);
    fuzz_clear();
    return 0;
}
