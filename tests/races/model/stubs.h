/* SPDX-License-Identifier: Apache-2.0 */
/* What stubs.c has of the module, for world.c. */
#ifndef UK_MODEL_STUBS_H
#define UK_MODEL_STUBS_H

#include "core/lease_state.h"
#include "core/refusals.h"
#include "httpd/state.h"

#define STUB_MEMORY_SIZE                                                       \
    (sizeof(uk_lease_state_t) + sizeof(uk_refusals_t) + 4096)

/* Shared memory, as it was allocated, one after the other. */
extern char stub_memory[STUB_MEMORY_SIZE];
extern uk_server_state_t stub_server_state;
/* What httpd/lease.c has in memory of its own, in the only process. */
extern void *stub_lease;
extern size_t stub_lease_size;

/** Forget the shared memory. */
void stubs_reset(void);

#endif
