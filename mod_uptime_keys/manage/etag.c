/* SPDX-License-Identifier: Apache-2.0 */
/* The entity tag of a key. */
#include "manage/etag.h"

#include <string.h>

#include "core/json_values.h"
#include "core/secret.h"

/* Hexadecimal digits of a tag. */
#define TAG_LEN 32

const char *uk_etag_make(apr_pool_t *pool, const uk_key_t *key,
                         uk_instant_t now)
{
    uk_key_t shown = *key;
    char hash[UK_HASH_LEN + 1];
    const char *json;

    shown.last_used_at = UK_INSTANT_NONE;
    shown.previous_used_at = UK_INSTANT_NONE;
    json = uk_json_dump(pool, uk_json_from_key(&shown, now));
    uk_secret_hash(json, strlen(json), hash);
    return apr_psprintf(pool, "\"%.*s\"", TAG_LEN, hash);
}

void uk_etag_set(const uk_context_t *ctx, const uk_key_t *key)
{
    apr_table_setn(ctx->r->headers_out, "ETag",
                   uk_etag_make(ctx->r->pool, key, ctx->now));
}

/* A weak tag, W/"…", matches nothing here (RFC 9110 section 13.1.1). httpd's
 * ap_find_etag_strong() finds no tag behind one. A tag may contain commas, but not
 * the quotes that this one begins with. */
int uk_etag_matches(const char *if_match, const char *etag)
{
    size_t len = strlen(etag);

    if (!if_match || strcmp(if_match, "*") == 0) {
        return 1;
    }
    for (; if_match; if_match = strchr(if_match, ',')) {
        if_match += strspn(if_match, ", \t");
        if (strncmp(if_match, etag, len) == 0
            && strchr(", \t", if_match[len])) {
            return 1;
        }
    }
    return 0;
}
