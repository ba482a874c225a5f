/* SPDX-License-Identifier: Apache-2.0 */
/* Keys in HTML: a table of many, or the properties of one. */
#include "manage/html_keys.h"

#include <string.h>

#include "manage/html_frame.h"

#define MINUTE ((uk_instant_t)60 * 1000)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
/* A key that expires within this time is marked. */
#define SOON (14 * DAY)

/* "3 days ago", in the largest unit that fits. The last use is known to the
 * minute only. */
static const char *format_age(apr_pool_t *pool, uk_instant_t span)
{
    static const struct {
        uk_instant_t span;
        const char *name;
    } units[] = {
        {365 * DAY, "year"}, {30 * DAY, "month"}, {DAY, "day"},
        {HOUR, "hour"},      {MINUTE, "minute"},
    };
    size_t i;

    for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        int count = (int)(span / units[i].span);

        if (count > 0) {
            return apr_psprintf(pool, "%d %s%s ago", count, units[i].name,
                                count > 1 ? "s" : "");
        }
    }
    return "less than a minute ago";
}

/* A time in few words; the exact one as a tooltip, and for screen readers. */
static void print_time(uk_html_t *html, apr_pool_t *pool, uk_instant_t instant,
                       const char *label)
{
    const char *exact = uk_html_page_instant(pool, instant);

    uk_html_page_time(html, pool, instant, label);
    uk_html_element(html, "span", apr_pstrcat(pool, " (", exact, ")", NULL),
                    "class", "heard", NULL);
}

static void print_name(uk_html_t *html, const uk_context_t *ctx,
                       const uk_key_t *key)
{
    (void)ctx;
    uk_html_element(html, "bdi", key->name, "class", "name", NULL);
}

static void print_prefix(uk_html_t *html, const uk_context_t *ctx,
                         const uk_key_t *key)
{
    (void)ctx;
    uk_html_element(html, "code", key->prefix, NULL);
}

static void print_scopes(uk_html_t *html, const uk_context_t *ctx,
                         const uk_key_t *key)
{
    int i;

    (void)ctx;
    uk_html_open(html, "ul", "class", "scopes", NULL);
    for (i = 0; i < key->scopes->nelts; i++) {
        uk_html_element(html, "li", APR_ARRAY_IDX(key->scopes, i, const char *),
                        NULL);
    }
    uk_html_close(html);
}

static void print_last_used(uk_html_t *html, const uk_context_t *ctx,
                            const uk_key_t *key)
{
    apr_pool_t *pool = ctx->r->pool;

    if (key->last_used_at == UK_INSTANT_NONE) {
        uk_html_text(html, "Never");
        return;
    }
    print_time(html, pool, key->last_used_at,
               format_age(pool, ctx->now - key->last_used_at));
}

static void print_expires(uk_html_t *html, const uk_context_t *ctx,
                          const uk_key_t *key)
{
    apr_pool_t *pool = ctx->r->pool;
    const char *exact = uk_html_page_instant(pool, key->expires_at);

    if (key->expires_at == UK_INSTANT_NONE) {
        uk_html_text(html, "Never");
        return;
    }
    print_time(html, pool, key->expires_at, apr_pstrndup(pool, exact, 10));
    uk_html_text(html, " ");
    if (uk_instant_is_over(key->expires_at, ctx->now)) {
        uk_html_element(html, "strong", "Expired", "class", "mark expired",
                        NULL);
    }
    else if (key->expires_at - ctx->now <= SOON) {
        uk_html_element(html, "strong", "Expires soon", "class", "mark soon",
                        NULL);
    }
}

/* clang-format off */
static const struct {
    const char *heading;
    void (*print)(uk_html_t *, const uk_context_t *, const uk_key_t *);
} columns[] = {
    {"Name", print_name},
    {"Prefix", print_prefix},
    {"Scopes", print_scopes},
    {"Last used", print_last_used},
    {"Expires", print_expires},
};
/* clang-format on */

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

