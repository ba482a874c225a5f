/* SPDX-License-Identifier: Apache-2.0 */
/* A mutex in memory that processes share. */
#include "core/robust_lock.h"

int uk_robust_lock_create(pthread_mutex_t *lock)
{
    pthread_mutexattr_t attributes;
    int failed;

    if (pthread_mutexattr_init(&attributes) != 0) {
        return -1;
    }
    failed = pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED)
             || pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST)
             || pthread_mutex_init(lock, &attributes);
    pthread_mutexattr_destroy(&attributes);
    return failed ? -1 : 0;
}
