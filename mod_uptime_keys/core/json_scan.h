/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of an import in the form that programs write them in, read at a
 * fraction of what it costs to build a JSON document. */
#ifndef UK_CORE_JSON_SCAN_H
#define UK_CORE_JSON_SCAN_H

#include "core/json.h"

/**
 * Read a line that is one object with the members of an import, each at most
 * once and of its own type or null, in ASCII without escapes.
 *
 * This only ever says yes to what is JSON and means this: whatever else a line
 * is, good or bad, is for uk_json_read_import() to find out.
 *
 * @param import receives the members, unchecked; NULL or 0 where they are
 *               missing or null
 * @return 0, or -1 for any other line
 */
int uk_json_scan_import(apr_pool_t *pool, const char *line, size_t len,
                       uk_json_import_t *import)
    __attribute__((warn_unused_result));

#endif
