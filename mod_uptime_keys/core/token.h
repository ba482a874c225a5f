/* SPDX-License-Identifier: Apache-2.0 */
/* The string form of a key: its syntax, checksum and public prefix. */
#ifndef UK_CORE_TOKEN_H
#define UK_CORE_TOKEN_H

#include <stddef.h>

/* "uptime_" and 64 lower-case hexadecimal digits. */
#define UK_TOKEN_SCHEME "uptime_"
#define UK_TOKEN_SCHEME_LEN 7
#define UK_TOKEN_LEN 71
/* What the checksum covers; the last 8 digits are the checksum. */
#define UK_TOKEN_SUMMED_LEN 63
/* The part that may be shown and logged: "uptime_a1b2c3d4". */
#define UK_TOKEN_PREFIX_LEN 15

typedef enum {
    UK_TOKEN_GOOD,
    UK_TOKEN_MALFORMED,   /* not the form of a key */
    UK_TOKEN_BAD_CHECKSUM /* the form of a key, with a wrong checksum */
} uk_token_e;

/**
 * Check the form and the checksum of a presented string. This needs no
 * database.
 *
 * @param string need not end in NUL
 * @return UK_TOKEN_GOOD, or what is wrong with it
 */
uk_token_e uk_token_check(const char *string, size_t len);

/**
 * Make a new key: 28 random bytes in hexadecimal, followed by the CRC-32 of all
 * the characters before it (zlib's polynomial, as in GitHub's tokens).
 *
 * @param token receives the key and a NUL; the caller wipes it with
 *              uk_secret_wipe()
 */
void uk_token_make(char token[UK_TOKEN_LEN + 1]);

/**
 * Copy the part of a presented string that may be shown and logged.
 *
 * @param string need not end in NUL
 * @param prefix receives "uptime_" and up to 8 digits; "" if the string does
 *               not begin like a key: it might be a password, so it is never
 *               logged
 */
void uk_token_prefix(const char *string, size_t len,
                     char prefix[UK_TOKEN_PREFIX_LEN + 1]);

#endif
