/* SPDX-License-Identifier: Apache-2.0 */
/* Any message on one line: nothing of it is lost but white space and control
 * characters, and nothing comes to it but "; ".
 *
 * About: core/one_line.c
 * Options: -max_len=200 */
#include <string.h>

#include "core/one_line.h"
#include "fuzz.h"

static int is_control(char c)
{
    return (unsigned char)c <= ' ' || c == 0x7f;
}

/* What remains without white space, control characters and semicolons. */
static const char *rest_of(const char *text)
{
    char *rest = apr_palloc(fuzz_pool(), strlen(text) + 1), *to = rest;

    for (; *text; text++) {
        if (!is_control(*text) && *text != ';') {
            *to++ = *text;
        }
    }
    *to = '\0';
    return rest;
}

static int count_semicolons(const char *text)
{
    int count = 0;

    for (; *text; text++) {
        count += *text == ';';
    }
    return count;
}

static void expect_on_one_line(const char *line, const char *message)
{
    size_t len = strlen(line), i;

    for (i = 0; i < len; i++) {
        FUZZ_EXPECT(line[i] == ' ' || !is_control(line[i]),
                    "a control character is left");
        FUZZ_EXPECT(line[i] != ' '
                        || (i > 0 && i < len - 1 && line[i - 1] != ' '),
                    "a blank at an end, or two of them");
    }
    FUZZ_EXPECT(strcmp(rest_of(line), rest_of(message)) == 0
                    && count_semicolons(line) >= count_semicolons(message),
                "something is lost, or new");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *message = fuzz_string(data, size);
    const char *line = uk_one_line(fuzz_pool(), message);

    expect_on_one_line(line, message);
    FUZZ_EXPECT(strcmp(line, uk_one_line(fuzz_pool(), line)) == 0,
                "what is on one line becomes another");
    fuzz_clear();
    return 0;
}
