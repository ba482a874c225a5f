/* SPDX-License-Identifier: Apache-2.0 */
/* How many threads do the work of a queue (httpd/poller.c). */
#ifndef UK_CORE_POLL_THREADS_H
#define UK_CORE_POLL_THREADS_H

#include "core/clock.h"

/* So many threads are started as soon as there is something for them. */
#define UK_POLL_THREADS_FEW 3
/* More only when work has waited for so long in the queue: as many again as
 * there are, until none waits. So threads that a database does not answer do not
 * keep others from theirs for longer than a few times this. */
#define UK_POLL_THREADS_PATIENCE_MS 100

typedef struct {
    int running; /* threads */
    int idle;    /* of these, those that wait for something to do */
    int queued;  /* pieces of work that no thread does yet */
    uk_clock_ms_t queued_since; /* the first of these */
} uk_poll_threads_t;

/** @return the number of threads to start now */
int uk_poll_threads_missing(const uk_poll_threads_t *threads,
                            uk_clock_ms_t now);

/** @return 1 if more threads are idle than are needed for what comes next: one of
 *          them ends; else 0 */
int uk_poll_threads_are_many(const uk_poll_threads_t *threads);

#endif
