/* SPDX-License-Identifier: Apache-2.0 */
/* A table of authenticated entries, in memory that processes share. */
#include "core/table.h"

#include <stdatomic.h>
#include <string.h>

#define WORD sizeof(apr_uint64_t)
/* Slots in which an entry may stand. */
#define WAYS 8
/* Hardly any entry needs the larger one. */
#define SMALL_SLOT 256
#define LARGE_SLOT 2048

/* Shared memory is read and written by words, each at once. */
typedef _Atomic apr_uint64_t word_t;

/* A slot's words: what follows is the entry. */
enum { ID, GENERATION, LENGTH, TAG, ENTRY = TAG + UK_DIGEST_LEN / WORD };

#define CAPACITY(slot_size) ((slot_size) - ENTRY * WORD)

/* Slots of one size, WAYS of them to a set. */
typedef struct {
    word_t *slots;
    size_t slot_size;
    size_t sets;
} bank_t;

struct uk_table_t {
    unsigned char key[UK_DIGEST_KEY_LEN];
    bank_t small, large;
};

/* What the tag of a slot authenticates: an entry and what it is about. */
typedef struct {
    uk_table_name_t name;
    unsigned char entry[UK_TABLE_ENTRY_MAX];
} sealed_t;

static bank_t bank_of(unsigned char *memory, size_t size, size_t slot_size)
{
    return (bank_t){(word_t *)(void *)memory, slot_size,
                    size / (slot_size * WAYS)};
}

uk_table_t *uk_table_create(apr_pool_t *pool, void *memory, size_t size)
{
    uk_table_t *table = apr_pcalloc(pool, sizeof(*table));
    size_t large = size / 4 / LARGE_SLOT * LARGE_SLOT;

    uk_secret_random(table->key, sizeof(table->key));
    table->large = bank_of(memory, large, LARGE_SLOT);
    table->small =
        bank_of((unsigned char *)memory + large, size - large, SMALL_SLOT);
    return table;
}

const unsigned char *uk_table_key(const uk_table_t *table)
{
    return table->key;
}

static apr_uint64_t load(const word_t *word)
{
    return atomic_load_explicit(word, memory_order_relaxed);
}

static void copy_out(void *to, const word_t *from, size_t len)
{
    unsigned char *bytes = to;
    apr_uint64_t word;

    for (; len >= WORD; len -= WORD, bytes += WORD) {
        word = load(from++);
        memcpy(bytes, &word, WORD);
    }
    if (len > 0) {
        word = load(from);
        memcpy(bytes, &word, len);
    }
}

static void copy_in(word_t *to, const void *from, size_t len)
{
    const unsigned char *bytes = from;

    while (len > 0) {
        size_t part = len < WORD ? len : WORD;
        apr_uint64_t word = 0;

        memcpy(&word, bytes, part);
        atomic_store_explicit(to++, word, memory_order_relaxed);
        bytes += part;
        len -= part;
    }
}

static apr_uint64_t id_of(const uk_table_name_t *name)
{
    apr_uint64_t id;

    memcpy(&id, name->digest, sizeof(id));
    return id;
}

static word_t *slot_at(const bank_t *bank, apr_uint64_t id, size_t way)
{
    size_t number = (size_t)(id % bank->sets) * WAYS + way;

    return bank->slots + number * (bank->slot_size / WORD);
}

static void make_tag(const uk_table_t *table, const sealed_t *sealed,
                     size_t len, unsigned char tag[UK_DIGEST_LEN])
{
    uk_secret_digest(table->key, sealed, offsetof(sealed_t, entry) + len, tag);
}

/* The entry in a slot; NULL where it is not what was put there. */
static const unsigned char *open_slot(const uk_table_t *table,
                                      const bank_t *bank, const word_t *slot,
                                      const uk_table_name_t *name,
                                      apr_pool_t *pool, size_t *len)
{
    unsigned char stored[UK_DIGEST_LEN], tag[UK_DIGEST_LEN];
    sealed_t *sealed;

    *len = (size_t)load(&slot[LENGTH]);
    if (*len > CAPACITY(bank->slot_size)) {
        return NULL;
    }
    sealed = apr_palloc(pool, offsetof(sealed_t, entry) + *len);
    sealed->name = *name;
    copy_out(sealed->entry, &slot[ENTRY], *len);
    copy_out(stored, &slot[TAG], sizeof(stored));
    make_tag(table, sealed, *len, tag);
    return uk_secret_equal(tag, stored, sizeof(tag)) ? sealed->entry : NULL;
}

static const unsigned char *search(const uk_table_t *table,
                                   const bank_t *bank,
                                   const uk_table_name_t *name,
                                   apr_pool_t *pool, size_t *len)
{
    apr_uint64_t id = id_of(name);
    size_t way;

    for (way = 0; way < WAYS; way++) {
        const word_t *slot = slot_at(bank, id, way);
        const unsigned char *entry;

        if (load(&slot[ID]) == id
            && load(&slot[GENERATION]) == name->generation
            && (entry = open_slot(table, bank, slot, name, pool, len))) {
            return entry;
        }
    }
    return NULL;
}

const unsigned char *uk_table_get(const uk_table_t *table,
                                  const uk_table_name_t *name,
                                  apr_pool_t *pool, size_t *len)
{
    const unsigned char *entry =
        search(table, &table->small, name, pool, len);

    return entry ? entry : search(table, &table->large, name, pool, len);
}

/* Where an entry is to stand: where an older one of it does, else where nothing
 * of use does, else anywhere. */
static word_t *choose_slot(const bank_t *bank, const uk_table_name_t *name)
{
    apr_uint64_t id = id_of(name);
    word_t *unused = NULL;
    unsigned char way;

    for (way = 0; way < WAYS; way++) {
        word_t *slot = slot_at(bank, id, way);

        if (load(&slot[ID]) == id) {
            return slot;
        }
        if (load(&slot[GENERATION]) != name->generation) {
            unused = slot;
        }
    }
    if (unused) {
        return unused;
    }
    uk_secret_random(&way, sizeof(way));
    return slot_at(bank, id, way % WAYS);
}

void uk_table_put(uk_table_t *table, const uk_table_name_t *name,
                  const unsigned char *entry, size_t len)
{
    const bank_t *bank =
        len <= CAPACITY(SMALL_SLOT) ? &table->small : &table->large;
    unsigned char tag[UK_DIGEST_LEN];
    apr_uint64_t head[TAG] = {id_of(name), name->generation, len};
    sealed_t sealed = {.name = *name};
    word_t *slot;

    if (len > UK_TABLE_ENTRY_MAX) {
        return;
    }
    memcpy(sealed.entry, entry, len);
    make_tag(table, &sealed, len, tag);
    slot = choose_slot(bank, name);
    copy_in(slot, head, sizeof(head));
    copy_in(&slot[TAG], tag, sizeof(tag));
    copy_in(&slot[ENTRY], entry, len);
}
