/* SPDX-License-Identifier: Apache-2.0 */
/* Any Accept: HTML or JSON, checked against another reading of RFC 9110 section
 * 12.5.1 where that is clear.
 *
 * About: manage/accept.c
 * Options: -max_len=200 */
#include "in_httpd.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "manage/accept.h"
#include "fuzz.h"

/* Weights in thousandths; -1: there is none yet. */
typedef struct {
    int exact, type, any;
} weights_t;

#define TOKEN_CHARACTERS                                                       \
    "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"                      \
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

static const char *skip_white(const char *at)
{
    return at + strspn(at, " \t");
}

/* qvalue: 0, 1, or up to three digits after the point. @return -1: it is none */
static int read_weight(const char **at)
{
    const char *s = *at;
    int weight, place;

    if (*s != '0' && *s != '1') {
        return -1;
    }
    weight = (*s++ - '0') * 1000;
    if (*s == '.') {
        for (s++, place = 100; isdigit((unsigned char)*s) && place;
             s++, place /= 10) {
            weight += (*s - '0') * place;
        }
    }
    *at = s;
    return weight <= 1000 ? weight : -1;
}

/* @return 0: the header says it twice, or in a way that needs no answer here */
static int note(int *weight, int value)
{
    int is_first = *weight < 0;

    *weight = value;
    return is_first;
}

static int note_range(weights_t *weights, const char *range, size_t len,
                      const char *type, const char *subtype, int weight)
{
    size_t type_len = strlen(type);

    if (len == 3 && strncmp(range, "*/*", len) == 0) {
        return note(&weights->any, weight);
    }
    if (len <= type_len || strncasecmp(range, type, type_len) != 0
        || range[type_len] != '/') {
        return 1;
    }
    range += type_len + 1;
    len -= type_len + 1;
    if (len == 1 && *range == '*') {
        return note(&weights->type, weight);
    }
    return len != strlen(subtype) || strncasecmp(range, subtype, len) != 0
           || note(&weights->exact, weight);
}

/* A media range and perhaps a weight. @return where it ends; NULL: unclear */
static const char *read_range(const char *at, size_t *len, int *weight)
{
    const char *start = at;

    at += strspn(at, TOKEN_CHARACTERS);
    if (at == start || *at != '/') {
        return NULL;
    }
    at++;
    if (!strspn(at, TOKEN_CHARACTERS)) {
        return NULL;
    }
    at += strspn(at, TOKEN_CHARACTERS);
    *len = (size_t)(at - start);
    *weight = 1000;
    at = skip_white(at);
    if (*at == ';') {
        at = skip_white(at + 1);
        if (strncasecmp(at, "q=", 2) != 0) {
            return NULL;
        }
        at += 2;
        *weight = read_weight(&at);
        at = *weight < 0 ? NULL : skip_white(at);
    }
    return at && (!*at || *at == ',') ? at : NULL;
}

/* @return 0: the header is unclear */
static int read_weights(const char *at, weights_t *html, weights_t *json)
{
    *html = *json = (weights_t){-1, -1, -1};
    for (at = skip_white(at); *at; at = skip_white(at)) {
        const char *range = at;
        size_t len;
        int weight;

        at = read_range(at, &len, &weight);
        if (!at || !note_range(html, range, len, "text", "html", weight)
            || !note_range(json, range, len, "application", "json", weight)) {
            return 0;
        }
        at += *at == ',';
    }
    return 1;
}

static int weight_of(const weights_t *weights)
{
    return weights->exact >= 0  ? weights->exact
           : weights->type >= 0 ? weights->type
           : weights->any >= 0  ? weights->any
                                : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *accept = fuzz_string(data, size);
    request_rec *r = in_httpd_request(fuzz_pool(), "GET", "/");
    weights_t html, json;
    int is_page;

    FUZZ_EXPECT(!uk_accept_is_page(r), "without Accept it is a page");
    apr_table_setn(r->headers_in, "Accept", accept);
    is_page = uk_accept_is_page(r);
    if (read_weights(accept, &html, &json)) {
        FUZZ_EXPECT(is_page
                        == (weight_of(&html) > 0
                            && weight_of(&html) > weight_of(&json)),
                    "the weights are read otherwise");
    }
    fuzz_clear();
    return 0;
}
