/* SPDX-License-Identifier: Apache-2.0 */
/* APR's pools, with each piece of memory by itself: see exact_pool.c. */
#ifndef UK_FUZZ_EXACT_POOL_H
#define UK_FUZZ_EXACT_POOL_H

/* Both are weak in fuzz.c: inside httpd the pools are httpd's own. */

/** Keep the pieces that are there now, until the process ends. */
void exact_pool_keep(void);

/** Free all other pieces. */
void exact_pool_free(void);

#endif
