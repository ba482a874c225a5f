/* SPDX-License-Identifier: Apache-2.0 */
/* CSV, RFC 4180, that spreadsheets take for text. */
#include "cli/csv.h"

#include <apr_strings.h>
#include <stdio.h>
#include <string.h>

#define END "\r\n"

static const char *quote(apr_pool_t *pool, const char *value)
{
    char *quoted = apr_palloc(pool, 2 * strlen(value) + sizeof("\"\""));
    char *to = quoted;

    *to++ = '"';
    for (; *value; value++) {
        if (*value == '"') {
            *to++ = '"';
        }
        *to++ = *value;
    }
    *to++ = '"';
    *to = '\0';
    return quoted;
}

const char *cli_csv_field(apr_pool_t *pool, const char *value)
{
    if (!value || !*value) {
        return "";
    }
    if (strchr("=+-@\t\r", *value)) {
        value = apr_pstrcat(pool, "'", value, NULL);
    }
    return strpbrk(value, "\",\r\n") ? quote(pool, value) : value;
}

void cli_csv_record(apr_pool_t *pool, const char *const *fields, int count)
{
    int i;

    for (i = 0; i < count; i++) {
        printf("%s%s", i ? "," : "", cli_csv_field(pool, fields[i]));
    }
    fputs(END, stdout);
}
