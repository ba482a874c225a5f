/* SPDX-License-Identifier: Apache-2.0 */
/* The uses of the most used keys, counted in memory that processes share.
 *
 * A place is found without a lock (core/top_table.h). Only who takes a place
 * needs the lock, and goes on without it if another one has it. */
#include "core/top.h"

#include <errno.h>
#include <string.h>

#include "core/robust_lock.h"
#include "core/top_table.h"

/* Places that are compared, one of which may be taken. */
#define SAMPLE 8
/* Attempts to read a place that is being changed. */
#define READS_MAX 100

apr_size_t uk_top_size(int capacity)
{
    return sizeof(uk_top_t) + sizeof(uk_top_place_t) * (apr_size_t)capacity
           + uk_top_cells_size(capacity);
}

uk_top_t *uk_top_init(void *memory, int capacity)
{
    uk_top_t *top = memory;

    if (!top->is_ready) {
        top->capacity = capacity;
        top->mask = uk_top_mask(capacity);
        top->is_ready = uk_robust_lock_create(&top->lock) == 0;
    }
    return top->is_ready ? top : NULL;
}

/* Reading. */

/* Of no id that this module makes. */
static apr_uint64_t tag_of_short(const char *id)
{
    apr_uint64_t tag = 1;

    while (*id) {
        tag = tag * 31 + (unsigned char)*id++;
    }
    return tag ? tag : 1;
}

/* Of the last characters: an id begins with the time. */
static apr_uint64_t tag_of(const char *id)
{
    apr_size_t len = strlen(id);
    apr_uint64_t a, b, tag;

    if (len < sizeof(a) + sizeof(b)) {
        return tag_of_short(id);
    }
    memcpy(&a, id + len - sizeof(a), sizeof(a));
    memcpy(&b, id + len - sizeof(a) - sizeof(b), sizeof(b));
    tag = ((a * APR_UINT64_C(0x9e3779b97f4a7c15)) ^ b)
          * APR_UINT64_C(0xd6e8feb86659fd93);
    tag ^= tag >> 32;
    return tag ? tag : 1;
}

static apr_uint64_t sum_of(const uk_top_part_t counts[UK_TOP_PARTS])
{
    apr_uint64_t sum = 0;
    int i;

    for (i = 0; i < UK_TOP_PARTS; i++) {
        sum += atomic_load_explicit(&counts[i].value, memory_order_relaxed);
    }
    return sum;
}

static void load_string(char *string, const uk_top_word_t *words, int count)
{
    int i;

    for (i = 0; i < count; i++) {
        apr_uint64_t word =
            atomic_load_explicit(&words[i], memory_order_relaxed);

        memcpy(string + (apr_size_t)i * UK_TOP_WORD, &word, UK_TOP_WORD);
    }
    string[(apr_size_t)count * UK_TOP_WORD] = '\0';
}

/* @return 0 if nobody has the place, or it is being changed */
static int read_once(const uk_top_place_t *place, uk_top_key_t *key, char *id,
                     char *team)
{
    apr_uint64_t version =
        atomic_load_explicit(&place->version, memory_order_acquire);
    apr_uint64_t tag = atomic_load_explicit(&place->tag, memory_order_relaxed);

    load_string(id, place->id, UK_TOP_ID_WORDS);
    load_string(team, place->team, UK_TOP_TEAM_WORDS);
    key->count = sum_of(place->counts);
    atomic_thread_fence(memory_order_acquire);
    return tag != 0 && version % 2 == 0
           && atomic_load_explicit(&place->version, memory_order_relaxed)
                  == version;
}

static int read_place(const uk_top_place_t *place, apr_pool_t *pool,
                      uk_top_key_t *key)
{
    char *id = apr_palloc(pool, UK_TOP_ID_WORDS * UK_TOP_WORD + 1);
    char *team = apr_palloc(pool, UK_TOP_TEAM_WORDS * UK_TOP_WORD + 1);
    int i = 0;

    key->id = id;
    key->team = team;
    while (i < READS_MAX && !read_once(place, key, id, team)) {
        i++;
    }
    return i < READS_MAX;
}

apr_array_header_t *uk_top_read(const uk_top_t *top, apr_pool_t *pool,
                                apr_uint64_t *others)
{
    apr_uint32_t taken = atomic_load(&top->taken), i;
    apr_array_header_t *keys =
        apr_array_make(pool, (int)taken + 1, sizeof(uk_top_key_t));
    uk_top_key_t key;

    for (i = 0; i < taken; i++) {
        if (read_place(&top->places[i], pool, &key)) {
            APR_ARRAY_PUSH(keys, uk_top_key_t) = key;
        }
    }
    *others = sum_of(top->others);
    return keys;
}

void uk_top_take_over(uk_top_t *top, const uk_top_t *before)
{
    apr_uint64_t sum = sum_of(before->others);
    int i;

    for (i = 0; i < before->capacity; i++) {
        sum += sum_of(before->places[i].counts);
    }
    atomic_fetch_add(&top->others[0].value, sum);
}

/* Taking a place; the lock is held. */

