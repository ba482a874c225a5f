/* SPDX-License-Identifier: Apache-2.0 */
/* The table that finds the place of a key: open addressing, linear probing. */
#include "core/top_table.h"

apr_uint32_t uk_top_mask(int capacity)
{
    apr_uint32_t cells = 4;

    while (cells < (apr_uint32_t)capacity * 2) {
        cells *= 2;
    }
    return cells - 1;
}

apr_size_t uk_top_cells_size(int capacity)
{
    return sizeof(uk_top_cell_t) * ((apr_size_t)uk_top_mask(capacity) + 1);
}

static uk_top_cell_t *top_cells(const uk_top_t *top)
{
    return (uk_top_cell_t *)(top->places + top->capacity);
}

uk_top_place_t *uk_top_find(uk_top_t *top, apr_uint64_t tag)
{
    uk_top_cell_t *cells = top_cells(top);
    apr_uint32_t i = (apr_uint32_t)tag & top->mask, number;

    while ((number = atomic_load_explicit(&cells[i], memory_order_acquire))
           != 0) {
        uk_top_place_t *place = &top->places[number - 1];

        if (atomic_load_explicit(&place->tag, memory_order_relaxed) == tag) {
            return place;
        }
        i = (i + 1) & top->mask;
    }
    return NULL;
}

void uk_top_insert(uk_top_t *top, const uk_top_place_t *place)
{
    uk_top_cell_t *cells = top_cells(top);
    apr_uint32_t i = (apr_uint32_t)atomic_load(&place->tag) & top->mask;

    while (atomic_load(&cells[i]) != 0) {
        i = (i + 1) & top->mask;
    }
    atomic_store(&cells[i], (apr_uint32_t)(place - top->places) + 1);
}

/* The cells that follow move up, so that each is found from its home on. */
static void close_gap(uk_top_t *top, apr_uint32_t gap)
{
    uk_top_cell_t *cells = top_cells(top);
    apr_uint32_t i = gap, number;

    while ((number = atomic_load(&cells[i = (i + 1) & top->mask])) != 0) {
        apr_uint32_t home =
            (apr_uint32_t)atomic_load(&top->places[number - 1].tag) & top->mask;

        if (((i - home) & top->mask) >= ((i - gap) & top->mask)) {
            atomic_store(&cells[gap], number);
            gap = i;
        }
    }
    atomic_store(&cells[gap], 0);
}

void uk_top_remove(uk_top_t *top, const uk_top_place_t *place)
{
    uk_top_cell_t *cells = top_cells(top);
    apr_uint32_t i = (apr_uint32_t)atomic_load(&place->tag) & top->mask;
    apr_uint32_t own = (apr_uint32_t)(place - top->places) + 1, number;

    while ((number = atomic_load(&cells[i])) != 0 && number != own) {
        i = (i + 1) & top->mask;
    }
    if (number == own) {
        close_gap(top, i);
    }
}

void uk_top_clear(uk_top_t *top)
{
    apr_uint32_t i;

    for (i = 0; i <= top->mask; i++) {
        atomic_store(&top_cells(top)[i], 0);
    }
}
