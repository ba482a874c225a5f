/* SPDX-License-Identifier: Apache-2.0 */
/* Any string as a key: what its form and its checksum are taken for.
 *
 * About: core/token.c
 * Options: -max_len=160 */
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "core/token.h"
#include "fuzz.h"

#define HEX "0123456789abcdef"

/* What a key is, in other words than those of core/token.c. */
static uk_token_e judge_token(const char *text, size_t size)
{
    char string[UK_TOKEN_LEN + 1], checksum[9];

    if (size != UK_TOKEN_LEN || memchr(text, '\0', size)) {
        return UK_TOKEN_MALFORMED;
    }
    memcpy(string, text, size);
    string[size] = '\0';
    if (strstr(string, "uptime_") != string
        || strspn(string + 7, HEX) != size - 7) {
        return UK_TOKEN_MALFORMED;
    }
    snprintf(checksum, sizeof(checksum), "%08lx",
             crc32(0, (const Bytef *)string, 63));
    return strcmp(string + 63, checksum) ? UK_TOKEN_BAD_CHECKSUM
                                         : UK_TOKEN_GOOD;
}

static void try_prefix(const char *text, size_t size)
{
    char prefix[UK_TOKEN_PREFIX_LEN + 1];
    size_t len;

    memset(prefix, 'x', sizeof(prefix));
    uk_token_prefix(text, size, prefix);
    FUZZ_EXPECT(memchr(prefix, '\0', sizeof(prefix)), "a prefix without end");
    len = strlen(prefix);
    FUZZ_EXPECT(len <= size && memcmp(prefix, text, len) == 0,
                "the prefix is not what the string begins with");
    FUZZ_EXPECT(!len || strncmp(prefix, "uptime_", 7) == 0,
                "the prefix of something else is shown");
    FUZZ_EXPECT(!len || strspn(prefix + 7, HEX) == len - 7,
                "the prefix shows what is no digit");
}

/* A string of the right form gets the right checksum, and is a key. */
static void try_repaired(const char *text, size_t size)
{
    char token[UK_TOKEN_LEN + 1];

    memcpy(token, text, size);
    snprintf(token + 63, 9, "%08lx", crc32(0, (const Bytef *)text, 63));
    FUZZ_EXPECT(uk_token_check(token, size) == UK_TOKEN_GOOD,
                "a right checksum is refused");
}

/* Half of the mutations keep the form of a key. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max,
                               unsigned int seed)
{
    char checksum[9];

    size = LLVMFuzzerMutate(data, size, max);
    if (seed % 2 && max >= UK_TOKEN_LEN) {
        size_t i;

        for (i = 0; i < UK_TOKEN_LEN; i++) {
            data[i] = i < 7 ? (uint8_t) "uptime_"[i]
                            : (uint8_t)HEX[i < size ? data[i] % 16 : i % 16];
        }
        size = UK_TOKEN_LEN;
        snprintf(checksum, sizeof(checksum), "%08lx", crc32(0, data, 63));
        if (seed % 4 == 1) {
            memcpy(data + 63, checksum, 8);
        }
    }
    return size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = fuzz_bytes(data, size);
    uk_token_e judged = judge_token(text, size);

    FUZZ_EXPECT(uk_token_check(text, size) == judged,
                "the form of a key is judged otherwise");
    try_prefix(text, size);
    if (judged != UK_TOKEN_MALFORMED) {
        try_repaired(text, size);
    }
    fuzz_clear();
    return 0;
}
