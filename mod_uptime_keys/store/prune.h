/* SPDX-License-Identifier: Apache-2.0 */
/* uptime_audit: removing old rows. */
#ifndef UK_STORE_PRUNE_H
#define UK_STORE_PRUNE_H

#include "store/audit.h"

/* What was done so far. */
typedef struct {
    apr_int64_t last;    /* no row up to this id is looked at again */
    apr_int64_t removed; /* rows */
    apr_int64_t kept;    /* old rows that stay for their keys */
    int is_done;         /* 1: there are no more rows */
} uk_prune_t;

/**
 * Remove rows from before an instant, up to 1000 in one transaction; but the
 * oldest row of each key stays, by which its id is known when a form is sent
 * again (see uk_store_key_create()). Call it until prune->is_done.
 *
 * @param is_dry 1: only count
 * @param prune  all zeros at first; on failure it is as it was
 * @return UK_OK; UK_UNAVAILABLE with db->error
 */
uk_outcome_e uk_prune_batch(uk_database_t *db, uk_instant_t before, int is_dry,
                            uk_prune_t *prune)
    __attribute__((warn_unused_result));

/** Write "audit.prune" into uptime_audit: that rows were removed, and by whom.
 *  @return UK_OK; UK_UNAVAILABLE with db->error */
uk_outcome_e uk_prune_finish(uk_database_t *db, const uk_actor_t *actor,
                             uk_instant_t before, const uk_prune_t *prune)
    __attribute__((warn_unused_result));

#endif
