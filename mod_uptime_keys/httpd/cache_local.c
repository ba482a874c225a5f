/* SPDX-License-Identifier: Apache-2.0 */
/* The thread-local cache, in front of the shared one.
 *
 * Without it, threads that look for the same few keys, as most do, wait for
 * each other at the lock of one part of the shared cache: under load that cost
 * a tenth of the requests per second. */
#include "httpd/cache_local.h"

#include <string.h>

/* Ten KiB for each thread. Larger objects are in the shared cache only. */
#define SLOTS 32
#define OBJECT_MAX 304

typedef struct {
    unsigned char id[UK_CACHE_LOCAL_ID_LEN];
    size_t len; /* 0: the slot is empty */
    unsigned char bytes[OBJECT_MAX];
} slot_t;

static _Thread_local slot_t slots[SLOTS];

static slot_t *slot_for(const unsigned char id[UK_CACHE_LOCAL_ID_LEN])
{
    return &slots[id[0] % SLOTS];
}

const unsigned char *uk_cache_local_get(
    const unsigned char id[UK_CACHE_LOCAL_ID_LEN], size_t *len)
{
    const slot_t *slot = slot_for(id);
    int is_found =
        memcmp(slot->id, id, UK_CACHE_LOCAL_ID_LEN) == 0 && slot->len > 0;

    *len = is_found ? slot->len : 0;
    return is_found ? slot->bytes : NULL;
}

void uk_cache_local_put(const unsigned char id[UK_CACHE_LOCAL_ID_LEN],
                        const unsigned char *bytes, size_t len)
{
    slot_t *slot = slot_for(id);

    if (len <= OBJECT_MAX) {
        memcpy(slot->id, id, UK_CACHE_LOCAL_ID_LEN);
        memcpy(slot->bytes, bytes, len);
        slot->len = len;
    }
}
