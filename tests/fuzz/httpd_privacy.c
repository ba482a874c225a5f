/* SPDX-License-Identifier: Apache-2.0 */
/* Any Cache-Control of a resource and of mod_headers: with a key no shared cache
 * may store the answer, and nothing else of the field is lost.
 *
 * About: httpd/privacy.c
 * Options: -max_len=200 */
#include "in_httpd.h"

#include <apr_strings.h>
#include <http_config.h>
#include <string.h>
#include <strings.h>

#include "httpd/privacy.h"
#include "fuzz.h"

static int is_clear(const char *directive, size_t len)
{
    size_t i = 0;

    while (i < len && directive[i] > ' ' && directive[i] < 0x7f
           && !strchr("\\()", directive[i])) {
        i++;
    }
    return i == len;
}

/* Directives of a field that is clear, as they stand, in their order. @return
 * NULL: quotes or characters make it unclear */
static apr_array_header_t *read_directives(const char *field)
{
    apr_array_header_t *all = apr_array_make(fuzz_pool(), 8, sizeof(char *));

    for (; field && *field; field += *field == ',') {
        const char *start = field += strspn(field, " \t");
        size_t len;

        while (*field && *field != ',') {
            if (*field == '"') {
                field = strpbrk(field + 1, "\"\\");
                if (!field || *field == '\\') {
                    return NULL;
                }
            }
            field++;
        }
        for (len = (size_t)(field - start);
             len && strchr(" \t", start[len - 1]); len--) {
        }
        if (!is_clear(start, len)) {
            return NULL;
        }
        if (len) {
            APR_ARRAY_PUSH(all, const char *) =
                apr_pstrmemdup(fuzz_pool(), start, len);
        }
    }
    return all;
}

static int shares(const char *directive)
{
    return strcasecmp(directive, "public") == 0
           || strncasecmp(directive, "s-maxage", 8) == 0
           || strncasecmp(directive, "private", 7) == 0;
}

static int find(const apr_array_header_t *directives, const char *wanted)
{
    int i = 0;

    while (i < directives->nelts
           && strcasecmp(APR_ARRAY_IDX(directives, i, const char *), wanted)
                  != 0) {
        i++;
    }
    return i < directives->nelts;
}

/* What was there stays, but for what lets shared caches store. */
static void expect_kept(const apr_array_header_t *sent, const char *result)
{
    const apr_array_header_t *there = read_directives(result);
    int i;

    FUZZ_EXPECT(there, "what is sent is unclear");
    FUZZ_EXPECT(find(there, "private") || find(there, "no-store"),
                "a shared cache may store it");
    for (i = 0; i < there->nelts; i++) {
        const char *directive = APR_ARRAY_IDX(there, i, const char *);

        FUZZ_EXPECT(!shares(directive) || !strcasecmp(directive, "private"),
                    "a directive lets a shared cache store it");
    }
    for (i = 0; i < sent->nelts; i++) {
        const char *directive = APR_ARRAY_IDX(sent, i, const char *);

        FUZZ_EXPECT(shares(directive) || find(there, directive),
                    "a directive is lost");
    }
}

/* Whoever splits it at every comma sees that, too. */
static void expect_private(const char *result)
{
    static const char never[] = "no-store";
    char *copy = apr_pstrdup(fuzz_pool(), result), *rest = NULL, *item;
    int is_private =
        strcmp(result, "private") == 0 || strncmp(result, "private,", 8) == 0;

    for (item = apr_strtok(copy, ", \t", &rest); item && !is_private;
         item = apr_strtok(NULL, ", \t", &rest)) {
        is_private = strcasecmp(item, never) == 0;
    }
    FUZZ_EXPECT(is_private, "it is not clearly private");
}

static const char *send_with(const char *first, const char *second)
{
    request_rec *r = in_httpd_request(fuzz_pool(), "GET", "/");

    if (*first) {
        apr_table_addn(r->err_headers_out, "Cache-Control", first);
    }
    if (*second) {
        apr_table_addn(r->headers_out, "Cache-Control", second);
    }
    uk_privacy_keep(r);
    uk_privacy_insert_filter(r);
    ap_rputs("x", r);
    ap_rflush(r);
    FUZZ_EXPECT(!apr_table_get(r->err_headers_out, "Cache-Control"),
                "there are two fields");
    FUZZ_EXPECT(strcmp(in_httpd_answer(r, NULL), "x") == 0,
                "the body is another one");
    return apr_table_getm(r->pool, r->headers_out, "Cache-Control");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input_t input = {data, size};
    const char *first = fuzz_take_string(&input, '\n');
    const char *second = fuzz_take_string(&input, '\n');
    const char *result = send_with(first, second);
    const apr_array_header_t *sent = read_directives(apr_pstrcat(
        fuzz_pool(), first, *first && *second ? ", " : "", second, NULL));

    FUZZ_EXPECT(result && *result, "the field is not there");
    expect_private(result);
    if (sent) {
        expect_kept(sent, result);
    }
    fuzz_clear();
    return 0;
}
