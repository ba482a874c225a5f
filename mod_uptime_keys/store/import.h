/* SPDX-License-Identifier: Apache-2.0 */
/* Many keys at once, from another product's export. */
#ifndef UK_STORE_IMPORT_H
#define UK_STORE_IMPORT_H

#include "store/audit.h"
#include "store/import_line.h"

/* Rows of one transaction: enough that each page of an index is written but a
 * few times, and so few that another writer waits for a second and no more. */
#define UK_IMPORT_BATCH 100000

/* What became of one line. */
typedef enum {
    UK_IMPORT_ADDED,
    UK_IMPORT_PRESENT,   /* its hash was there already */
    UK_IMPORT_ID_TAKEN,  /* another key has its id */
    UK_IMPORT_OVER_LIMIT /* its team has no free slot */
} uk_import_e;

typedef struct uk_importer_t uk_importer_t;

/**
 * Prepare an import.
 *
 * @param limit keys a team may have; 0: as many as come
 */
uk_importer_t *uk_importer_create(uk_database_t *db, const uk_actor_t *actor,
                                  int limit);

/**
 * Put in a batch of keys, in one transaction: all of them or none. Teams that
 * are missing are made; a key without an id gets one, a key without created_at
 * is made now.
 *
 * @param batch   uk_import_line_t *s, at most UK_IMPORT_BATCH
 * @param results receives one uk_import_e for each
 * @return UK_OK
 */
uk_outcome_e uk_importer_add(uk_importer_t *importer,
                             const apr_array_header_t *batch,
                             uk_import_e *results)
    __attribute__((warn_unused_result));

#endif
