/* SPDX-License-Identifier: Apache-2.0 */
/* What a thread found in the shared cache last: a first level before it, without
 * a lock. */
#ifndef UK_HTTPD_CACHE_LOCAL_H
#define UK_HTTPD_CACHE_LOCAL_H

#include <stddef.h>

/* Bytes of an object's id. */
#define UK_CACHE_LOCAL_ID_LEN 8

/**
 * Find an object. Whether it is still good is for the caller to see: nobody
 * takes it away but another object.
 *
 * @param len receives its length, 0 where there is none
 * @return its bytes, which are this thread's until it puts the next object; NULL
 *         where there is none
 */
const unsigned char *uk_cache_local_get(
    const unsigned char id[UK_CACHE_LOCAL_ID_LEN], size_t *len);

/** Keep an object, if it is not too large, in the slot of another one. */
void uk_cache_local_put(const unsigned char id[UK_CACHE_LOCAL_ID_LEN],
                        const unsigned char *bytes, size_t len);

#endif
