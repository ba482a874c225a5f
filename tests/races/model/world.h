/* SPDX-License-Identifier: Apache-2.0 */
/* What the module's files need around them: a database, a clock, the shared cache,
 * and one httpd, "the server", whose cache and lease are the module's own. */
#ifndef UK_MODEL_WORLD_H
#define UK_MODEL_WORLD_H

#include "explore.h"
#include "core/verdict.h"
#include "store/revoke.h"
#include "httpd/poller.h"

#define MODEL_KEYS 2
#define MODEL_CHANGES_MAX 4
#define MODEL_LOG_MAX 8
#define MODEL_PROCESSES 2   /* that may poll */
#define WORLD_EPOCH 1000000 /* of both clocks */

/* Of a key; numbers order the changes of one key. */
typedef struct {
    int is_good[MODEL_CHANGES_MAX]; /* after each change */
    int changes;                    /* that are committed */
    int answered;                   /* the last change that was answered */
} model_key_t;

typedef struct {
    apr_size_t len;
    unsigned char bytes[200];
} model_object_t;

/* All that changes, but for what the module has in memory of its own. */
typedef struct {
    uk_clock_ms_t clock;
    model_key_t keys[MODEL_KEYS];
    int ends_disabled; /* 1: a key that is not good is disabled, else deleted */
    /* the database */
    int counter, log_from;  /* older entries are not in the log any more */
    int log[MODEL_LOG_MAX]; /* the key that each change was about */
    int is_down;
    apr_int64_t seen_at; /* 0: there is no row of this server */
    /* caches: shared, and of each thread */
    model_object_t shared[MODEL_KEYS];
    model_object_t local[EXPLORE_ACTORS_MAX];
    /* processes */
    pid_t pids[EXPLORE_ACTORS_MAX];
    uk_clock_ms_t looked_at[MODEL_PROCESSES];
    int is_stopping, is_free; /* the right to poll is free */
    /* what must not decrease */
    apr_uint64_t round, valid_from;
} world_t;

extern world_t world;
extern const char *const world_hashes[MODEL_KEYS]; /* of the secrets */
extern const uk_poller_calls_t *world_calls;       /* of httpd/lease.c */

/** Begin anew, with a server that has never polled. */
void world_reset(void);

/** The lease as a process sees it. */
void *world_lease(int process);

/** Look a key up as httpd/finding.c does. @param is_cached receives whether the
 *  cache had it */
uk_verdict_e world_look_up(int key, int *is_cached);

/** Change a key in the database, in one step.
 *  @param is_logged 0: no trigger sees it
 *  @return the number of the change; 0: the database does not answer */
int world_change(int key, int is_good, int is_logged);

/** @return what is wrong with the state of the lease; NULL: nothing */
const char *world_is_right(void);

/** The cache of the server, for what it changes. */
uk_own_cache_t world_own_cache(void);

#endif
