/* SPDX-License-Identifier: Apache-2.0 */
/* Any Authorization and X-API-Key: which credential they are, that it is removed,
 * with its copies, and hidden from httpd's trace.
 *
 * About: httpd/credential.c httpd/copies.c
 * Options: -max_len=400 */
#include "in_httpd.h"

#include <apr_strings.h>
#include <http_protocol.h>
#include <string.h>
#include <strings.h>

#include "core/token.h"
#include "httpd/credential.h"
#include "fuzz.h"

#define HEX "0123456789abcdef"

typedef struct {
    uk_verdict_e verdict;
    const char *value;
} judged_t;

/* One item of a list, without what stands before it. */
static int is_bearer(const char *item)
{
    return strncasecmp(item, "bearer", 6) == 0
           && (!item[6] || item[6] == ' ' || item[6] == '\t');
}

/* RFC 6750 section 2.1, RFC 9110 section 11.4, and README.md: httpd joins two
 * headers with a comma; parameters of other schemes have commas, too. */
static judged_t judge_authorization(const char *header)
{
    char *copy = apr_pstrdup(fuzz_pool(), header);
    char *comma = strchr(copy, ',');
    judged_t judged = {UK_NO_KEY, NULL};
    char *item;

    for (item = comma; item; item = strchr(item, ',')) {
        char *end;

        *item++ = '\0';
        item += strspn(item, " \t");
        end = strchr(item, ',');
        if (end) {
            *end = '\0';
        }
        if (is_bearer(item)) {
            return (judged_t){UK_TWO_CREDENTIALS, NULL};
        }
        if (end) {
            *end = ',';
        }
    }
    if (is_bearer(copy)) {
        judged.value = header + 6 + strspn(header + 6, " \t");
        judged.verdict = comma           ? UK_TWO_CREDENTIALS
                         : *judged.value ? UK_ACCEPTED
                                         : UK_MALFORMED;
    }
    else if (strncmp(copy, "uptime_", 7) == 0) {
        judged.verdict = UK_MALFORMED;
    }
    return judged;
}

static judged_t judge_both(const char *authorization, const char *header)
{
    judged_t one = judge_authorization(authorization);
    judged_t two = {!*header              ? UK_NO_KEY
                    : strchr(header, ',') ? UK_TWO_CREDENTIALS
                                          : UK_ACCEPTED,
                    header};

    if (one.verdict == UK_NO_KEY) {
        return two;
    }
    if (two.verdict == UK_NO_KEY) {
        return one;
    }
    return one.verdict == UK_ACCEPTED && two.verdict == UK_ACCEPTED
                   && strcmp(one.value, two.value) == 0
               ? one
               : (judged_t){UK_TWO_CREDENTIALS, NULL};
}

/* The first whole key in a string; NULL: there is none. */
static const char *whole_key(const char *string)
{
    while ((string = strstr(string, "uptime_")) != NULL) {
        if (strspn(string + 7, HEX) >= 64) {
            return string;
        }
        string++;
    }
    return NULL;
}

static int has_string(const apr_table_t *table, const char *string)
{
    const apr_array_header_t *all = apr_table_elts(table);
    int i;

    for (i = 0; i < all->nelts; i++) {
        if (strstr(APR_ARRAY_IDX(all, i, apr_table_entry_t).val, string)) {
            return 1;
        }
    }
    return 0;
}

/* In headers the whole key, because the client chooses these; elsewhere also what
 * a module has made of it. */
static void expect_gone(request_rec *r, const char *key)
{
    const char *whole = apr_pstrmemdup(r->pool, key, UK_TOKEN_LEN);
    const char *middle = apr_pstrmemdup(r->pool, key + 31, 16);

    FUZZ_EXPECT(!has_string(r->headers_in, whole), "a header has the key");
    FUZZ_EXPECT(!has_string(r->subprocess_env, middle),
                "a variable has the key");
    FUZZ_EXPECT(!has_string(r->notes, middle), "a note has the key");
}

