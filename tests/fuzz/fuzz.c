/* SPDX-License-Identifier: Apache-2.0 */
/* What fuzz targets have in common: the pool of one input, and expectations. */
#include "fuzz.h"

#include <apr_general.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exact_pool.h"

#pragma weak exact_pool_keep
#pragma weak exact_pool_free

static apr_pool_t *input_pool;

void fuzz_keep(void)
{
    fuzz_pool();
    if (exact_pool_keep) {
        exact_pool_keep();
    }
}

apr_pool_t *fuzz_pool(void)
{
    if (!input_pool) {
        apr_initialize();
        apr_pool_create(&input_pool, NULL);
    }
    return input_pool;
}

void fuzz_clear(void)
{
    apr_pool_clear(fuzz_pool());
    if (exact_pool_free) {
        exact_pool_free();
    }
}

static apr_status_t free_copy(void *copy)
{
    free(copy);
    return APR_SUCCESS;
}

static char *copy_of(const void *data, size_t size, size_t more)
{
    char *copy = malloc(size + more > 0 ? size + more : 1);

    if (!copy) {
        abort();
    }
    if (size) {
        memcpy(copy, data, size);
    }
    apr_pool_cleanup_register(fuzz_pool(), copy, free_copy,
                              apr_pool_cleanup_null);
    return copy;
}

const char *fuzz_bytes(const void *data, size_t size)
{
    return copy_of(data, size, 0);
}

const char *fuzz_string(const void *data, size_t size)
{
    size_t len = size ? strnlen(data, size) : 0;
    char *copy = copy_of(data, len, 1);

    copy[len] = '\0';
    return copy;
}

void fuzz_fail(const char *file, int line, const char *what)
{
    fprintf(stderr, "%s:%d: %s\n", file, line, what);
    abort();
}

unsigned fuzz_take_byte(fuzz_input_t *input)
{
    if (!input->left) {
        return 0;
    }
    input->left--;
    return *input->at++;
}

uint64_t fuzz_take_number(fuzz_input_t *input)
{
    uint64_t number = 0;
    int i;

    for (i = 0; i < 8; i++) {
        number = number << 8 | fuzz_take_byte(input);
    }
    return number;
}

const char *fuzz_take_string(fuzz_input_t *input, char separator)
{
    const uint8_t *end =
        input->left ? memchr(input->at, separator, input->left) : NULL;
    size_t len = end ? (size_t)(end - input->at) : input->left;
    const char *string = fuzz_string(input->at, len);

    len += end != NULL;
    input->at += len;
    input->left -= len;
    return string;
}

int fuzz_same_strings(const apr_array_header_t *a, const apr_array_header_t *b)
{
    return (!a && !b)
           || (a && b
               && strcmp(apr_array_pstrcat(fuzz_pool(), a, '\n'),
                         apr_array_pstrcat(fuzz_pool(), b, '\n'))
                      == 0);
}
