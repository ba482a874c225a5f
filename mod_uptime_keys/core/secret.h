/* SPDX-License-Identifier: Apache-2.0 */
/* Random bytes, hashes, constant-time comparison and wiping: the only user of
 * libsodium. */
#ifndef UK_CORE_SECRET_H
#define UK_CORE_SECRET_H

#include <stddef.h>

/* Lower-case hexadecimal SHA-256, as in the column uptime_keys.key_hash. */
#define UK_HASH_LEN 64

/**
 * Initialize libsodium. Call once per process before anything else here;
 * further calls do nothing.
 *
 * @return 0, or -1 if the system has no source of randomness
 */
int uk_secret_init(void) __attribute__((warn_unused_result));

/** Fill a buffer with unpredictable bytes. */
void uk_secret_random(void *buffer, size_t len);

/**
 * Write bytes as lower-case hexadecimal, in a time that depends only on their
 * number.
 *
 * @param hex receives 2 * len digits and a NUL
 */
void uk_secret_hex(const unsigned char *bytes, size_t len, char *hex);

/** Compute the SHA-256 of a key.
 *
 *  @param key  need not end in NUL
 *  @param hash receives 64 lower-case hexadecimal digits and a NUL */
void uk_secret_hash(const char *key, size_t len, char hash[UK_HASH_LEN + 1]);

/** @return 1 if a string has the form that uk_secret_hash() writes, else 0 */
int uk_secret_is_hash(const char *string);

/* A keyed digest: SipHash-2-4 with 128 bits of output. */
#define UK_DIGEST_KEY_LEN 16
#define UK_DIGEST_LEN 16

/** Compute the digest of some bytes under a key. Without the key nobody can
 *  predict a digest, or find bytes that have a certain one. It costs much less
 *  than SHA-256. */
void uk_secret_digest(const unsigned char key[UK_DIGEST_KEY_LEN],
                      const void *bytes, size_t len,
                      unsigned char digest[UK_DIGEST_LEN]);

/** Compare len bytes in constant time. @return 1 if they are equal, else 0 */
int uk_secret_equal(const void *a, const void *b, size_t len);

/** Zero memory in a way that the compiler does not optimize away. */
void uk_secret_wipe(void *memory, size_t len);

#endif
