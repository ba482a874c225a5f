/* SPDX-License-Identifier: Apache-2.0 */
/* The string form of a key: its syntax, checksum and public prefix. */
#include "core/token.h"

#include <string.h>
#include <zlib.h>

#include "core/secret.h"

#define RANDOM_BYTES 28
#define CHECKSUM_LEN (UK_TOKEN_LEN - UK_TOKEN_SUMMED_LEN)

static int is_hex_digit(char c)
{
    static const char digits[256] = {
        ['0'] = 1, ['1'] = 1, ['2'] = 1, ['3'] = 1, ['4'] = 1, ['5'] = 1,
        ['6'] = 1, ['7'] = 1, ['8'] = 1, ['9'] = 1, ['a'] = 1, ['b'] = 1,
        ['c'] = 1, ['d'] = 1, ['e'] = 1, ['f'] = 1};

    return digits[(unsigned char)c];
}

/* Without branches, so that compilers take many characters at once. */
static int are_random_digits(
    const char digits[UK_TOKEN_LEN - UK_TOKEN_SCHEME_LEN])
{
    unsigned char others = 0;
    int i;

    for (i = 0; i < UK_TOKEN_LEN - UK_TOKEN_SCHEME_LEN; i++) {
        unsigned char c = (unsigned char)digits[i];

        others |= (unsigned char)((unsigned char)(c - '0') > 9)
                  & (unsigned char)((unsigned char)(c - 'a') > 5);
    }
    return !others;
}

static void write_checksum(const char *token, char checksum[CHECKSUM_LEN + 1])
{
    uLong crc = crc32(0, (const Bytef *)token, UK_TOKEN_SUMMED_LEN);
    int i;

    for (i = CHECKSUM_LEN - 1; i >= 0; i--, crc >>= 4) {
        checksum[i] = "0123456789abcdef"[crc & 15];
    }
    checksum[CHECKSUM_LEN] = '\0';
}

uk_token_e uk_token_check(const char *string, size_t len)
{
    char checksum[CHECKSUM_LEN + 1];

    if (len != UK_TOKEN_LEN
        || memcmp(string, UK_TOKEN_SCHEME, UK_TOKEN_SCHEME_LEN) != 0
        || !are_random_digits(string + UK_TOKEN_SCHEME_LEN)) {
        return UK_TOKEN_MALFORMED;
    }
    write_checksum(string, checksum);
    /* This need not take constant time: the client can compute the checksum. */
    return memcmp(string + UK_TOKEN_SUMMED_LEN, checksum, CHECKSUM_LEN) == 0
               ? UK_TOKEN_GOOD
               : UK_TOKEN_BAD_CHECKSUM;
}

void uk_token_make(char token[UK_TOKEN_LEN + 1])
{
    unsigned char random[RANDOM_BYTES];

    uk_secret_random(random, sizeof(random));
    memcpy(token, UK_TOKEN_SCHEME, UK_TOKEN_SCHEME_LEN);
    uk_secret_hex(random, sizeof(random), token + UK_TOKEN_SCHEME_LEN);
    write_checksum(token, token + UK_TOKEN_SUMMED_LEN);
    uk_secret_wipe(random, sizeof(random));
}

void uk_token_prefix(const char *string, size_t len,
                     char prefix[UK_TOKEN_PREFIX_LEN + 1])
{
    size_t n = 0;

    if (len >= UK_TOKEN_SCHEME_LEN
        && memcmp(string, UK_TOKEN_SCHEME, UK_TOKEN_SCHEME_LEN) == 0) {
        n = UK_TOKEN_SCHEME_LEN;
        while (n < len && n < UK_TOKEN_PREFIX_LEN && is_hex_digit(string[n])) {
            n++;
        }
        memcpy(prefix, string, n);
    }
    prefix[n] = '\0';
}
