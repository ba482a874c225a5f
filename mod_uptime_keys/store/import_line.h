/* SPDX-License-Identifier: Apache-2.0 */
/* One line of an import: read from JSON, and validated. */
#ifndef UK_STORE_IMPORT_LINE_H
#define UK_STORE_IMPORT_LINE_H

#include "core/key.h"

/* Bytes of one line. */
#define UK_IMPORT_LINE_MAX 65536

typedef struct {
    uk_key_t key; /* id is NULL if the line has none */
    const char *hash;
} uk_import_line_t;

/**
 * Read a line: {team, name, scopes, keyHash, keyPrefix, createdAt?, expiresAt?,
 * lastUsedAt?, id?}, times in integer milliseconds since 1970 UTC.
 *
 * @param error receives what is wrong with the line
 * @return 0, or -1 and *error
 */
int uk_import_line_read(apr_pool_t *pool, const char *line, size_t len,
                        uk_import_line_t *import, const char **error)
    __attribute__((warn_unused_result));

#endif
