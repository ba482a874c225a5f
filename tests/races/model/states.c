/* SPDX-License-Identifier: Apache-2.0 */
#include "states.h"

#include <stdlib.h>
#include <string.h>

#include "actors.h"

#define REGIONS_MAX 16

typedef struct {
    char *start;
    size_t size;
} region_t;

static region_t regions[REGIONS_MAX];
static int region_count;
static char *snapshots;
static size_t snapshot_end, snapshot_size, restored;
static uint64_t hash;
static state_cell_t *cells;
static size_t cell_count, cells_used;

void explore_region(void *start, size_t size)
{
    if (region_count == REGIONS_MAX) {
        abort();
    }
    regions[region_count++] = (region_t){start, size};
}

void states_reset(void)
{
    region_count = 0;
}

void states_forget(void)
{
    free(cells);
    cells = NULL;
    cell_count = cells_used = 0;
    snapshot_end = 0;
}

static region_t stack_of(int number)
{
    char *low = actors[number].status == ACTOR_NEW ? NULL : actors[number].low;
    char *end = actor_stacks[number] + ACTOR_STACK_SIZE;

    return (region_t){low ? low : end, low ? (size_t)(end - low) : 0};
}

/* Call a function for all memory of the state. The actors come first, which say
 * where the rest is. */
static void for_all_memory(void (*call)(char *start, size_t size))
{
    int i;

    for (i = 0; i < actor_count; i++) {
        call((char *)&actors[i], offsetof(actor_t, place));
        call((char *)&actors[i].place, sizeof(jmp_buf));
    }
    for (i = 0; i < region_count; i++) {
        call(regions[i].start, regions[i].size);
    }
    for (i = 0; i < actor_count; i++) {
        call(stack_of(i).start, stack_of(i).size);
        call(actor_arenas[i], actors[i].allocated);
    }
}

static void save_memory(char *start, size_t size)
{
    if (snapshot_end + size > snapshot_size) {
        char *larger = realloc(snapshots, (snapshot_end + size) * 2);

        if (!larger) {
            abort();
        }
        snapshots = larger;
        snapshot_size = (snapshot_end + size) * 2;
    }
    memcpy(snapshots + snapshot_end, start, size);
    snapshot_end += size;
}

size_t states_save(void)
{
    size_t snapshot = snapshot_end;

    for_all_memory(save_memory);
    return snapshot;
}

static void restore_memory(char *start, size_t size)
{
    memcpy(start, snapshots + restored, size);
    restored += size;
}

void states_restore(size_t snapshot)
{
    restored = snapshot;
    for_all_memory(restore_memory);
}

void states_drop(size_t snapshot)
{
    snapshot_end = snapshot;
}

static void hash_word(uint64_t word)
{
    hash = (hash ^ word) * 0x9e3779b97f4a7c15U;
    hash ^= hash >> 29;
}

static void hash_memory(char *start, size_t size)
{
    uint64_t word;
    size_t i;

    for (i = 0; i + sizeof(word) <= size; i += sizeof(word)) {
        memcpy(&word, start + i, sizeof(word));
        hash_word(word);
    }
    for (; i < size; i++) {
        hash_word((unsigned char)start[i]);
    }
}

/* The other registers that a function keeps for its caller have nothing of value:
 * all is compiled so that they are not used for that. */
static void hash_place(const char *place)
{
#ifdef __x86_64__
    hash_memory((char *)place + sizeof(uint64_t), sizeof(uint64_t));
    hash_memory((char *)place + 6 * sizeof(uint64_t), 2 * sizeof(uint64_t));
#else
    hash_memory((char *)place, sizeof(jmp_buf));
#endif
}

static void hash_part(char *start, size_t size)
{
    if (size == sizeof(jmp_buf) && start > (char *)actors
        && start < (char *)(actors + EXPLORE_ACTORS_MAX)) {
        hash_place(start);
    }
    else {
        hash_memory(start, size);
    }
}

uint64_t states_key(uint64_t extra)
{
    hash = 1;
    for_all_memory(hash_part);
    hash_word(extra);
    return hash ? hash : 1;
}

state_cell_t *states_cell(uint64_t key)
{
    size_t i = (size_t)key & (cell_count - 1);

    while (cells[i].key != 0 && cells[i].key != key) {
        i = (i + 1) & (cell_count - 1);
    }
    return &cells[i];
}

static void grow_cells(void)
{
    state_cell_t *old = cells;
    size_t old_count = cell_count, i;

    cell_count = old_count ? old_count * 2 : 1 << 16;
    cells = calloc(cell_count, sizeof(*cells));
    if (!cells) {
        abort();
    }
    for (i = 0; i < old_count; i++) {
        if (old[i].key != 0) {
            *states_cell(old[i].key) = old[i];
        }
    }
    free(old);
}

const state_cell_t *states_find(uint64_t key)
{
    state_cell_t *cell;

    if (cells_used * 2 >= cell_count) {
        grow_cells();
    }
    cell = states_cell(key);
    if (cell->key != 0) {
        return cell;
    }
    cell->key = key;
    cells_used++;
    return NULL;
}
