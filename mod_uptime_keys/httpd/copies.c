/* SPDX-License-Identifier: Apache-2.0 */
/* Copies of a credential, which SetEnvIf, RewriteRule or another module made
 * before the credential was removed. */
#include "httpd/copies.h"

#include <string.h>

#include "core/token.h"

/* Characters of a string that is not found by chance. */
#define LEN_MIN 8

/* The middle of a key. A copy that lacks it, or an end of it, lacks 16 random
 * digits or more, and is no use to anybody. */
#define MIDDLE_LEN 16
#define MIDDLE (UK_TOKEN_PREFIX_LEN + MIDDLE_LEN)

/* The first key, or part of one, of at least that many characters. */
static const char *find_key(const char *string, apr_size_t len)
{
    for (; (string = strstr(string, UK_TOKEN_SCHEME)) != NULL; string++) {
        if (strspn(string + UK_TOKEN_SCHEME_LEN, "0123456789abcdef")
            >= len - UK_TOKEN_SCHEME_LEN) {
            return string;
        }
    }
    return NULL;
}

/* A prefix is no secret: UPTIME_KEY_PREFIX contains one. */
static int contains_key(const char *string)
{
    return find_key(string, UK_TOKEN_PREFIX_LEN + 1) != NULL;
}

static void add_secret(uk_presented_t *presented, const char *string,
                       apr_size_t len, int in_headers)
{
    presented->strings[presented->count++] =
        (uk_secret_string_t){string, len, string, len, in_headers};
}

static void add_whole_key(uk_presented_t *presented, const char *key)
{
    presented->strings[presented->count++] =
        (uk_secret_string_t){key, UK_TOKEN_LEN, key + MIDDLE, MIDDLE_LEN, 1};
}

void uk_copies_add(uk_presented_t *presented, const char *string,
                   int in_headers)
{
    apr_size_t len = strlen(string);

    if (len >= LEN_MIN) {
        add_secret(presented, string, len, in_headers);
    }
}

/* @return 1 if a credential is like a key and nothing else, which costs little
 * to find out */
static int is_like_key(const char *credential)
{
    return strncmp(credential, UK_TOKEN_SCHEME, UK_TOKEN_SCHEME_LEN) == 0
           && strlen(credential) == UK_TOKEN_LEN;
}

static int add_searched(uk_presented_t *presented, const char *credential)
{
    const char *key = find_key(credential, UK_TOKEN_LEN);
    int has_key = contains_key(credential);

    if (key) {
        add_whole_key(presented, key);
    }
    if (has_key && (!key || credential[UK_TOKEN_LEN])) {
        /* With something else, which a copy may lack, or another key. */
        add_secret(presented, NULL, 0, 1);
    }
    if (!has_key) {
        uk_copies_add(presented, credential, 0);
    }
    return has_key;
}

int uk_copies_add_credential(uk_presented_t *presented, const char *credential)
{
    if (is_like_key(credential)) {
        add_whole_key(presented, credential);
        return 1;
    }
    return add_searched(presented, credential);
}

static int contains(const char *value, apr_size_t len,
                    const uk_secret_string_t *secret, int whole)
{
    const char *string = whole ? secret->string : secret->part;
    apr_size_t string_len = whole ? secret->len : secret->part_len;

    if (!secret->string) {
        return contains_key(value);
    }
    /* Most values are shorter than a key. */
    return len >= string_len && memmem(value, len, string, string_len) != NULL;
}

static int is_copy(const char *value, const uk_presented_t *presented,
                   int headers)
{
    apr_size_t len = strlen(value);
    const uk_secret_string_t *secret = presented->strings;
    const uk_secret_string_t *end = secret + presented->count;

    for (; secret < end; secret++) {
        if (secret->in_headers >= headers
            && contains(value, len, secret, headers)) {
            return 1;
        }
    }
    return 0;
}

/* Move what is no copy from one table to another. */
static void keep_others(apr_table_t *kept, const apr_table_t *table,
                        const uk_presented_t *presented, int headers)
{
    const apr_array_header_t *variables = apr_table_elts(table);
    int i;

    for (i = 0; i < variables->nelts; i++) {
        const apr_table_entry_t *variable =
            &APR_ARRAY_IDX(variables, i, const apr_table_entry_t);

        if (!is_copy(variable->val, presented, headers)) {
            apr_table_addn(kept, variable->key, variable->val);
        }
    }
}

/* To remove them one by one would cost the square of their number, which the
 * client may choose. */
static void remove_copies(apr_pool_t *pool, apr_table_t *table,
                          const uk_presented_t *presented, int headers)
{
    const apr_array_header_t *variables = apr_table_elts(table);
    int i = 0;

    while (i < variables->nelts
           && !is_copy(APR_ARRAY_IDX(variables, i, const apr_table_entry_t).val,
                       presented, headers)) {
        i++;
    }
    if (i < variables->nelts) {
        const apr_table_t *all = apr_table_copy(pool, table);

        apr_table_clear(table);
        keep_others(table, all, presented, headers);
    }
}

void uk_copies_remove(request_rec *r, const uk_presented_t *presented)
{
    apr_table_t *const tables[] = {r->subprocess_env, r->notes, r->headers_in,
                                   r->headers_out, r->err_headers_out};
    size_t i;

    for (i = 0; presented->count && i < sizeof(tables) / sizeof(*tables); i++) {
        /* The first two are no headers. Most tables are empty. */
        if (!apr_is_empty_table(tables[i])) {
            remove_copies(r->pool, tables[i], presented, i >= 2);
        }
    }
}
