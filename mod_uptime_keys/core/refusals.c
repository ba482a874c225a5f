/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets that were refused a moment ago, in memory that processes share.
 *
 * What a slot says is judged by its checksum, and not by the order in which its
 * words were written; so no access needs more than to be atomic. */
#include "core/refusals.h"

#include <string.h>

/* The words of a refusal. */
enum {
    DIGEST = 0,
    LOOKED_UP_AT = 2
};

_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2,
               "processes share no lock of libatomic");
_Static_assert(UK_DIGEST_LEN == 2 * sizeof(apr_uint64_t),
               "a digest is compared by two words");
_Static_assert(offsetof(uk_refusal_t, looked_up_at)
                   == LOOKED_UP_AT * sizeof(apr_uint64_t),
               "this word is read alone");
_Static_assert(offsetof(uk_refusal_t, id) + sizeof(((uk_refusal_t *)0)->id)
                   == UK_REFUSAL_WORDS * sizeof(apr_uint64_t),
               "a refusal is copied by words, and has no gaps");

static apr_uint64_t load_word(_Atomic apr_uint64_t *word)
{
    return atomic_load_explicit(word, memory_order_relaxed);
}

static void store_word(_Atomic apr_uint64_t *word, apr_uint64_t value)
{
    atomic_store_explicit(word, value, memory_order_relaxed);
}

/* Source: Fowler, Noll and Vo, FNV-1a, by words. It need not withstand anybody,
 * as digests are secret: it tells words of two refusals from those of one. It is
 * not 0 for zeros. */
static apr_uint64_t checksum_of(const apr_uint64_t words[UK_REFUSAL_WORDS])
{
    apr_uint64_t sum = 0xcbf29ce484222325;
    size_t i;

    for (i = 0; i < UK_REFUSAL_WORDS; i++) {
        sum = (sum ^ words[i]) * 0x100000001b3;
        sum ^= sum >> 32;
    }
    return sum;
}

static uk_refusal_slot_t *set_of(uk_refusals_t *refusals,
                                 const unsigned char digest[UK_DIGEST_LEN])
{
    return refusals->slots[digest[0] % UK_REFUSAL_SETS];
}

/* In constant time for a slot. @return NULL if there is none */
static uk_refusal_slot_t *slot_of_digest(
    uk_refusals_t *refusals, const unsigned char digest[UK_DIGEST_LEN])
{
    uk_refusal_slot_t *set = set_of(refusals, digest);
    apr_uint64_t words[2];
    size_t i;

    memcpy(words, digest, sizeof(words));
    for (i = 0; i < UK_REFUSAL_WAYS; i++) {
        if (((load_word(&set[i].words[DIGEST]) ^ words[0])
             | (load_word(&set[i].words[DIGEST + 1]) ^ words[1]))
            == 0) {
            return &set[i];
        }
    }
    return NULL;
}

/* @return NULL: all others of the set have not ended at this time */
static uk_refusal_slot_t *slot_to_take(
    uk_refusals_t *refusals, const unsigned char digest[UK_DIGEST_LEN],
    uk_clock_ms_t now)
{
    uk_refusal_slot_t *set = set_of(refusals, digest);
    size_t i;

    for (i = 0; i < UK_REFUSAL_WAYS; i++) {
        if (load_word(&set[i].words[LOOKED_UP_AT]) + UK_REFUSAL_LIFETIME_MS
            <= now) {
            return &set[i];
        }
    }
    return NULL;
}

/* @return 0: the slot is being written, or was left half written */
static int read_slot(uk_refusal_slot_t *slot, uk_refusal_t *refusal)
{
    apr_uint64_t checksum = load_word(&slot->checksum);
    apr_uint64_t words[UK_REFUSAL_WORDS];
    size_t i;

    for (i = 0; i < UK_REFUSAL_WORDS; i++) {
        words[i] = load_word(&slot->words[i]);
    }
    memcpy(refusal, words, sizeof(*refusal));
    return checksum == checksum_of(words);
}

/* The slot may have been taken by another secret after it was found. */
static int is_same_refusal(const uk_refusal_t *found,
                           const uk_refusal_t *wanted, uk_clock_ms_t now)
{
    return uk_secret_equal(found->digest, wanted->digest, UK_DIGEST_LEN)
           && found->rules == wanted->rules
           && uk_clock_is_within(found->looked_up_at, now,
                                 UK_REFUSAL_LIFETIME_MS);
}

/* @return 1 if the caller is the one who looks the secret up */
static int is_next(uk_refusal_slot_t *slot, uk_clock_ms_t now)
{
    uk_clock_ms_t next = load_word(&slot->next);

    return now >= next
           && atomic_compare_exchange_strong(&slot->next, &next,
                                             now + UK_REFUSAL_LOOK_UP_MS);
}

int uk_refusals_find(uk_refusals_t *refusals, uk_refusal_t *refusal,
                     uk_clock_ms_t now)
{
    uk_refusal_slot_t *slot = slot_of_digest(refusals, refusal->digest);
    uk_refusal_t found;

    if (!slot || !read_slot(slot, &found)
        || !is_same_refusal(&found, refusal, now) || is_next(slot, now)) {
        return 0;
    }
    *refusal = found;
    return 1;
}

void uk_refusals_store(uk_refusals_t *refusals, const uk_refusal_t *refusal)
{
    uk_refusal_slot_t *slot = slot_of_digest(refusals, refusal->digest);
    apr_uint64_t words[UK_REFUSAL_WORDS];
    size_t i;

    if (!slot) {
        slot = slot_to_take(refusals, refusal->digest, refusal->looked_up_at);
    }
    if (!slot) {
        return;
    }
    /* First: whoever finds the refusal need not look the secret up. */
    store_word(&slot->next, refusal->looked_up_at + UK_REFUSAL_LOOK_UP_MS);
    memcpy(words, refusal, sizeof(words));
    for (i = 0; i < UK_REFUSAL_WORDS; i++) {
        store_word(&slot->words[i], words[i]);
    }
    store_word(&slot->checksum, checksum_of(words));
}

void uk_refusals_remove(uk_refusals_t *refusals,
                        const unsigned char digest[UK_DIGEST_LEN])
{
    uk_refusal_slot_t *slot = slot_of_digest(refusals, digest);

    if (slot) {
        /* The checksum does not fit then, and the slot is free. */
        store_word(&slot->words[LOOKED_UP_AT], 0);
    }
}
