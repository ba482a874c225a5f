/* SPDX-License-Identifier: Apache-2.0 */
/* Shared memory that a graceful restart keeps.
 *
 * This module is loaded anew by each restart, so what it must remember is kept
 * by httpd, in its retained data. */
#include "httpd/retained.h"

#include <apr_shm.h>
#include <string.h>

/* A cache line, which is what processors write as a whole. */
#define LINE ((apr_uintptr_t)64)

typedef struct {
    void *memory; /* NULL: none yet */
    apr_size_t size;
} retained_t;

static retained_t *find_retained(const char *name)
{
    retained_t *retained = ap_retained_data_get(name);

    return retained ? retained
                    : ap_retained_data_create(name, sizeof(*retained));
}

const void *uk_retained_before(const char *name)
{
    return find_retained(name)->memory;
}

void *uk_retained_memory(server_rec *server, const char *name, apr_size_t size)
{
    retained_t *retained = find_retained(name);
    apr_shm_t *shm;

    if (retained->memory && retained->size == size) {
        return retained->memory;
    }
    /* Memory of another size may still be in use by children: it stays. */
    if (apr_shm_create(&shm, size + LINE, NULL, server->process->pool)
        != APR_SUCCESS) {
        return NULL;
    }
    retained->memory =
        (void *)APR_ALIGN((apr_uintptr_t)apr_shm_baseaddr_get(shm), LINE);
    retained->size = size;
    memset(retained->memory, 0, size);
    return retained->memory;
}
