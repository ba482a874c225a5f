/* SPDX-License-Identifier: Apache-2.0 */
/* Any text shown to a user: it moves no cursor, and has no key in it.
 *
 * About: cli/terminal.c
 * Options: -max_len=300 -close_fd_mask=1 */
#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <unictype.h>
#include <unistr.h>

#include "core/token.h"
#include "cli/terminal.h"
#include "fuzz.h"

static void expect_visible(const char *string)
{
    const uint8_t *at = (const uint8_t *)string;
    ucs4_t c;

    FUZZ_EXPECT(!u8_check(at, strlen(string)), "what is shown is not UTF-8");
    while ((at = u8_next(&c, at)) != NULL) {
        FUZZ_EXPECT(c >= 0x20 && c != 0x7f && !(c >= 0x80 && c < 0xa0)
                        && c != 0x2028 && c != 0x2029 && c != 0xfeff
                        && !(c >= 0x200b && c <= 0x200f)
                        && !(c >= 0x202a && c <= 0x202e)
                        && !(c >= 0x2066 && c <= 0x2069),
                    "a control or formatting character is shown");
    }
}

/* Printable ASCII is shown as it is. */
static void try_visible(const char *text)
{
    const char *visible = cli_terminal_visible(fuzz_pool(), text);
    size_t i = 0;

    expect_visible(visible);
    while (text[i] >= ' ' && text[i] <= '~') {
        i++;
    }
    FUZZ_EXPECT(strncmp(visible, text, i) == 0 && (text[i] || !visible[i]),
                "what is harmless is shown otherwise");
    FUZZ_EXPECT(strcmp(visible, cli_terminal_visible(fuzz_pool(), visible))
                    == 0,
                "what is visible is escaped once more");
}

/* The length of the longest row of hex digits after "uptime_", in any case. */
static size_t longest_key(const char *text)
{
    size_t longest = 0, len;

    for (; *text; text++) {
        if (strncasecmp(text, UK_TOKEN_SCHEME, UK_TOKEN_SCHEME_LEN) == 0) {
            for (len = UK_TOKEN_SCHEME_LEN; isxdigit((unsigned char)text[len]);
                 len++) {
            }
            longest = len > longest ? len : longest;
        }
    }
    return longest;
}

static void try_without_keys(const char *text)
{
    const char *safe = cli_terminal_without_keys(fuzz_pool(), text);

    FUZZ_EXPECT(longest_key(safe) <= UK_TOKEN_PREFIX_LEN,
                "there is more of a key than its prefix");
    FUZZ_EXPECT(longest_key(text) > UK_TOKEN_PREFIX_LEN
                    || strcmp(safe, text) == 0,
                "a text without a key was changed");
}

static void try_table(fuzz_input_t input)
{
    static const cli_column_t columns[] = {{"A", 0}, {"B", 9}, {"C", 3}};
    apr_array_header_t *rows = apr_array_make(fuzz_pool(), 2, sizeof(char **));

    while (input.left) {
        const char **cells = apr_palloc(fuzz_pool(), sizeof(*cells) * 3);
        int i;

        for (i = 0; i < 3; i++) {
            cells[i] = fuzz_take_string(&input, '\n');
        }
        APR_ARRAY_PUSH(rows, const char **) = cells;
    }
    cli_terminal_table(fuzz_pool(), columns, 3, rows);
    cli_terminal_part(fuzz_pool(), columns, 3, rows, rows->nelts % 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = fuzz_string(data, size);
    fuzz_input_t input = {data, size};

    try_visible(text);
    try_without_keys(text);
    /* Printing takes long. */
    if (size % 16 == 1) {
        try_table(input);
    }
    FUZZ_EXPECT(*cli_terminal_instant(fuzz_pool(),
                                      (uk_instant_t)fuzz_take_number(&input)),
                "a time is not shown");
    fuzz_clear();
    return 0;
}
