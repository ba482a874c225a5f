/* SPDX-License-Identifier: Apache-2.0 */
/* The hashes of the keys that a thread was asked for last. */
#include "core/key_hash.h"

#include <string.h>

/* 2.5 KiB for each thread. */
#define SLOTS 32

typedef struct {
    unsigned char digest[UK_DIGEST_LEN]; /* of the key */
    char hash[UK_HASH_LEN + 1];          /* "": the slot is empty */
} slot_t;

typedef struct {
    unsigned char digest_key[UK_DIGEST_KEY_LEN]; /* random */
    int has_digest_key;
    slot_t slots[SLOTS];
} memory_t;

static _Thread_local memory_t memory;

static memory_t *memory_of_thread(void)
{
    memory_t *own = &memory;

    if (!own->has_digest_key) {
        uk_secret_random(own->digest_key, sizeof(own->digest_key));
        own->has_digest_key = 1;
    }
    return own;
}

void uk_key_hash(const char *key, char hash[UK_HASH_LEN + 1])
{
    memory_t *own = memory_of_thread();
    unsigned char digest[UK_DIGEST_LEN];
    slot_t *slot;

    uk_secret_digest(own->digest_key, key, UK_TOKEN_LEN, digest);
    slot = &own->slots[digest[0] % SLOTS];
    if (!*slot->hash
        || !uk_secret_equal(slot->digest, digest, sizeof(digest))) {
        uk_secret_hash(key, UK_TOKEN_LEN, slot->hash);
        memcpy(slot->digest, digest, sizeof(digest));
    }
    memcpy(hash, slot->hash, UK_HASH_LEN + 1);
}
