/* SPDX-License-Identifier: Apache-2.0 */
/* What a thread found in the shared cache last.
 *
 * Threads that use the same few keys, as most do, would wait for each other at
 * the lock of the same part of the shared cache: under load that cost a tenth of
 * the requests per second. */
#include "httpd/cache_local.h"

#include <string.h>

/* Ten KiB for each thread; what does not fit is found in the shared cache. */
#define PLACES 32
#define OBJECT_MAX 304

typedef struct {
    unsigned char id[UK_NEAR_ID_LEN];
    size_t len; /* 0: nothing is here */
    unsigned char bytes[OBJECT_MAX];
} place_t;

static __thread place_t places[PLACES];

static place_t *place_of(const unsigned char id[UK_NEAR_ID_LEN])
{
    return &places[id[0] % PLACES];
}

const unsigned char *uk_near_get(const unsigned char id[UK_NEAR_ID_LEN],
                                 size_t *len)
{
    const place_t *place = place_of(id);
    int is_here = memcmp(place->id, id, UK_NEAR_ID_LEN) == 0 && place->len > 0;

    *len = is_here ? place->len : 0;
    return is_here ? place->bytes : NULL;
}

void uk_near_put(const unsigned char id[UK_NEAR_ID_LEN],
                 const unsigned char *bytes, size_t len)
{
    place_t *place = place_of(id);

    if (len <= OBJECT_MAX) {
        memcpy(place->id, id, UK_NEAR_ID_LEN);
        memcpy(place->bytes, bytes, len);
        place->len = len;
    }
}
