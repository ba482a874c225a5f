/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as a field of CSV: a reader of RFC 4180 finds it again, and no
 * spreadsheet takes it for a formula.
 *
 * About: cli/csv.c
 * Options: -max_len=200 */
#include <apr_strings.h>
#include <string.h>

#include "cli/csv.h"
#include "fuzz.h"

/* The value that a reader finds; NULL: this is no field. */
static const char *read_field(const char *field)
{
    char *value = apr_palloc(fuzz_pool(), strlen(field) + 1), *to = value;

    if (*field != '"') {
        return strpbrk(field, "\",\r\n") ? NULL : field;
    }
    for (field++; *field; field++) {
        if (*field == '"' && *++field != '"') {
            *to = '\0';
            return *field ? NULL : value;
        }
        *to++ = *field;
    }
    return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = fuzz_string(data, size);
    const char *value = read_field(cli_csv_field(fuzz_pool(), text));

    FUZZ_EXPECT(value, "this is no field");
    FUZZ_EXPECT(!*value || !strchr("=+-@\t\r", *value), "this is a formula");
    FUZZ_EXPECT(strcmp(value, text) == 0
                    || (*value == '\'' && strcmp(value + 1, text) == 0
                        && strchr("=+-@\t\r", *text)),
                "a reader finds another value");
    fuzz_clear();
    return 0;
}
