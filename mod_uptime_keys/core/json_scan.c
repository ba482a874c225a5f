/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of an import in the form that programs write them in, read at a
 * fraction of what it costs to build a JSON document. */
#include "core/json_scan.h"

#include <apr_strings.h>
#include <stddef.h>
#include <string.h>

/* More digits than a time has, fewer than can overflow. */
#define DIGITS_MAX 17

/* Where the reading is. It never goes beyond the end. */
typedef struct {
    apr_pool_t *pool;
    const char *at, *end;
} scan_t;

static void skip_space(scan_t *scan)
{
    while (scan->at < scan->end
           && (*scan->at == ' ' || *scan->at == '\t' || *scan->at == '\r')) {
        scan->at++;
    }
}

/* 1 and behind it, if this character comes next. */
static int take(scan_t *scan, char c)
{
    skip_space(scan);
    if (scan->at == scan->end || *scan->at != c) {
        return 0;
    }
    scan->at++;
    return 1;
}

static int is_plain(char c)
{
    return c >= ' ' && c <= '~' && c != '"' && c != '\\';
}

/* A string between its quotes. */
static int take_text(scan_t *scan, const char **start, size_t *len)
{
    if (!take(scan, '"')) {
        return 0;
    }
    *start = scan->at;
    while (scan->at < scan->end && is_plain(*scan->at)) {
        scan->at++;
    }
    *len = (size_t)(scan->at - *start);
    /* Not take(): it would skip spaces, which here belong to the string. */
    return scan->at < scan->end && *scan->at++ == '"';
}

static int take_null(scan_t *scan)
{
    static const char null[] = "null";
    const size_t len = sizeof(null) - 1;

    skip_space(scan);
    if ((size_t)(scan->end - scan->at) < len
        || memcmp(scan->at, null, len) != 0) {
        return 0;
    }
    scan->at += len;
    return 1;
}

static int take_string(scan_t *scan, void *field)
{
    const char *start;
    size_t len;

    if (!take_text(scan, &start, &len)) {
        return 0;
    }
    *(const char **)field = apr_pstrmemdup(scan->pool, start, len);
    return 1;
}

static int take_instant(scan_t *scan, void *field)
{
    uk_instant_t *instant = field;
    int digits = 0;

    if (take_null(scan)) {
        return 1;
    }
    while (scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9') {
        *instant = *instant * 10 + (*scan->at++ - '0');
        if (++digits > DIGITS_MAX) {
            return 0;
        }
    }
    /* Nor "007" nor 0, and what is not the end of a number is noticed where
     * only a comma or brace can stand. */
    return digits > 0 && scan->at[-digits] != '0';
}

static int take_names(scan_t *scan, void *field)
{
    apr_array_header_t *names = apr_array_make(scan->pool, 4, sizeof(char *));

    if (!take(scan, '[')) {
        return 0;
    }
    do {
        const char *name;

        if (!take_string(scan, &name)) {
            return 0;
        }
        APR_ARRAY_PUSH(names, const char *) = name;
    } while (take(scan, ','));
    *(const apr_array_header_t **)field = names;
    return take(scan, ']');
}

static const struct {
    const char *name;
    size_t offset;
    int (*take)(scan_t *scan, void *field);
} members[] = {
    {"team", offsetof(uk_json_import_t, key.team), take_string},
    {"name", offsetof(uk_json_import_t, key.name), take_string},
    {"scopes", offsetof(uk_json_import_t, key.scopes), take_names},
    {"keyHash", offsetof(uk_json_import_t, hash), take_string},
    {"keyPrefix", offsetof(uk_json_import_t, key.prefix), take_string},
    {"createdAt", offsetof(uk_json_import_t, key.created_at), take_instant},
    {"expiresAt", offsetof(uk_json_import_t, key.expires_at), take_instant},
    {"lastUsedAt", offsetof(uk_json_import_t, key.last_used_at), take_instant},
    {"id", offsetof(uk_json_import_t, key.id), take_string},
};

#define MEMBERS (sizeof(members) / sizeof(members[0]))

static size_t find_member(const char *name, size_t len)
{
    size_t i = 0;

    while (i < MEMBERS
           && (strncmp(members[i].name, name, len) != 0
               || members[i].name[len] != '\0')) {
        i++;
    }
    return i;
}

/* A member; *seen has a bit for each that there was. */
static int take_member(scan_t *scan, uk_json_import_t *import,
                       unsigned int *seen)
{
    const char *name;
    size_t len, i;

    if (!take_text(scan, &name, &len) || !take(scan, ':')) {
        return 0;
    }
    i = find_member(name, len);
    if (i == MEMBERS || *seen & 1u << i) {
        return 0;
    }
    *seen |= 1u << i;
    skip_space(scan);
    return members[i].take(scan, (char *)import + members[i].offset);
}

int uk_json_scan_import(apr_pool_t *pool, const char *line, size_t len,
                        uk_json_import_t *import)
{
    scan_t scan = {pool, line, line + len};
    unsigned int seen = 0;

    memset(import, 0, sizeof(*import));
    if (!take(&scan, '{')) {
        return -1;
    }
    do {
        if (!take_member(&scan, import, &seen)) {
            return -1;
        }
    } while (take(&scan, ','));
    if (!take(&scan, '}')) {
        return -1;
    }
    skip_space(&scan);
    return scan.at == scan.end ? 0 : -1;
}
