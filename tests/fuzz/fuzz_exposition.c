/* SPDX-License-Identifier: Apache-2.0 */
/* Figures written, with any strings: the text is what is appended, however long
 * it gets, and the value of a label is found again.
 *
 * About: core/exposition.c
 * Options: -max_len=400 -len_control=0 */
#include <apr_strings.h>
#include <apr_tables.h>
#include <string.h>

#include "core/exposition.h"
#include "fuzz.h"

static const char *read_label(const char *label, const char *name)
{
    size_t len = strlen(name);
    char *value = apr_palloc(fuzz_pool(), strlen(label) + 1), *to = value;

    FUZZ_EXPECT(strncmp(label, name, len) == 0
                    && strncmp(label + len, "=\"", 2) == 0,
                "another label");
    for (label += len + 2; *label && *label != '"'; label++) {
        label += *label == '\\';
        FUZZ_EXPECT(*label >= ' ' && *label <= '~', "not printable");
        *to++ = *label;
    }
    FUZZ_EXPECT(strcmp(label, "\"") == 0, "a label does not end");
    *to = '\0';
    return value;
}

static const char *try_label(const char *value)
{
    const char *label = uk_exposition_label(fuzz_pool(), "team", value);
    const char *read = read_label(label, "team");
    size_t i;

    FUZZ_EXPECT(strlen(read) == strlen(value), "another length");
    for (i = 0; value[i]; i++) {
        int is_printable = value[i] >= ' ' && value[i] <= '~';

        FUZZ_EXPECT(read[i] == (is_printable ? value[i] : '?'),
                    "another value");
    }
    return label;
}

/* One sample a line, in one figure, and all of it several times. */
static void try_text(const char *help, const apr_array_header_t *labels,
                     int is_openmetrics, int times)
{
    const uk_figure_family_t family = {"a_seconds", UK_FIGURE_COUNTER,
                                       "seconds", help};
    apr_array_header_t *expected =
        apr_array_make(fuzz_pool(), 8, sizeof(char *));
    const char *suffix = is_openmetrics ? "" : "_total";
    uk_exposition_t exposition;
    int i;

    uk_exposition_begin(&exposition, fuzz_pool(), is_openmetrics);
    uk_exposition_family(&exposition, &family);
    APR_ARRAY_PUSH(expected, const char *) =
        apr_pstrcat(fuzz_pool(), "# HELP a_seconds", suffix, " ", help,
                    "\n# TYPE a_seconds", suffix, " counter\n",
                    is_openmetrics ? "# UNIT a_seconds seconds\n" : "", NULL);
    for (i = 0; i < labels->nelts * times; i++) {
        const char *label =
            APR_ARRAY_IDX(labels, i % labels->nelts, const char *);

        uk_exposition_sample(&exposition, &family, "", label, "1");
        APR_ARRAY_PUSH(expected, const char *) =
            apr_pstrcat(fuzz_pool(), "a_seconds_total", *label ? "{" : "",
                        label, *label ? "} 1\n" : " 1\n", NULL);
    }
    APR_ARRAY_PUSH(expected, const char *) = is_openmetrics ? "# EOF\n" : "";
    FUZZ_EXPECT(strcmp(uk_exposition_end(&exposition),
                       apr_array_pstrcat(fuzz_pool(), expected, '\0'))
                    == 0,
                "another text");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input_t input = {data, size};
    apr_array_header_t *labels = apr_array_make(fuzz_pool(), 4, sizeof(char *));
    int is_openmetrics = (int)fuzz_take_byte(&input) % 2;
    const char *help = fuzz_take_string(&input, '\n');

    APR_ARRAY_PUSH(labels, const char *) = "";
    while (input.left) {
        APR_ARRAY_PUSH(labels, const char *) =
            try_label(fuzz_take_string(&input, '\n'));
    }
    /* The buffer grows where there is more than 8 KiB. */
    try_text(help, labels, is_openmetrics, size > 300 ? 8192 / 300 : 1);
    fuzz_clear();
    return 0;
}