static request_rec *make_request(const char *place, const char *authorization,
                                 const char *header)
{
    request_rec *r = in_httpd_request(fuzz_pool(), "GET", place);

    if (*authorization) {
        apr_table_setn(r->headers_in, "Authorization", authorization);
        apr_table_setn(r->subprocess_env, "COPY",
                       apr_pstrcat(r->pool, "<", authorization, ">", NULL));
    }
    if (*header) {
        apr_table_setn(r->headers_in, "X-API-Key", header);
        apr_table_setn(r->notes, "copy", header);
    }
    apr_table_setn(r->headers_in, "Host", "example.org");
    apr_table_setn(r->subprocess_env, "HOST", "example.org");
    return r;
}

static void expect_others_stay(const request_rec *r)
{
    FUZZ_EXPECT(apr_table_get(r->headers_in, "Host"), "another header went");
    FUZZ_EXPECT(apr_table_get(r->subprocess_env, "HOST"),
                "another variable went");
}

static void try_found(const char *authorization, const char *header)
{
    request_rec *r = make_request("/header", authorization, header);
    uk_credential_t found = uk_credential_find(r);
    judged_t judged = judge_both(authorization, header);
    const char *key =
        found.verdict == UK_ACCEPTED ? whole_key(found.value) : NULL;

    FUZZ_EXPECT(found.verdict == judged.verdict,
                "the credential is judged otherwise");
    FUZZ_EXPECT(found.verdict != UK_ACCEPTED
                    || strcmp(found.value, judged.value) == 0,
                "the credential is another one");
    uk_credential_remove(r, &found, r);
    FUZZ_EXPECT(found.verdict == UK_NO_KEY || !found.authorization
                    || !apr_table_get(r->headers_in, "Authorization"),
                "the credential stays");
    FUZZ_EXPECT(!*header || !apr_table_get(r->headers_in, "X-API-Key"),
                "the other header stays");
    if (key && strlen(key) == UK_TOKEN_LEN) {
        expect_gone(r, key);
    }
    expect_others_stay(r);
}

/* Where UptimeKeysHeader is not configured, and the key is forwarded. */
static void try_forwarded(const char *authorization, const char *header)
{
    request_rec *r = make_request("/forward", authorization, header);
    uk_credential_t found = uk_credential_find(r);

    FUZZ_EXPECT(found.verdict == judge_authorization(authorization).verdict,
                "a header counts that is not configured");
    uk_credential_remove(r, &found, r);
    FUZZ_EXPECT(!*authorization
                    || apr_table_get(r->headers_in, "Authorization")
                           == authorization,
                "a credential that is to be forwarded is not");
}

/* As a user and a password, whatever the scheme says. */
static void try_basic(const char *authorization, const char *header)
{
    request_rec *r = make_request("/header", authorization, header);
    request_rec *other = make_request("/header", authorization, header);
    const char *user, *password;
    int is_basic = ap_get_basic_auth_components(r, &user, &password) == OK;

    uk_credential_remove_key(r, r);
    if (is_basic && whole_key(password)) {
        FUZZ_EXPECT(!apr_table_get(r->headers_in, "Authorization"),
                    "a password that has a key stays");
        expect_gone(r, whole_key(password));
    }
    uk_credential_remove_basic(other, other);
    FUZZ_EXPECT(!apr_table_get(other->headers_in, "Authorization"),
                "the password stays");
    expect_others_stay(other);
}

static void try_hidden(const char *authorization, const char *header)
{
    request_rec *r = make_request("/header", authorization, header);

    uk_credential_hide(r);
    FUZZ_EXPECT(!has_string(r->headers_in, "uptime_"), "a key is traced");
    FUZZ_EXPECT(!*authorization
                    || !strcmp(apr_table_get(r->headers_in, "Authorization"),
                               "[hidden]"),
                "a credential is traced");
    uk_credential_show(r);
    FUZZ_EXPECT(!*authorization
                    || apr_table_get(r->headers_in, "Authorization")
                           == authorization,
                "a credential is lost");
    FUZZ_EXPECT(!*header || apr_table_get(r->headers_in, "X-API-Key") == header,
                "a header is lost");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input_t input = {data, size};
    const char *authorization = fuzz_take_string(&input, '\n');
    const char *header = fuzz_take_string(&input, '\n');

    try_found(authorization, header);
    try_forwarded(authorization, header);
    try_basic(authorization, header);
    try_hidden(authorization, header);
    fuzz_clear();
    return 0;
}
