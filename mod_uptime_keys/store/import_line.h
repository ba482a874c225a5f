/* SPDX-License-Identifier: Apache-2.0 */
/* One line of an import: read from JSON, and validated. */
#ifndef UK_STORE_IMPORT_LINE_H
#define UK_STORE_IMPORT_LINE_H

#include "core/key.h"

/* Maximum length of a line, in bytes. */
#define UK_IMPORT_LINE_MAX 65536

typedef struct {
    uk_key_t key;     /* id is NULL, created_at is UK_INSTANT_NONE if missing */
    const char *hash; /* keyHash: the SHA-256 in lower-case hexadecimal */
    int has_previous; /* 1: the line tells of a previous secret, see below */
} uk_import_line_t;

/**
 * Read and validate a line: {team, name, scopes, keyHash, keyPrefix,
 * createdAt?, expiresAt?, lastUsedAt?, addresses?, disabledAt?,
 * disabledReason?, id?}; a member with ? may be missing or null. Times are
 * integers, in milliseconds since 1970 UTC. Scopes need not be in the catalogue.
 * Other members are ignored; "previous" too, as it has no hash.
 *
 * @param line   need not end in NUL
 * @param import receives the key, in the pool; complete only if this returns 0
 * @param error  receives what is wrong with the line, in the pool or static;
 *               NULL if nothing is
 * @return 0, or -1 with *error
 */
int uk_import_line_read(apr_pool_t *pool, const char *line, size_t len,
                        uk_import_line_t *import, const char **error)
    __attribute__((warn_unused_result));

#endif