static void store_string(uk_top_word_t *words, int count, const char *string)
{
    apr_size_t len = strlen(string);
    int i;

    for (i = 0; i < count; i++) {
        apr_uint64_t word = 0;

        memcpy(&word, string, len < UK_TOP_WORD ? len : UK_TOP_WORD);
        atomic_store_explicit(&words[i], word, memory_order_relaxed);
        string += len < UK_TOP_WORD ? len : UK_TOP_WORD;
        len -= len < UK_TOP_WORD ? len : UK_TOP_WORD;
    }
}

/* Who finds the place in this moment adds to whoever has it. */
static void give_to_others(uk_top_t *top, uk_top_place_t *place)
{
    int i;

    for (i = 0; i < UK_TOP_PARTS; i++) {
        atomic_fetch_add(&top->others[i].value,
                         atomic_exchange(&place->counts[i].value, 0));
    }
}

static apr_uint64_t rank_of(const uk_top_place_t *place)
{
    return sum_of(place->counts) + atomic_load(&place->inherited);
}

static void begin_change(uk_top_place_t *place)
{
    apr_uint64_t version = atomic_load(&place->version);

    atomic_store(&place->version, version | 1);
    atomic_thread_fence(memory_order_release);
}

static void end_change(uk_top_place_t *place)
{
    atomic_store_explicit(&place->version, atomic_load(&place->version) + 1,
                          memory_order_release);
}

static void take_place(uk_top_t *top, uk_top_place_t *place, const char *id,
                       const char *team)
{
    apr_uint64_t rank = rank_of(place);

    uk_top_remove(top, place);
    begin_change(place);
    atomic_store(&place->tag, 0);
    give_to_others(top, place);
    atomic_store(&place->inherited, rank);
    store_string(place->id, UK_TOP_ID_WORDS, id);
    store_string(place->team, UK_TOP_TEAM_WORDS, team);
    atomic_store(&place->tag, tag_of(id));
    end_change(place);
    uk_top_insert(top, place);
}

/* The least used of some places. */
static uk_top_place_t *least_used(uk_top_t *top)
{
    apr_uint32_t capacity = (apr_uint32_t)top->capacity;
    uk_top_place_t *least = NULL;
    int i;

    for (i = 0; i < SAMPLE; i++) {
        uk_top_place_t *place = &top->places[top->hand++ % capacity];

        if (!least || rank_of(place) < rank_of(least)) {
            least = place;
        }
    }
    return least;
}

/* A key without a place takes one with a probability of 1 to the rank: who is
 * used often has many tries. */
static int may_take(uk_top_t *top, const uk_top_place_t *place)
{
    apr_uint64_t number =
        (++top->misses * APR_UINT64_C(0x9e3779b97f4a7c15)) >> 16;

    return number % (rank_of(place) + 1) == 0;
}

static uk_top_place_t *place_for(uk_top_t *top, apr_uint64_t tag,
                                 const char *id, const char *team)
{
    apr_uint32_t taken = atomic_load(&top->taken);
    uk_top_place_t *place = uk_top_find(top, tag);

    if (place) {
        return place;
    }
    if (taken < (apr_uint32_t)top->capacity) {
        place = &top->places[taken];
        take_place(top, place, id, team);
        atomic_store(&top->taken, taken + 1);
        return place;
    }
    place = least_used(top);
    if (!may_take(top, place)) {
        return NULL;
    }
    take_place(top, place, id, team);
    return place;
}

/* Who held the lock was killed, in the middle of anything. */
static void repair(uk_top_t *top)
{
    apr_uint32_t taken = atomic_load(&top->taken), i;

    uk_top_clear(top);
    for (i = 0; i < (apr_uint32_t)top->capacity; i++) {
        uk_top_place_t *place = &top->places[i];

        if (atomic_load(&place->version) % 2 != 0) {
            atomic_store(&place->tag, 0);
            give_to_others(top, place);
            atomic_store(&place->inherited, 0);
            end_change(place);
        }
        if (i < taken && atomic_load(&place->tag) != 0) {
            uk_top_insert(top, place);
        }
    }
}

/* @return 0 if another thread holds it */
static int try_lock(uk_top_t *top)
{
    int result = pthread_mutex_trylock(&top->lock);

    if (result == EOWNERDEAD) {
        repair(top);
        result = pthread_mutex_consistent(&top->lock);
    }
    return result == 0;
}

static uk_top_place_t *admit_key(uk_top_t *top, apr_uint64_t tag,
                                 const char *id, const char *team)
{
    uk_top_place_t *place = NULL;

    if (try_lock(top)) {
        place = place_for(top, tag, id, team);
        pthread_mutex_unlock(&top->lock);
    }
    return place;
}

void uk_top_count(uk_top_t *top, const char *id, const char *team,
                  unsigned number)
{
    apr_uint64_t tag = tag_of(id);
    uk_top_place_t *place = uk_top_find(top, tag);

    if (!place) {
        place = admit_key(top, tag, id, team);
    }
    atomic_fetch_add_explicit(
        &(place ? place->counts : top->others)[number % UK_TOP_PARTS].value, 1,
        memory_order_relaxed);
}
