/* SPDX-License-Identifier: Apache-2.0 */
/* Copies of a credential, which SetEnvIf, RewriteRule or another module made
 * before the credential was removed. */
#include "httpd/copies.h"

#include <string.h>

#include "core/token.h"

/* Characters of a string that is not found by chance. */
#define LEN_MIN 8

static int begins_like_key(const char *string)
{
    return strncmp(string, UK_TOKEN_SCHEME, UK_TOKEN_SCHEME_LEN) == 0;
}

/* A prefix is no secret: UPTIME_KEY_PREFIX contains one. */
static int contains_key(const char *string)
{
    for (; (string = strstr(string, UK_TOKEN_SCHEME)) != NULL; string++) {
        if (strspn(string + UK_TOKEN_SCHEME_LEN, "0123456789abcdef")
            > UK_TOKEN_PREFIX_LEN - UK_TOKEN_SCHEME_LEN) {
            return 1;
        }
    }
    return 0;
}

static void add_secret(uk_presented_t *presented, const char *string,
                       apr_size_t len, int in_headers)
{
    presented->strings[presented->count++] =
        (uk_secret_string_t){string, len, in_headers};
}

void uk_copies_add(uk_presented_t *presented, const char *string,
                   int in_headers)
{
    apr_size_t len = strlen(string);

    if (len >= LEN_MIN) {
        add_secret(presented, string, len, in_headers);
    }
}

int uk_copies_add_credential(uk_presented_t *presented, const char *credential)
{
    if (strlen(credential) == UK_TOKEN_LEN && begins_like_key(credential)) {
        /* What follows the prefix is the secret, also without it. */
        add_secret(presented, credential + UK_TOKEN_PREFIX_LEN,
                   UK_TOKEN_LEN - UK_TOKEN_PREFIX_LEN, 1);
        return 1;
    }
    if (contains_key(credential)) {
        /* With something else, which a copy may lack. */
        add_secret(presented, NULL, 0, 1);
        return 1;
    }
    uk_copies_add(presented, credential, 0);
    return 0;
}

static int contains(const char *value, apr_size_t len,
                    const uk_secret_string_t *secret)
{
    if (!secret->string) {
        return contains_key(value);
    }
    return len >= secret->len && strstr(value, secret->string);
}

static int is_copy(const char *value, const uk_presented_t *presented,
                   int headers)
{
    apr_size_t len = strlen(value);
    const uk_secret_string_t *secret = presented->strings;
    const uk_secret_string_t *end = secret + presented->count;

    for (; secret < end; secret++) {
        if (secret->in_headers >= headers && contains(value, len, secret)) {
            return 1;
        }
    }
    return 0;
}

static void remove_copies(apr_table_t *table, const uk_presented_t *presented,
                          int headers)
{
    const apr_array_header_t *variables = apr_table_elts(table);
    int i = variables->nelts;

    while (--i >= 0) {
        const apr_table_entry_t *variable =
            &APR_ARRAY_IDX(variables, i, const apr_table_entry_t);

        if (is_copy(variable->val, presented, headers)) {
            /* It removes all of that name. */
            apr_table_unset(table, variable->key);
            if (i > variables->nelts) {
                i = variables->nelts;
            }
        }
    }
}

void uk_copies_remove(request_rec *r, const uk_presented_t *presented)
{
    if (presented->count) {
        remove_copies(r->subprocess_env, presented, 0);
        remove_copies(r->notes, presented, 0);
        remove_copies(r->headers_in, presented, 1);
    }
}
