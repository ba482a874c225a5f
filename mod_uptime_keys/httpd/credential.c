/* SPDX-License-Identifier: Apache-2.0 */
/* The credential of a request: to find it, to remove it, and to keep it out of
 * httpd's own trace. */
#include "httpd/credential.h"

#include <string.h>

#include "core/secret.h"
#include "core/token.h"
#include "httpd/config.h"
#include "httpd/copies.h"
#include "httpd/request.h"

#define BEARER "Bearer"
#define BEARER_LEN (sizeof(BEARER) - 1)
#define BLANKS " \t"

static const char *authorization_header(const request_rec *r)
{
    return r->proxyreq == PROXYREQ_PROXY ? "Proxy-Authorization"
                                         : "Authorization";
}

static const char *skip_blanks(const char *string)
{
    return string + strspn(string, BLANKS);
}

/* What follows the name of the scheme; NULL if it is another scheme. */
static const char *bearer_value(const char *credentials)
{
    /* Mostly it is written like this, which strncmp() finds sooner. */
    if (strncmp(credentials, BEARER " " UK_TOKEN_SCHEME,
                BEARER_LEN + 1 + UK_TOKEN_SCHEME_LEN)
        == 0) {
        return credentials + BEARER_LEN + 1;
    }
    if (ap_cstr_casecmpn(credentials, BEARER, BEARER_LEN) != 0
        || !strchr(BLANKS ",", credentials[BEARER_LEN])) {
        return NULL;
    }
    return skip_blanks(credentials + BEARER_LEN);
}

static int looks_like_key(const char *value)
{
    return strncmp(value, UK_TOKEN_SCHEME, UK_TOKEN_SCHEME_LEN) == 0;
}

/* httpd joins repeated headers with commas, but parameters of other schemes
 * contain commas too: only a "Bearer" after one shows a second credential. */
static int has_bearer_after(const char *comma)
{
    while (comma) {
        const char *next = skip_blanks(comma + 1);

        if (bearer_value(next)) {
            return 1;
        }
        comma = strchr(next, ',');
    }
    return 0;
}

static uk_verdict_e find_bearer(const char *header, const char **value)
{
    const char *comma, *rest;

    if (!header || !*header) {
        return UK_NO_KEY;
    }
    comma = strchr(header, ',');
    if (has_bearer_after(comma)) {
        return UK_TWO_CREDENTIALS;
    }
    rest = bearer_value(header);
    if (!rest) {
        /* A key without a scheme is a client's mistake, not another scheme. */
        return looks_like_key(header) ? UK_MALFORMED : UK_NO_KEY;
    }
    if (comma) {
        return UK_TWO_CREDENTIALS;
    }
    *value = rest;
    return *rest ? UK_ACCEPTED : UK_MALFORMED;
}

static uk_verdict_e find_in_header(const char *header, const char **value)
{
    if (!header || !*header) {
        return UK_NO_KEY;
    }
    if (strchr(header, ',')) {
        return UK_TWO_CREDENTIALS;
    }
    *value = header;
    return UK_ACCEPTED;
}

int uk_credential_is_same(const char *a, const char *b)
{
    size_t len = strlen(a);

    return len == strlen(b) && uk_secret_equal(a, b, len);
}

uk_credential_t uk_credential_find(request_rec *r)
{
    const char *name = uk_config_header(uk_dir_config(r));
    const char *authorization =
        apr_table_get(r->headers_in, authorization_header(r));
    const char *header = name ? apr_table_get(r->headers_in, name) : NULL;
    const char *bearer = NULL, *other = NULL;
    uk_verdict_e first = find_bearer(authorization, &bearer);
    uk_verdict_e second = find_in_header(header, &other);
    uk_credential_t found = {first, bearer,
                             first == UK_NO_KEY ? NULL : authorization, header};

    if (first == UK_NO_KEY) {
        found.verdict = second;
        found.value = other;
    }
    else if (second != UK_NO_KEY
             && (first != UK_ACCEPTED || second != UK_ACCEPTED
                 || !uk_credential_is_same(bearer, other))) {
        found.verdict = UK_TWO_CREDENTIALS;
    }
    return found;
}

/* Remove a header. If the client asks for an upgrade, it is kept for
 * uk_credential_switch(). */
static void take_header(request_rec *r, const char *name, const char *value)
{
    if (apr_table_get(r->headers_in, "Upgrade")) {
        uk_request_t *state = uk_request_get(r);

        if (!state->taken) {
            state->taken = apr_table_make(r->pool, 2);
        }
        apr_table_addn(state->taken, name, value);
    }
    apr_table_unset(r->headers_in, name);
}

/* What is no key may be too short to be searched for, without its scheme. */
static void present_bearer(uk_presented_t *presented,
                           const uk_credential_t *credential)
{
    const char *value = credential->verdict == UK_ACCEPTED
                            ? credential->value
                            : bearer_value(credential->authorization);

    if (!uk_copies_add_credential(presented,
                                  value ? value : credential->authorization)) {
        uk_copies_add(presented, credential->authorization, 1);
    }
}

/* Remove the header of UptimeKeysHeader. @param value NULL: there is none */
static void take_other(request_rec *r, const char *value,
                       uk_presented_t *presented)
{
    if (value) {
        uk_copies_add_credential(presented, value);
        take_header(r, uk_config_header(uk_dir_config(r)), value);
    }
}

