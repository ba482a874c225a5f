/* SPDX-License-Identifier: Apache-2.0 */
/* Output for users: strings that are safe for a terminal, times, and tables. */
#include "cli/terminal.h"

#include <apr_strings.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unictype.h>
#include <unistr.h>
#include <uniwidth.h>

#include "core/token.h"

#define ENCODING "UTF-8"
#define GAP 2
#define DOTS "..."
#define ELLIPSIS "\xe2\x80\xa6"
/* The most that a byte grows to: "\u{7f}". Four make "\u{10ffff}" at most. */
#define GROWTH 6

static int is_harmless(ucs4_t c)
{
    return !uc_is_general_category_withtable(
        c, UC_CATEGORY_MASK_Cc | UC_CATEGORY_MASK_Cf | UC_CATEGORY_MASK_Cs
               | UC_CATEGORY_MASK_Co | UC_CATEGORY_MASK_Cn | UC_CATEGORY_MASK_Zl
               | UC_CATEGORY_MASK_Zp);
}

const char *cli_terminal_visible(apr_pool_t *pool, const char *string)
{
    size_t left = strlen(string);
    const size_t size = left * GROWTH + 1;
    char *visible = apr_palloc(pool, size);
    char *out = visible;

    while (left > 0) {
        ucs4_t c;
        int len = u8_mbtoucr(&c, (const uint8_t *)string, left);

        if (len < 0) {
            len = 1;
            out += sprintf(out, "\\x%02x", (unsigned char)*string);
        }
        else if (is_harmless(c)) {
            memcpy(out, string, (size_t)len);
            out += len;
        }
        else {
            out += sprintf(out, "\\u{%x}", (unsigned int)c);
        }
        string += len;
        left -= (size_t)len;
    }
    *out = '\0';
    return visible;
}

/* The length of what looks like a key, or the beginning of one; 0: nothing. */
static size_t key_length(const char *string)
{
    size_t len = UK_TOKEN_SCHEME_LEN;

    if (strncasecmp(string, UK_TOKEN_SCHEME, UK_TOKEN_SCHEME_LEN) != 0) {
        return 0;
    }
    while (isxdigit((unsigned char)string[len])) {
        len++;
    }
    return len;
}

const char *cli_terminal_without_keys(apr_pool_t *pool, const char *string)
{
    /* What is cut may become longer: by the dots, where one or two digits go. */
    char *safe = apr_palloc(pool, 2 * strlen(string) + 1), *to = safe;

    while (*string) {
        size_t len = key_length(string);

        if (len > UK_TOKEN_PREFIX_LEN) {
            memcpy(to, string, UK_TOKEN_PREFIX_LEN);
            memcpy(to + UK_TOKEN_PREFIX_LEN, DOTS, sizeof(DOTS) - 1);
            to += UK_TOKEN_PREFIX_LEN + sizeof(DOTS) - 1;
            string += len;
        }
        else {
            *to++ = *string++;
        }
    }
    *to = '\0';
    return safe;
}

const char *cli_terminal_instant(apr_pool_t *pool, uk_instant_t instant)
{
    char string[UK_INSTANT_STRING_LEN + 1];

    uk_instant_format(instant - instant % 1000, string);
    return *string ? apr_pstrdup(pool, string)
                   : apr_psprintf(pool, "%" APR_INT64_T_FMT " ms", instant);
}

static int width_of(const char *string)
{
    return u8_strwidth((const uint8_t *)string, ENCODING);
}

/* Truncate an escaped string to a width, with an ellipsis. */
static const char *truncate_cell(apr_pool_t *pool, const char *string,
                                 int width)
{
    const uint8_t *end = (const uint8_t *)string;
    const uint8_t *next;
    ucs4_t c;
    int used = 0;

    if (width_of(string) <= width) {
        return string;
    }
    while ((next = u8_next(&c, end)) != NULL) {
        int more = uc_width(c, ENCODING);

        if (used + more > width - 1) {
            break;
        }
        used += more;
        end = next;
    }
    return apr_pstrcat(
        pool,
        apr_pstrmemdup(pool, string, (apr_size_t)((const char *)end - string)),
        ELLIPSIS, NULL);
}

static apr_array_header_t *visible_rows(apr_pool_t *pool,
                                        const cli_column_t *columns, int count,
                                        const apr_array_header_t *rows)
{
    apr_array_header_t *visible =
        apr_array_make(pool, rows->nelts + 1, sizeof(char **));
    const char **cells = apr_palloc(pool, sizeof(*cells) * (size_t)count);
    int row, i;

    for (i = 0; i < count; i++) {
        cells[i] = columns[i].title;
    }
    APR_ARRAY_PUSH(visible, const char **) = cells;
    for (row = 0; row < rows->nelts; row++) {
        cells = apr_palloc(pool, sizeof(*cells) * (size_t)count);
        for (i = 0; i < count; i++) {
            cells[i] = cli_terminal_visible(
                pool, APR_ARRAY_IDX(rows, row, const char **)[i]);
            if (columns[i].width) {
                cells[i] = truncate_cell(pool, cells[i], columns[i].width);
            }
        }
        APR_ARRAY_PUSH(visible, const char **) = cells;
    }
    return visible;
}

static int widest(const apr_array_header_t *rows, int column)
{
    int width = 0;
    int row;

    for (row = 0; row < rows->nelts; row++) {
        int cell = width_of(APR_ARRAY_IDX(rows, row, const char **)[column]);

        width = cell > width ? cell : width;
    }
    return width;
}

/* @param rows visible ones */
static void print_rows(const apr_array_header_t *rows, int first, int count,
                       const int *widths)
{
    int row, i;

    for (row = first; row < rows->nelts; row++) {
        const char **cells = APR_ARRAY_IDX(rows, row, const char **);

        /* The last column is not padded. */
        for (i = 0; i < count - 1; i++) {
            printf("%s%*s", cells[i], widths[i] - width_of(cells[i]) + GAP, "");
        }
        printf("%s\n", cells[i]);
    }
}

void cli_terminal_part(apr_pool_t *pool, const cli_column_t *columns, int count,
                       const apr_array_header_t *rows, int is_first)
{
    int *widths = apr_palloc(pool, sizeof(*widths) * (size_t)count);
    int i;

    for (i = 0; i < count; i++) {
        widths[i] = columns[i].width;
    }
    print_rows(visible_rows(pool, columns, count, rows), !is_first, count,
               widths);
}

void cli_terminal_table(apr_pool_t *pool, const cli_column_t *columns,
                        int count, const apr_array_header_t *rows)
{
    int *widths = apr_palloc(pool, sizeof(*widths) * (size_t)count);
    int i;

    rows = visible_rows(pool, columns, count, rows);
    for (i = 0; i < count; i++) {
        widths[i] = widest(rows, i);
    }
    print_rows(rows, 0, count, widths);
}
