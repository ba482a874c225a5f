/* SPDX-License-Identifier: Apache-2.0 */
/* The hashes of the keys that a thread was asked for last.
 *
 * SHA-256 costs as much as all the rest of a look-up in a database does, and most
 * threads see few keys. The keys themselves are not kept: a hash is found by a
 * digest of its key, under a random key of the thread. */
#ifndef UK_CORE_KEY_HASH_H
#define UK_CORE_KEY_HASH_H

#include "core/secret.h"
#include "core/token.h"

/**
 * What uk_secret_hash() returns for a key, computed or remembered.
 *
 * @param key  UK_TOKEN_LEN bytes, which need not end in NUL
 * @param hash receives the hash
 */
void uk_key_hash(const char *key, char hash[UK_HASH_LEN + 1]);

#endif
