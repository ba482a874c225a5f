/* SPDX-License-Identifier: Apache-2.0 */
/* A mutex in memory that processes share. */
#ifndef UK_CORE_ROBUST_LOCK_H
#define UK_CORE_ROBUST_LOCK_H

#include <pthread.h>

/**
 * Create a mutex that processes share. If a process is killed that holds it,
 * the next one to lock it gets EOWNERDEAD: it puts right what the mutex guards,
 * and calls pthread_mutex_consistent().
 *
 * @param lock in the shared memory
 * @return 0; -1 if this system has none of the kind
 */
int uk_robust_lock_create(pthread_mutex_t *lock)
    __attribute__((warn_unused_result));

#endif
