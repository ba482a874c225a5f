/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of each line of an import, and what has to be written for it. */
#ifndef UK_STORE_IMPORT_PLAN_H
#define UK_STORE_IMPORT_PLAN_H

#include "core/lifetime.h"
#include "store/import.h"
#include "store/import_known.h"

typedef struct {
    apr_array_header_t *teams; /* of uk_import_team_t *, to be made */
    apr_array_header_t *keys;  /* of const uk_import_line_t *, to be added */
    apr_array_header_t *slots; /* of int: one for each of them */
} uk_import_plan_t;

/* What holds for all lines. */
typedef struct {
    int limit; /* maximum number of keys in a team; 0: no limit */
    uk_lifetimes_t lifetimes;
    uk_instant_t now;
} uk_import_rules_t;

/**
 * Decide about lines in their order. What is to be added is known afterwards.
 *
 * @param lines   uk_import_line_t *s that known was read for
 * @param results receives one for each line
 * @return what has to be written, in the pool
 */
uk_import_plan_t *uk_import_plan_make(apr_pool_t *pool,
                                      const uk_import_rules_t *rules,
                                      uk_import_known_t *known,
                                      const apr_array_header_t *lines,
                                      uk_import_e *results);

#endif
