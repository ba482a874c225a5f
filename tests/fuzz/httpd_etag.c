/* SPDX-License-Identifier: Apache-2.0 */
/* Any If-Match, checked against the grammar of RFC 9110 section 13.1.1; and any
 * Origin, Host and Sec-Fetch-Site. Each on a line of its own.
 *
 * About: manage/etag.c manage/csrf.c
 * Options: -max_len=300 */
#include "in_httpd.h"

#include <apr_strings.h>
#include <string.h>
#include <strings.h>

#include "manage/csrf.h"
#include "manage/etag.h"
#include "manage/json.h"
#include "fuzz.h"

#define TAG "\"0123456789abcdef0123456789abcdef\""

typedef enum {
    MALFORMED,
    MATCHES,
    MATCHES_NOT
} judged_e;

/* An entity tag. @return where it ends; NULL: it is none */
static const char *skip_tag(const char *at)
{
    at += strncmp(at, "W/", 2) == 0 ? 2 : 0;
    if (*at++ != '"') {
        return NULL;
    }
    for (; *at && *at != '"'; at++) {
        if ((unsigned char)*at <= ' ' || *at == 0x7f) {
            return NULL;
        }
    }
    return *at ? at + 1 : NULL;
}

static judged_e judge_if_match(const char *header)
{
    judged_e judged = MATCHES_NOT;
    const char *at = header + strspn(header, ", \t");

    if (strcmp(header, "*") == 0) {
        return MATCHES;
    }
    while (*at) {
        const char *end = skip_tag(at);

        if (!end) {
            return MALFORMED;
        }
        if ((size_t)(end - at) == strlen(TAG)
            && strncmp(at, TAG, strlen(TAG)) == 0) {
            judged = MATCHES;
        }
        end += strspn(end, " \t");
        if (*end && *end != ',') {
            return MALFORMED;
        }
        at = end + strspn(end, ", \t");
    }
    return judged;
}

static void try_if_match(const char *header)
{
    judged_e judged = judge_if_match(header);
    int matches = uk_etag_matches(header, TAG);

    FUZZ_EXPECT(matches || judged != MATCHES, "a tag that is there is not");
    FUZZ_EXPECT(!matches || judged != MATCHES_NOT,
                "a tag that is not there is");
    FUZZ_EXPECT(!matches || strstr(header, TAG) || strchr(header, '*'),
                "anything matches");
}

static int judge_origin(const char *site, const char *origin, const char *host)
{
    if (*site) {
        return !strcmp(site, "same-origin") || !strcmp(site, "none");
    }
    if (!*origin) {
        return 1;
    }
    return *host
           && (!strcasecmp(origin,
                           apr_pstrcat(fuzz_pool(), "http://", host, NULL))
               || !strcasecmp(
                   origin, apr_pstrcat(fuzz_pool(), "https://", host, NULL)));
}

static void set_header(request_rec *r, const char *name, const char *value)
{
    if (*value) {
        apr_table_setn(r->headers_in, name, value);
    }
}

static void try_origin(const char *site, const char *origin, const char *host)
{
    request_rec *r = in_httpd_request(fuzz_pool(), "POST", "/keys");
    uk_context_t ctx = {.r = r, .view = &uk_json_view, .request_id = "x"};
    int result;

    set_header(r, "Sec-Fetch-Site", site);
    set_header(r, "Origin", origin);
    set_header(r, "Host", host);
    result = uk_csrf_check(&ctx);
    FUZZ_EXPECT((result == OK) == judge_origin(site, origin, host),
                "another site is judged otherwise");
    FUZZ_EXPECT(result == OK || r->status == HTTP_FORBIDDEN,
                "another site is refused otherwise");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input_t input = {data, size};
    const char *site, *origin, *host;

    try_if_match(fuzz_take_string(&input, '\n'));
    site = fuzz_take_string(&input, '\n');
    origin = fuzz_take_string(&input, '\n');
    host = fuzz_take_string(&input, '\n');
    try_origin(site, origin, host);
    fuzz_clear();
    return 0;
}
