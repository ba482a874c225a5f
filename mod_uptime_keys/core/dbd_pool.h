/* SPDX-License-Identifier: Apache-2.0 */
/* The size of mod_dbd's pool of connections, as its directives give it. */
#ifndef UK_CORE_DBD_POOL_H
#define UK_CORE_DBD_POOL_H

/* mod_dbd's defaults of DBDMin, DBDKeep, DBDMax and DBDExptime. Source:
 * mod_dbd.c. */
#define UK_DBD_MIN 1
#define UK_DBD_KEEP 2
#define UK_DBD_MAX 10
#define UK_DBD_EXPTIME 300

/* Connections of each process. */
typedef struct {
    int is_known; /* 0: there is no pool, or nobody says how large it is */
    int min;
    int keep;
    int max;
} uk_dbd_pool_size_t;

/** @return 1 if mod_dbd can make such a pool, else 0: then it opens no
 *  connection at all. Source: apr_reslist_create(). */
int uk_dbd_pool_is_possible(const uk_dbd_pool_size_t *size);

#endif
