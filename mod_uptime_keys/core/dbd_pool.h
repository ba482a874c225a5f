/* SPDX-License-Identifier: Apache-2.0 */
/* The size of mod_dbd's connection pool, as set by its directives. */
#ifndef UK_CORE_DBD_POOL_H
#define UK_CORE_DBD_POOL_H

/* mod_dbd's defaults of DBDMin, DBDKeep, DBDMax and DBDExptime, which is in
 * seconds. Source: mod_dbd.c. */
#define UK_DBD_MIN 1
#define UK_DBD_KEEP 2
#define UK_DBD_MAX 10
#define UK_DBD_EXPTIME 300

/* Numbers of connections, for each process. */
typedef struct {
    int is_known; /* 0: there is no pool, or its size is not known */
    int min;      /* DBDMin */
    int keep;     /* DBDKeep */
    int max;      /* DBDMax */
} uk_dbd_pool_size_t;

/** @return 1 if mod_dbd can create a pool of this size, which must be known; 0
 *  if not: it then opens no connection at all. Source: apr_reslist_create(). */
int uk_dbd_pool_is_possible(const uk_dbd_pool_size_t *size);

#endif
