/* SPDX-License-Identifier: Apache-2.0 */
/* Included before the module's own files, which are compiled as they are: each
 * access to shared memory, and each look at the clock, is a step between which
 * other threads may run. All of these accesses are sequentially consistent, but
 * that to is_wanted, which orders nothing; so their interleavings are all there
 * is. */
#ifndef UK_MODEL_HOOKS_H
#define UK_MODEL_HOOKS_H

#include <apr_time.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "explore.h"

int model_clock_gettime(clockid_t clock, struct timespec *now);
apr_time_t model_time_now(void);
pid_t model_getpid(void);

#define clock_gettime model_clock_gettime
#define apr_time_now model_time_now
#define getpid model_getpid

#define VALUE_OF(object) __typeof__(((void)0, *(object)))

#undef atomic_load
#define atomic_load(object)                                                    \
    (explore_access((object), 0, __func__, "load " #object), *(object))

#undef atomic_load_explicit
#define atomic_load_explicit(object, order) atomic_load(object)

#undef atomic_store
#define atomic_store(object, desired)                                          \
    __extension__({                                                            \
        VALUE_OF(object) desired_ = (desired);                                 \
        explore_access((object), 1, __func__, "store " #object);               \
        *(object) = desired_;                                                  \
    })

#undef atomic_store_explicit
#define atomic_store_explicit(object, desired, order)                          \
    atomic_store(object, desired)

#undef atomic_fetch_add
#define atomic_fetch_add(object, operand)                                      \
    __extension__({                                                            \
        VALUE_OF(object) operand_ = (operand), old_;                           \
        explore_access((object), 1, __func__, "add to " #object);              \
        old_ = *(object);                                                      \
        *(object) = old_ + operand_;                                           \
        old_;                                                                  \
    })

#undef atomic_compare_exchange_weak
#define atomic_compare_exchange_weak(object, expected, desired)                \
    __extension__({                                                            \
        VALUE_OF(object) desired_ = (desired), old_;                           \
        int is_done_;                                                          \
        explore_access((object), 1, __func__, "exchange " #object);            \
        old_ = *(object);                                                      \
        is_done_ = old_ == *(expected);                                        \
        if (is_done_) {                                                        \
            *(object) = desired_;                                              \
        }                                                                      \
        else {                                                                 \
            *(expected) = old_;                                                \
        }                                                                      \
        is_done_;                                                              \
    })

#endif
