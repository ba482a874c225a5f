/* SPDX-License-Identifier: Apache-2.0 */
/* How much each key has used of its limits, in memory that processes share.
 *
 * A table of fixed size: a fingerprint of key and policy names a set, and is the
 * owner of one of its 16 slots, which holds the TAT (core/gcra.h). A request of an
 * owner that has a slot takes no lock: it exchanges the TAT, if no other request
 * did meanwhile. A slot whose TAT has passed says as much as none, so an owner
 * without a slot takes one of these, under a lock of the set; if the process that
 * holds the lock is killed, the next one gets it.
 *
 * Only if all 16 are in use the state of another owner is lost: of the one that
 * would have all of its requests back soonest. It may then make again as many
 * requests as it had used. With 40,000 keys in use at a time hardly any set is
 * full, with 60,000 one in 650. Nobody can choose which key loses its state: the
 * ids of keys are random, and so is the seed of fingerprints. */
#ifndef UK_CORE_RATE_TABLE_H
#define UK_CORE_RATE_TABLE_H

#include <pthread.h>
#include <stdatomic.h>

#include "core/gcra.h"

#define UK_RATE_SETS 8192
#define UK_RATE_WAYS 16
#define UK_RATE_LOCKS 64 /* a set has that of its number, modulo this */

/* Slots of a set, one cache line of owners after the other. */
typedef struct {
    _Atomic apr_uint64_t owners[UK_RATE_WAYS]; /* 0: nobody */
    _Atomic uk_clock_ns_t tats[UK_RATE_WAYS];
} uk_rate_set_t;

/* In shared memory that is aligned like a cache line. */
typedef struct {
    uk_rate_set_t sets[UK_RATE_SETS];
    pthread_mutex_t locks[UK_RATE_LOCKS];
    apr_uint64_t seed;   /* of fingerprints */
    _Atomic int is_made; /* uk_rate_table_make() was called */
} uk_rate_table_t;

/* The TAT of a slot that changes its owner. A process that finds it with the lock
 * held may take the slot: the one that began has been killed. */
#define UK_RATE_TAKEN (~(uk_clock_ns_t)0)

/* A request to be counted. */
typedef struct {
    apr_uint64_t owner; /* uk_rate_fingerprint() */
    const uk_gcra_policy_t *policy;
    uk_clock_ns_t (*clock)(void); /* uk_clock_now_ns(), but for tests */
} uk_rate_request_t;

/* What became of it. */
typedef struct {
    int is_allowed;
    int is_exact; /* 0: the state of another owner was lost */
    uk_gcra_quota_t quota;
} uk_rate_count_t;

/**
 * Make a table, or find one as it was made.
 *
 * @param memory all zeros, or a table
 * @return the table; NULL: there are no locks that outlive a killed process
 */
uk_rate_table_t *uk_rate_table_make(void *memory);

/** The fingerprint of a key and a policy, never 0. */
apr_uint64_t uk_rate_fingerprint(const uk_rate_table_t *table, const char *id,
                                 const uk_gcra_policy_t *policy);

/** Count a request, once in all processes.
 *
 *  @param count receives the outcome
 *  @return 1; 0: the lock failed, and nothing was counted */
int uk_rate_table_count(uk_rate_table_t *table,
                        const uk_rate_request_t *request,
                        uk_rate_count_t *count)
    __attribute__((warn_unused_result));

/** Take back one request that was counted. */
void uk_rate_table_give_back(uk_rate_table_t *table,
                             const uk_rate_request_t *request);

#endif