static void print_headings(uk_html_t *html)
{
    size_t i;

    uk_html_open(html, "thead", NULL);
    uk_html_open(html, "tr", NULL);
    for (i = 0; i < COLUMNS; i++) {
        uk_html_element(html, "th", columns[i].heading, "scope", "col", NULL);
    }
    uk_html_open(html, "th", "scope", "col", NULL);
    uk_html_element(html, "span", "Delete", "class", "heard", NULL);
    uk_html_close(html);
    uk_html_close(html);
    uk_html_close(html);
}

static void print_delete_link(uk_html_t *html, const uk_context_t *ctx,
                              const uk_key_t *key)
{
    apr_pool_t *pool = ctx->r->pool;
    const char *path =
        apr_pstrcat(pool, "/", ap_escape_path_segment(pool, key->id), NULL);

    uk_html_open(html, "td", "class", "actions", NULL);
    uk_html_element(
        html, "a", "Delete", "class", "button quiet delete", "href",
        uk_context_url(ctx, path, ""), "aria-label",
        apr_psprintf(pool, "Delete %s (%s)", key->name, key->prefix),
        "data-name", key->name, "data-prefix", key->prefix, NULL);
    uk_html_close(html);
}

static void print_row(uk_html_t *html, const uk_context_t *ctx,
                      const uk_key_t *key)
{
    size_t i;

    uk_html_open(
        html, "tr", "class",
        uk_instant_is_over(key->expires_at, ctx->now) ? "expired" : NULL, NULL);
    for (i = 0; i < COLUMNS; i++) {
        uk_html_open(html, "td", "data-label", columns[i].heading, NULL);
        columns[i].print(html, ctx, key);
        uk_html_close(html);
    }
    print_delete_link(html, ctx, key);
    uk_html_close(html);
}

static void print_other_pages(uk_html_t *html, const uk_context_t *ctx,
                              const uk_slice_t *slice)
{
    const struct {
        const char *cursor, *label;
    } links[] = {{slice->prev, "Newer keys"}, {slice->next, "Older keys"}};
    size_t i;

    if (!slice->prev && !slice->next) {
        return;
    }
    uk_html_open(html, "nav", "aria-label", "More keys", NULL);
    for (i = 0; i < 2; i++) {
        if (links[i].cursor) {
            uk_html_page_link(
                html, "button",
                uk_context_url(
                    ctx, "",
                    apr_psprintf(
                        ctx->r->pool, "&perPage=%d&cursor=%s", slice->per_page,
                        ap_escape_urlencoded(ctx->r->pool, links[i].cursor))),
                links[i].label);
        }
    }
    uk_html_close(html);
}

void uk_html_page_print_keys(uk_html_t *html, const uk_context_t *ctx,
                             const uk_slice_t *slice)
{
    int i;

    uk_html_open(html, "table", NULL);
    uk_html_element(html, "caption",
                    apr_pstrcat(ctx->r->pool, "API keys of ", ctx->team, NULL),
                    "class", "heard", NULL);
    print_headings(html);
    uk_html_open(html, "tbody", NULL);
    for (i = 0; i < slice->keys->nelts; i++) {
        print_row(html, ctx, APR_ARRAY_IDX(slice->keys, i, const uk_key_t *));
    }
    uk_html_close(html);
    uk_html_close(html);
    print_other_pages(html, ctx, slice);
}

void uk_html_page_print_key(uk_html_t *html, const uk_context_t *ctx,
                            const uk_key_t *key)
{
    size_t i;

    uk_html_open(html, "dl", "class", "key", NULL);
    for (i = 0; i < COLUMNS; i++) {
        uk_html_open(html, "div", NULL);
        uk_html_element(html, "dt", columns[i].heading, NULL);
        uk_html_open(html, "dd", NULL);
        columns[i].print(html, ctx, key);
        uk_html_close(html);
        uk_html_close(html);
    }
    uk_html_close(html);
}
