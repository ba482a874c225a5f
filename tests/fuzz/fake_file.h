/* SPDX-License-Identifier: Apache-2.0 */
/* The input as the content of a file. In a fuzz target APR's functions that open
 * and read files are those of fake_file.c: whatever is opened is this one, and
 * the target says how much is read at once. */
#ifndef UK_FUZZ_FAKE_FILE_H
#define UK_FUZZ_FAKE_FILE_H

#include <apr_file_io.h>
#include <stddef.h>
#include <stdint.h>

/** Let all files have this content.
 *
 *  @param steps  as many bytes are read at once at the most, in turns, from 1;
 *                NULL: all that is asked for
 *  @param failure the status at the end of the content: APR_EOF, or an error
 *  @return one that is open */
apr_file_t *fake_file(const void *content, size_t size, const uint8_t *steps,
                      size_t step_count, apr_status_t failure);

#endif
