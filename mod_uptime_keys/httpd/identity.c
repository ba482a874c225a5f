/* SPDX-License-Identifier: Apache-2.0 */
/* Telling the rest of httpd, and backends, who called. */
#include "httpd/identity.h"

#include <string.h>

#include "httpd/config.h"
#include "httpd/privacy.h"

/* One fact about the caller; either name may be NULL. */
typedef struct {
    const char *variable;
    const char *header;     /* behind the configured prefix */
    const char *value;      /* NULL: nothing to tell */
} fact_t;

/* A row may come from anywhere, so a name might hold what ends a header. */
static int is_control(char c)
{
    return (unsigned char)c < ' ' || c == 0x7f;
}

static const char *printable(apr_pool_t *pool, const char *text)
{
    const char *end = text;
    char *copy, *c;

    while (end && *end && !is_control(*end)) {
        end++;
    }
    if (!end || !*end) {
        return text;
    }
    copy = apr_pstrdup(pool, text);
    for (c = copy; *c; c++) {
        if (is_control(*c)) {
            *c = '?';
        }
    }
    return copy;
}

static const char *expiry(apr_pool_t *pool, const uk_key_t *key)
{
    char text[UK_INSTANT_TEXT_LEN + 1];

    if (key->expires_at == UK_INSTANT_NONE) {
        return NULL;
    }
    uk_instant_format(key->expires_at, text);
    return apr_pstrdup(pool, text);
}

static void publish_fact(request_rec *r, const fact_t *fact,
                         const char *prefix)
{
    if (!fact->value) {
        return;
    }
    apr_table_setn(r->subprocess_env, fact->variable, fact->value);
    if (prefix && fact->header) {
        apr_table_setn(r->headers_in,
                       apr_pstrcat(r->pool, prefix, fact->header, NULL),
                       fact->value);
    }
}

/* As CGI and many backends read names: '_' is '-', case does not matter. */
static char folded(char c)
{
    return c == '_' ? '-' : (char)apr_tolower(c);
}

static int is_like(const char *name, const char *prefix, const char *rest)
{
    for (; *prefix; prefix++, name++) {
        if (folded(*name) != folded(*prefix)) {
            return 0;
        }
    }
    for (; *rest; rest++, name++) {
        if (folded(*name) != folded(*rest)) {
            return 0;
        }
    }
    return *name == '\0';
}

static int is_identity_header(const char *name, const char *prefix)
{
    return is_like(name, prefix, "-Key-Id")
           || is_like(name, prefix, "-Key-Name")
           || is_like(name, prefix, "-Team")
           || is_like(name, prefix, "-Scopes");
}

static const char *find_spoofed(const request_rec *r, const char *prefix)
{
    const apr_array_header_t *headers = apr_table_elts(r->headers_in);
    int i;

    for (i = 0; i < headers->nelts; i++) {
        const char *name =
            APR_ARRAY_IDX(headers, i, const apr_table_entry_t).key;

        if (is_identity_header(name, prefix)) {
            return name;
        }
    }
    return NULL;
}

void uk_identity_remove_spoofed(request_rec *r)
{
    const char *prefix = uk_config_identity_prefix(uk_dir_config(r));
    const char *name;

    while (prefix && (name = find_spoofed(r, prefix)) != NULL) {
        apr_table_unset(r->headers_in, name);
    }
}

void uk_identity_publish(request_rec *r, const uk_key_t *key)
{
    const char *prefix = uk_config_identity_prefix(uk_dir_config(r));
    const char *scopes = apr_array_pstrcat(r->pool, key->scopes, ' ');
    const fact_t facts[] = {
        {"UPTIME_KEY_ID", "-Key-Id", printable(r->pool, key->id)},
        {"UPTIME_KEY_NAME", "-Key-Name", printable(r->pool, key->name)},
        {"UPTIME_KEY_PREFIX", NULL, printable(r->pool, key->prefix)},
        {"UPTIME_KEY_SCOPES", "-Scopes", printable(r->pool, scopes)},
        {"UPTIME_KEY_EXPIRES", NULL, expiry(r->pool, key)},
        {"UPTIME_TEAM", "-Team", printable(r->pool, key->team)},
    };
    size_t i;

    uk_privacy_keep(r);
    uk_identity_remove_spoofed(r);
    r->user = apr_pstrdup(r->pool, facts[0].value);
    r->ap_auth_type = apr_pstrdup(r->pool, UK_AUTH_TYPE);
    for (i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
        publish_fact(r, &facts[i], prefix);
    }
}
