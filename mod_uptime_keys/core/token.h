/* SPDX-License-Identifier: Apache-2.0 */
/* The wire form of a key: its shape, checksum and visible prefix. */
#ifndef UK_CORE_TOKEN_H
#define UK_CORE_TOKEN_H

#include <stddef.h>

/* "uptime_" and 64 lower-case hexadecimal digits. */
#define UK_TOKEN_SCHEME "uptime_"
#define UK_TOKEN_SCHEME_LEN 7
#define UK_TOKEN_LEN 71
/* What the checksum covers; the last 8 digits are the checksum. */
#define UK_TOKEN_SUMMED_LEN 63
/* The part that lists show and logs may hold: "uptime_a1b2c3d4". */
#define UK_TOKEN_PREFIX_LEN 15

typedef enum {
    UK_TOKEN_GOOD,
    UK_TOKEN_MALFORMED,   /* not the shape of a key */
    UK_TOKEN_BAD_CHECKSUM /* the shape, but not one that we made */
} uk_token_e;

/**
 * Tell whether a text is a key, without asking anybody.
 *
 * @param text need not end in NUL
 * @return UK_TOKEN_GOOD, or what is wrong with it
 */
uk_token_e uk_token_check(const char *text, size_t len);

/**
 * Make a new key: 28 random bytes in hexadecimal and the CRC-32 of all that
 * stands before the checksum (zlib's polynomial, as in GitHub's tokens).
 *
 * @param token receives the key; the caller wipes it with uk_secret_wipe()
 */
void uk_token_make(char token[UK_TOKEN_LEN + 1]);

/**
 * Copy the part of a presented text that may be shown and logged.
 *
 * @param prefix receives "uptime_" and up to 8 digits, or "" where the text
 *               does not begin like a key: what it is then is nobody's
 *               business, it might be somebody's password
 */
void uk_token_prefix(const char *text, size_t len,
                     char prefix[UK_TOKEN_PREFIX_LEN + 1]);

#endif
