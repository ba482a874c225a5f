/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of the client library that apr_dbd's driver has loaded: for what
 * has to be said past apr_dbd. The library's header need not be there to build
 * this module. */
#ifndef UK_DB_SYMBOLS_H
#define UK_DB_SYMBOLS_H

#include <stddef.h>

/**
 * Find functions by their names.
 *
 * @param names     count of them
 * @param functions receives as many pointers to functions, in the same order;
 *                  undefined on failure
 * @return 1, or 0 if one of them is missing
 */
int uk_symbols_find(const char *const *names, size_t count, void *functions);

#endif