void uk_credential_remove(request_rec *r, const uk_credential_t *credential,
                          request_rec *seen_by)
{
    uk_presented_t presented;

    if (uk_config_forward_key(uk_dir_config(r))) {
        return;
    }
    presented.count = 0;
    /* A credential of another scheme may be for the backend. */
    if (credential->authorization) {
        present_bearer(&presented, credential);
        take_header(r, authorization_header(r), credential->authorization);
    }
    take_other(r, credential->header, &presented);
    uk_copies_remove(seen_by, &presented);
}

/* The user name too: "curl -u KEY:" sends a key there by mistake. A copy of the
 * encoded pair may lack the padding. @return 1 if it contains a key, else 0 */
static int present_basic(request_rec *r, uk_presented_t *presented,
                         const char *value)
{
    const char *user, *password;
    const char *pair = skip_blanks(value + strcspn(value, BLANKS));
    int has_key = 0;

    if (ap_get_basic_auth_components(r, &user, &password) == OK) {
        has_key = uk_copies_add_credential(presented, password);
        if (looks_like_key(user)) {
            has_key |= uk_copies_add_credential(presented, user);
        }
    }
    else {
        /* A key in another scheme, or in none. */
        has_key = uk_copies_add_credential(presented, *pair ? pair : value);
    }
    uk_copies_add(presented, apr_pstrmemdup(r->pool, pair, strcspn(pair, "=")),
                  has_key);
    uk_copies_add(presented, value, 1);
    return has_key;
}

static void remove_basic(request_rec *r, request_rec *seen_by, int only_key)
{
    const uk_dir_config_t *config = uk_dir_config(r);
    const char *name = authorization_header(r);
    const char *value = apr_table_get(r->headers_in, name);
    const char *other = uk_config_header(config);
    const char *header = other ? apr_table_get(r->headers_in, other) : NULL;
    uk_presented_t presented;

    if (uk_config_forward_key(config)) {
        return;
    }
    presented.count = 0;
    if (value && (present_basic(r, &presented, value) || !only_key)) {
        take_header(r, name, value);
    }
    else {
        presented.count = 0;
    }
    take_other(r, header, &presented);
    uk_copies_remove(seen_by, &presented);
}

void uk_credential_remove_basic(request_rec *r, request_rec *seen_by)
{
    remove_basic(r, seen_by, 0);
}

void uk_credential_remove_key(request_rec *r, request_rec *seen_by)
{
    remove_basic(r, seen_by, 1);
}

/* mod_http2 answers an upgrade by running the request once more, from its
 * headers. The rest of the hooks is run in between, so that the credential is
 * there for the switch alone. */
int uk_credential_switch(conn_rec *c, request_rec *r, server_rec *server,
                         const char *protocol)
{
    uk_request_t *state = r ? uk_request_find(r) : NULL;
    apr_table_t *headers, *taken;
    int result;

    if (!state || !state->taken) {
        return DECLINED;
    }
    headers = r->headers_in;
    taken = state->taken;
    state->taken = NULL;
    r->headers_in = apr_table_overlay(r->pool, headers, taken);
    result = ap_run_protocol_switch(c, r, server, protocol);
    r->headers_in = headers;
    return result;
}

/* The module of httpd that traces request headers. */
static const module *http;

void uk_credential_init(void)
{
    http = ap_find_linked_module("http_core.c");
}

#define HIDDEN "[hidden]"

typedef struct {
    char *replacement; /* a copy for this header alone, to find it by */
    char *original;
} hidden_t;

static int may_hold_key(const apr_table_entry_t *header)
{
    return strstr(header->val, UK_TOKEN_SCHEME)
           || ap_cstr_casecmp(header->key, "Authorization") == 0
           || ap_cstr_casecmp(header->key, "Proxy-Authorization") == 0;
}

/* The headers, to replace values in place. apr_table_elts() returns a const
 * array, but it is the table's own storage, which is not const; and the table
 * looks at nothing but keys, which stay. */
static apr_table_entry_t *headers_of(request_rec *r, int *count)
{
    const apr_array_header_t *headers = apr_table_elts(r->headers_in);

    *count = headers->nelts;
    return (apr_table_entry_t *)headers->elts;
}

void uk_credential_hide(request_rec *r)
{
    apr_table_entry_t *headers;
    uk_request_t *state;
    int count, i;

    /* The hook is run for an internal redirect too, but nothing is traced. */
    if (!http || r->prev
        || !APLOG_R_MODULE_IS_LEVEL(r, http->module_index, APLOG_TRACE4)) {
        return;
    }
    state = uk_request_get(r);
    state->hidden = apr_array_make(r->pool, 2, sizeof(hidden_t));
    headers = headers_of(r, &count);
    for (i = 0; i < count; i++) {
        if (may_hold_key(&headers[i])) {
            hidden_t hidden = {apr_pstrdup(r->pool, HIDDEN), headers[i].val};

            APR_ARRAY_PUSH(state->hidden, hidden_t) = hidden;
            headers[i].val = hidden.replacement;
        }
    }
}

void uk_credential_show(request_rec *r)
{
    uk_request_t *state = uk_request_find(r);
    apr_table_entry_t *headers;
    int count, i, j;

    if (!state || !state->hidden) {
        return;
    }
    headers = headers_of(r, &count);
    for (j = 0; j < state->hidden->nelts; j++) {
        hidden_t *hidden = &APR_ARRAY_IDX(state->hidden, j, hidden_t);

        for (i = 0; i < count; i++) {
            if (headers[i].val == hidden->replacement) {
                headers[i].val = hidden->original;
            }
        }
    }
    state->hidden = NULL;
}
