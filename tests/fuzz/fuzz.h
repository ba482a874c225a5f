/* SPDX-License-Identifier: Apache-2.0 */
/* What fuzz targets have in common: the pool of one input, and expectations.
 *
 * A target is a file fuzz_NAME.c, or httpd_NAME.c if it runs inside httpd, with
 * LLVMFuzzerTestOneInput(). The comment at its top has a line "About:" with the
 * files whose coverage counts, and may have a line "Options:" with options of
 * libFuzzer. */
#ifndef UK_FUZZ_FUZZ_H
#define UK_FUZZ_FUZZ_H

#include <apr_pools.h>
#include <apr_tables.h>
#include <stddef.h>
#include <stdint.h>

/* What libFuzzer calls: the first is in each target, the others in some. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max,
                               unsigned int seed);
/* ... and what it offers them. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);

/** The pool of the current input: empty when a target calls this first. */
apr_pool_t *fuzz_pool(void);

/** Keep what was allocated up to now, in whichever pool: the last thing that
 *  LLVMFuzzerInitialize() does. What is in fuzz_pool() does not last anyway. */
void fuzz_keep(void);

/** Free all that was allocated in pools for the current input. */
void fuzz_clear(void);

/** Copy bytes into memory of exactly their size, so that a read beyond them is
 *  found; fuzz_clear() frees it. */
const char *fuzz_bytes(const void *data, size_t size);

/** Copy bytes as a string: up to the first NUL among them, or to their end. */
const char *fuzz_string(const void *data, size_t size);

/** End the process as a crash does, after a message. */
void fuzz_fail(const char *file, int line, const char *what)
    __attribute__((noreturn));

/* What must be true of every input. */
#define FUZZ_EXPECT(condition, what)                                           \
    ((condition) ? (void)0 : fuzz_fail(__FILE__, __LINE__, what))

/* An input that is taken apart from its beginning. */
typedef struct {
    const uint8_t *at;
    size_t left;
} fuzz_input_t;

/** @return 1 if two arrays of strings, or NULL twice, are the same; else 0 */
int fuzz_same_strings(const apr_array_header_t *a, const apr_array_header_t *b);

/** Take a byte; 0 when none is left. */
unsigned fuzz_take_byte(fuzz_input_t *input);

/** Take eight bytes as a number; those that are missing are 0. */
uint64_t fuzz_take_number(fuzz_input_t *input);

/** Take all up to a separator, or up to the end, as a string without NUL; the
 *  separator is taken, too. */
const char *fuzz_take_string(fuzz_input_t *input, char separator);

#endif
