/* SPDX-License-Identifier: Apache-2.0 */
/* Importing keys in batches, for example from another product. */
#ifndef UK_STORE_IMPORT_H
#define UK_STORE_IMPORT_H

#include "core/lifetime.h"
#include "store/audit.h"
#include "store/import_line.h"

/* Keys in one transaction. Other writers wait for it a fraction of a second; in
 * a file it is longer, and each page of an index is written only a few times. */
#define UK_IMPORT_BATCH 10000
#define UK_IMPORT_BATCH_FILE 100000

/* What happened to one line. */
typedef enum {
    UK_IMPORT_ADDED,
    UK_IMPORT_PRESENT,    /* not added: the team has a key with this hash */
    UK_IMPORT_HASH_TAKEN, /* not added: it is the secret of another team's key,
                             or a previous one of any key */
    UK_IMPORT_ID_TAKEN,   /* not added: another key has this id */
    UK_IMPORT_OVER_LIMIT, /* not added: the team has no free slot */
    UK_IMPORT_OVER_LIFETIME /* not added: it lives longer than the maximum */
} uk_import_e;

typedef struct uk_importer_t uk_importer_t;

/**
 * Create an importer, in db->pool.
 *
 * @param db        must outlive the importer, and so must the actor
 * @param limit     maximum number of keys in a team; 0: no limit
 * @param lifetimes no key that lives longer than their maximum is added
 */
uk_importer_t *uk_importer_create(uk_database_t *db, const uk_actor_t *actor,
                                  int limit, const uk_lifetimes_t *lifetimes);

/**
 * Add a batch of keys in one transaction. A missing team is created. A key
 * without an id gets one, and one without created_at gets the actor's time.
 *
 * @param batch   uk_import_line_t *s; see UK_IMPORT_BATCH
 * @param results receives one uk_import_e for each key
 * @return UK_OK; UK_UNAVAILABLE with db->error: the results are not valid, and
 *         no key was added unless the outcome of the commit is not known
 */
uk_outcome_e uk_importer_add(uk_importer_t *importer,
                             const apr_array_header_t *batch,
                             uk_import_e *results)
    __attribute__((warn_unused_result));

/**
 * Like uk_importer_add(), and change nothing: what was tried before with this
 * importer counts as added. For that it remembers 150 bytes for each key.
 *
 * @return UK_OK; UK_UNAVAILABLE with db->error: the results are not valid
 */
uk_outcome_e uk_importer_try(uk_importer_t *importer,
                             const apr_array_header_t *batch,
                             uk_import_e *results)
    __attribute__((warn_unused_result));

#endif
