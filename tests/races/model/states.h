/* SPDX-License-Identifier: Apache-2.0 */
/* States: all memory that actors change. For explore.c alone. */
#ifndef UK_MODEL_STATES_H
#define UK_MODEL_STATES_H

#include <stdint.h>

#include "explore.h"

/* A state that was seen. */
typedef struct {
    uint64_t key; /* 0: the cell is free */
    double paths; /* from here to the ends */
} state_cell_t;

/** Forget the regions. */
void states_reset(void);

/** Forget what was seen and saved. */
void states_forget(void);

/** Save the state of now. @return where that begins */
size_t states_save(void);

/** Write a state again that was saved. */
void states_restore(size_t snapshot);

/** Forget one that was saved, and all that were saved later. */
void states_drop(size_t snapshot);

/** @param extra what else distinguishes states @return the hash of the state of
 *  now, never 0 */
uint64_t states_key(uint64_t extra);

/** @return the cell of a state; its key is 0 if the state was not seen */
state_cell_t *states_cell(uint64_t key);

/** @return what is known of a state; NULL: it is new, and now known */
const state_cell_t *states_find(uint64_t key);

#endif
