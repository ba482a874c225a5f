/* SPDX-License-Identifier: Apache-2.0 */
/* A table of keys in HTML. */
#include "manage/html_keys.h"

#include "manage/auth.h"
#include "manage/html_frame.h"
#include "manage/html_key.h"

static void print_headings(uk_html_t *html, const uk_context_t *ctx)
{
    const char *heading;
    int i;

    uk_html_open(html, "thead", NULL);
    uk_html_open(html, "tr", NULL);
    for (i = 0; (heading = uk_html_key_heading(i)) != NULL; i++) {
        uk_html_element(html, "th", heading, "scope", "col", NULL);
    }
    if (uk_auth_holds(ctx, UK_AUTH_WRITE)) {
        uk_html_open(html, "th", "scope", "col", NULL);
        uk_html_element(html, "span", "Actions", "class", "heard", NULL);
        uk_html_close(html);
    }
    uk_html_close(html);
    uk_html_close(html);
}

static void print_action(uk_html_t *html, const uk_context_t *ctx,
                         const uk_key_t *key, const char *name,
                         const char *tail)
{
    int is_deletion = !*tail;

    uk_html_element(
        html, "a", name, "class",
        is_deletion ? "button quiet delete" : "button quiet", "href",
        uk_html_page_key_url(ctx, key->id, tail), "aria-label",
        apr_psprintf(ctx->r->pool, "%s %s (%s)", name, key->name, key->prefix),
        /* The script asks about it. */
        "data-name", is_deletion ? key->name : NULL, "data-prefix",
        is_deletion ? key->prefix : NULL, NULL);
}

static void print_actions(uk_html_t *html, const uk_context_t *ctx,
                          const uk_key_t *key)
{
    uk_html_open(html, "td", "class", "actions", NULL);
    uk_html_open(html, "div", NULL);
    print_action(html, ctx, key, "Rotate", "/rotate");
    print_action(html, ctx, key, "Edit", "/edit");
    print_action(html, ctx, key, "Delete", "");
    uk_html_close(html);
    uk_html_close(html);
}

static const char *row_class(const uk_context_t *ctx, const uk_key_t *key)
{
    if (uk_instant_is_over(key->expires_at, ctx->now)) {
        return "expired";
    }
    return key->disabled_at != UK_INSTANT_NONE ? "off" : NULL;
}

static void print_row(uk_html_t *html, const uk_context_t *ctx,
                      const uk_key_t *key)
{
    const char *heading;
    int i;

    uk_html_open(html, "tr", "class", row_class(ctx, key), NULL);
    for (i = 0; (heading = uk_html_key_heading(i)) != NULL; i++) {
        uk_html_open(html, "td", "data-label", heading, NULL);
        uk_html_key_print_cell(html, ctx, key, i);
        uk_html_close(html);
    }
    if (uk_auth_holds(ctx, UK_AUTH_WRITE)) {
        print_actions(html, ctx, key);
    }
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
            uk_html_page_link(html, "button",
                              uk_context_slice_url(ctx, slice, links[i].cursor),
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
    print_headings(html, ctx);
    uk_html_open(html, "tbody", NULL);
    for (i = 0; i < slice->keys->nelts; i++) {
        print_row(html, ctx, APR_ARRAY_IDX(slice->keys, i, const uk_key_t *));
    }
    uk_html_close(html);
    uk_html_close(html);
    print_other_pages(html, ctx, slice);
}
