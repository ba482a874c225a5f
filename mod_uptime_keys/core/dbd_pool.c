/* SPDX-License-Identifier: Apache-2.0 */
/* The size of mod_dbd's connection pool. */
#include "core/dbd_pool.h"

int uk_dbd_pool_is_possible(const uk_dbd_pool_size_t *size)
{
    return size->min <= size->keep && size->keep <= size->max && size->max > 0;
}
