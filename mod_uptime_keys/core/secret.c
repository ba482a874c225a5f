/* SPDX-License-Identifier: Apache-2.0 */
/* Random bytes, hashes, constant-time comparison and wiping: the only user of
 * libsodium. */
#include "core/secret.h"

#include <sodium.h>
#include <string.h>

#ifndef crypto_shorthash_siphashx24_BYTES
#error "mod_uptime_keys needs libsodium 1.0.12 or later"
#endif

int uk_secret_init(void)
{
    return sodium_init() < 0 ? -1 : 0;
}

void uk_secret_random(void *buffer, size_t len)
{
    randombytes_buf(buffer, len);
}

void uk_secret_hex(const unsigned char *bytes, size_t len, char *hex)
{
    sodium_bin2hex(hex, 2 * len + 1, bytes, len);
}

void uk_secret_hash(const char *key, size_t len, char hash[UK_HASH_LEN + 1])
{
    unsigned char digest[crypto_hash_sha256_BYTES];

    crypto_hash_sha256(digest, (const unsigned char *)key, len);
    uk_secret_hex(digest, sizeof(digest), hash);
    uk_secret_wipe(digest, sizeof(digest));
}

int uk_secret_is_hash(const char *string)
{
    return strlen(string) == UK_HASH_LEN
           && strspn(string, "0123456789abcdef") == UK_HASH_LEN;
}

void uk_secret_digest(const unsigned char key[UK_DIGEST_KEY_LEN],
                      const void *bytes, size_t len,
                      unsigned char digest[UK_DIGEST_LEN])
{
    crypto_shorthash_siphashx24(digest, bytes, len, key);
}

int uk_secret_equal(const void *a, const void *b, size_t len)
{
    switch (len) {
    case crypto_verify_16_BYTES:
        return crypto_verify_16(a, b) == 0;
    case crypto_verify_64_BYTES:
        return crypto_verify_64(a, b) == 0;
    default:
        return sodium_memcmp(a, b, len) == 0;
    }
}

void uk_secret_wipe(void *memory, size_t len)
{
    sodium_memzero(memory, len);
}
