/* SPDX-License-Identifier: Apache-2.0 */
/* The thread-local cache: the objects that this thread last found in the shared
 * cache, without a lock. */
#ifndef UK_HTTPD_CACHE_LOCAL_H
#define UK_HTTPD_CACHE_LOCAL_H

#include <stddef.h>

/* Bytes of an object's id. */
#define UK_CACHE_LOCAL_ID_LEN 8

/**
 * Find an object. The caller must check that it is still valid: an object is
 * only ever removed by another one that takes its slot.
 *
 * @param len receives its length, 0 if there is none
 * @return its bytes, valid until this thread stores an object; NULL if there is
 *         none
 */
const unsigned char *uk_cache_local_get(
    const unsigned char id[UK_CACHE_LOCAL_ID_LEN], size_t *len);

/** Store a copy of an object in the slot of its id, in the place of what is
 *  there. An object that is too large for a slot is not stored. */
void uk_cache_local_put(const unsigned char id[UK_CACHE_LOCAL_ID_LEN],
                        const unsigned char *bytes, size_t len);

#endif
