/* SPDX-License-Identifier: Apache-2.0 */
/* Randomness, hashing, comparing and wiping; the only user of libsodium. */
#ifndef UK_CORE_SECRET_H
#define UK_CORE_SECRET_H

#include <stddef.h>

/* Lower-case hexadecimal SHA-256, as stored in uptime_keys.key_hash. */
#define UK_HASH_LEN 64

/**
 * Prepare libsodium. Call once per process before anything else here; further
 * calls do nothing.
 *
 * @return 0, or -1 where the system has no source of randomness
 */
int uk_secret_init(void) __attribute__((warn_unused_result));

/** Fill a buffer with unpredictable bytes. */
void uk_secret_random(void *buffer, size_t len);

/**
 * Write bytes as lower-case hexadecimal, in time that depends on nothing but
 * their number.
 *
 * @param hex receives 2 * len digits and a NUL
 */
void uk_secret_hex(const unsigned char *bytes, size_t len, char *hex);

/** The SHA-256 of a text, as sha256sum prints it. */
void uk_secret_hash(const char *text, size_t len, char hash[UK_HASH_LEN + 1]);

/** 1 where a text is what uk_secret_hash() writes, else 0. */
int uk_secret_is_hash(const char *text);

/* A keyed digest: SipHash-2-4 with 128 bits of output. */
#define UK_DIGEST_KEY_LEN 16
#define UK_DIGEST_LEN 16

/** The digest of some bytes under a key. Who does not know the key cannot tell
 *  what it will be, nor find bytes for it; cheap, where SHA-256 is not. */
void uk_secret_digest(const unsigned char key[UK_DIGEST_KEY_LEN],
                      const void *bytes, size_t len,
                      unsigned char digest[UK_DIGEST_LEN]);

/** 1 where both hold the same bytes, else 0; in constant time. */
int uk_secret_equal(const void *a, const void *b, size_t len);

/** Overwrite memory in a way that no compiler leaves out. */
void uk_secret_wipe(void *memory, size_t len);

#endif
