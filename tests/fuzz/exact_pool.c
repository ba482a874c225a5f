/* SPDX-License-Identifier: Apache-2.0 */
/* APR's pools, with each piece of memory by itself.
 *
 * A pool cuts pieces from blocks of 8 KiB, where AddressSanitizer sees no ends.
 * This apr_palloc() takes the place of APR's in a fuzz target, also for APR
 * itself. Whichever pool a piece is of, it is freed when an input ends. */
#include <apr_pools.h>
#include <stdlib.h>

#include "exact_pool.h"

/* apr_pools.h may define it as a macro. */
#undef apr_palloc

static void **pieces;
static size_t count, room, kept;

static void remember(void *piece)
{
    if (count == room) {
        room = room ? room * 2 : 1024;
        pieces = realloc(pieces, room * sizeof(*pieces));
        if (!pieces) {
            abort();
        }
    }
    pieces[count++] = piece;
}

__attribute__((visibility("default"))) void *apr_palloc(apr_pool_t *pool,
                                                        apr_size_t size)
{
    void *piece = malloc(size ? size : 1);

    (void)pool;
    if (!piece) {
        abort();
    }
    remember(piece);
    return piece;
}

void exact_pool_keep(void)
{
    kept = count;
}

void exact_pool_free(void)
{
    while (count > kept) {
        free(pieces[--count]);
    }
}
