/* SPDX-License-Identifier: Apache-2.0 */
/* The keys in any text, however few bytes are read at once: those that stand
 * there when the bytes without NUL are looked at one by one.
 *
 * The input begins with the number of steps, and the bytes of each step. "@"
 * stands for a key with a checksum, "#" for one without, so that there are some.
 *
 * About: cli/input.c
 * Options: -max_len=300 */
#include <apr_strings.h>
#include <string.h>

#include "core/token.h"
#include "cli/input.h"
#include "fake_file.h"
#include "fuzz.h"

#define GOOD                                                                   \
    "uptime_0123456789abcdef0123456789abcdef0123456789abcdef01234567854ba988"
#define BAD                                                                    \
    "uptime_0123456789abcdef0123456789abcdef0123456789abcdef0123456700000000"

typedef struct {
    const char *rest, *end; /* of the text without NUL, not searched yet */
} expected_t;

static void expect_token(void *baton, const char *token, int has_checksum)
{
    expected_t *expected = baton;
    uk_token_e form = UK_TOKEN_MALFORMED;

    for (; expected->rest < expected->end; expected->rest++) {
        size_t left = (size_t)(expected->end - expected->rest);

        form = uk_token_check(expected->rest,
                              left < UK_TOKEN_LEN ? left : UK_TOKEN_LEN);
        if (form != UK_TOKEN_MALFORMED) {
            break;
        }
    }
    if (!token) {
        FUZZ_EXPECT(form == UK_TOKEN_MALFORMED, "a key was not found");
        return;
    }
    FUZZ_EXPECT(form != UK_TOKEN_MALFORMED, "a key that is not there");
    FUZZ_EXPECT(memcmp(token, expected->rest++, UK_TOKEN_LEN) == 0,
                "another key");
    FUZZ_EXPECT((form == UK_TOKEN_GOOD) == has_checksum, "another checksum");
}

/* Write the keys that an input only names. */
static const char *spell_out(const uint8_t *data, size_t size, size_t *len)
{
    char *text = apr_palloc(fuzz_pool(), size * UK_TOKEN_LEN + 1), *to = text;
    size_t i;

    for (i = 0; i < size; i++) {
        if (data[i] == '@' || data[i] == '#') {
            memcpy(to, data[i] == '@' ? GOOD : BAD, UK_TOKEN_LEN);
            to += UK_TOKEN_LEN;
        }
        else {
            *to++ = (char)data[i];
        }
    }
    *len = (size_t)(to - text);
    return text;
}

static expected_t without_nuls(const char *text, size_t len)
{
    char *plain = apr_palloc(fuzz_pool(), len + 1), *to = plain;
    size_t i;

    for (i = 0; i < len; i++) {
        if (text[i]) {
            *to++ = text[i];
        }
    }
    return (expected_t){plain, to};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input_t input = {data, size};
    size_t count = fuzz_take_byte(&input) % 16, len;
    const char *text;
    expected_t expected;
    apr_file_t *file;

    count = count < input.left ? count : input.left;
    text = spell_out(input.at + count, input.left - count, &len);
    expected = without_nuls(text, len);
    file = fake_file(text, len, input.at, count, APR_EOF);
    FUZZ_EXPECT(
        cli_input_find_tokens(fuzz_pool(), file, expect_token, &expected)
            == APR_EOF,
        "not all was read");
    expect_token(&expected, NULL, 0);
    fuzz_clear();
    return 0;
}
