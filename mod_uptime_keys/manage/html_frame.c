/* SPDX-License-Identifier: Apache-2.0 */
/* What every HTML page has around its content, and small elements that pages
 * share. */
#include "manage/html_frame.h"

#include <string.h>

#include "httpd/config.h"
#include "manage/assets.h"

/* Other sites receive no referrer. "no-referrer" would also suppress the header
 * Origin, by which csrf.c knows that a form comes from these pages. */
#define REFERRER "same-origin"

static void print_head(uk_html_t *html, const uk_context_t *ctx,
                       const char *title)
{
    uk_html_open(html, "head", NULL);
    uk_html_element(html, "meta", NULL, "charset", "utf-8", NULL);
    uk_html_element(html, "meta", NULL, "name", "viewport", "content",
                    "width=device-width, initial-scale=1", NULL);
    uk_html_element(html, "meta", NULL, "name", "color-scheme", "content",
                    "light dark", NULL);
    uk_html_element(html, "meta", NULL, "name", "referrer", "content", REFERRER,
                    NULL);
    uk_html_element(html, "title", title, NULL);
    uk_html_element(html, "link", NULL, "rel", "icon", "type", "image/svg+xml",
                    "href", uk_asset_url(ctx, UK_ASSET_ICON), NULL);
    uk_html_element(html, "link", NULL, "rel", "stylesheet", "href",
                    uk_asset_url(ctx, UK_ASSET_STYLE), NULL);
    uk_html_element(html, "script", "", "src",
                    uk_asset_url(ctx, UK_ASSET_SCRIPT), "defer", "", NULL);
    uk_html_close(html);
}

/* The lists that a page can be, below the base. */
static const struct {
    const char *path;
    const char *name;
} tabs[] = {{"", "API keys"}, {"/audit", "Activity"}};

#define TAB_COUNT (sizeof(tabs) / sizeof(tabs[0]))

/* @return the tab of a request; TAB_COUNT: its page is none of these lists */
static size_t current_tab(const uk_context_t *ctx)
{
    const char *path = ctx->r->uri + strlen(ctx->base);
    size_t i = 0;

    path = strcmp(path, "/") == 0 ? "" : path;
    while (i < TAB_COUNT && strcmp(path, tabs[i].path) != 0) {
        i++;
    }
    return i;
}

static void print_tabs(uk_html_t *html, const uk_context_t *ctx)
{
    size_t current = current_tab(ctx), i;

    uk_html_open(html, "nav", "class", "tabs", "aria-label", "Lists", NULL);
    for (i = 0; i < TAB_COUNT; i++) {
        uk_html_element(html, "a", tabs[i].name, "href",
                        uk_context_url(ctx, tabs[i].path, ""), "aria-current",
                        i == current ? "page" : NULL, NULL);
    }
    uk_html_close(html);
}

/* Another team's list of the same kind. */
static void print_team_choice(uk_html_t *html, const uk_context_t *ctx)
{
    size_t tab = current_tab(ctx);
    int i;

    uk_html_open(html, "form", "method", "get", "action",
                 apr_pstrcat(ctx->r->pool, ctx->url,
                             tab < TAB_COUNT ? tabs[tab].path : "", NULL),
                 "class", "teams", NULL);
    uk_html_element(html, "label", "Team", "for", "team", NULL);
    uk_html_open(html, "select", "id", "team", "name", "team", NULL);
    for (i = 0; i < ctx->teams->nelts; i++) {
        const char *team =
            APR_ARRAY_IDX(ctx->teams, i, const uk_member_t *)->team;
        int is_shown = ctx->team && strcmp(team, ctx->team) == 0;

        uk_html_element(html, "option", team, "value", team, "selected",
                        is_shown ? "" : NULL, NULL);
    }
    uk_html_close(html);
    uk_html_element(html, "button", "Show", "type", "submit", NULL);
    uk_html_close(html);
}

static int may_choose_team(const uk_context_t *ctx)
{
    return ctx->teams && !uk_dir_config(ctx->r)->team
           && ctx->teams->nelts > (ctx->team ? 1 : 0);
}

static void print_banner(uk_html_t *html, const uk_context_t *ctx)
{
    uk_html_open(html, "header", NULL);
    uk_html_open(html, "p", "class", "brand", NULL);
    uk_html_element(html, "img", NULL, "src", uk_asset_url(ctx, UK_ASSET_ICON),
                    "alt", "", "width", "24", "height", "24", NULL);
    uk_html_element(html, "a", "API keys", "href", uk_context_url(ctx, "", ""),
                    NULL);
    uk_html_close(html);
    if (may_choose_team(ctx)) {
        print_team_choice(html, ctx);
    }
    if (ctx->actor) {
        uk_html_open(html, "p", "class", "who", NULL);
        uk_html_text(html, "Signed in as ");
        uk_html_element(html, "bdi", ctx->actor, NULL);
        uk_html_close(html);
    }
    uk_html_close(html);
}

uk_html_t *uk_html_page_begin(const uk_context_t *ctx, const char *title,
                              const char *heading)
{
    uk_html_t *html = uk_html_create(ctx->r->pool);

    uk_html_open(html, "html", "lang", "en", NULL);
    print_head(html, ctx, title);
    uk_html_open(html, "body", NULL);
    print_banner(html, ctx);
    if (ctx->team && (ctx->principal || uk_role_may_manage(ctx->role))) {
        print_tabs(html, ctx);
    }
    uk_html_open(html, "main", NULL);
    uk_html_element(html, "h1", heading, NULL);
    return html;
}

void uk_html_page_paragraph(uk_html_t *html, const char *class,
                            const char *text)
{
    uk_html_element(html, "p", text, "class", class, NULL);
}

void uk_html_page_link(uk_html_t *html, const char *class, const char *url,
                       const char *text)
{
    uk_html_element(html, "a", text, "class", class, "href", url, NULL);
}

void uk_html_page_code(uk_html_t *html, const char *text)
{
    uk_html_element(html, "code", text, NULL);
}

const char *uk_html_page_instant(apr_pool_t *pool, uk_instant_t instant)
{
    char value[UK_INSTANT_STRING_LEN + 1];

    uk_instant_format(instant - instant % 1000, value);
    if (!*value) {
        return "";
    }
    /* "2026-12-31T23:59:59Z" */
    return apr_psprintf(pool, "%.10s %.8s UTC", value, value + 11);
}

const char *uk_html_page_minute(apr_pool_t *pool, uk_instant_t instant)
{
    return apr_psprintf(pool, "%.16s UTC", uk_html_page_instant(pool, instant));
}

void uk_html_page_time(uk_html_t *html, apr_pool_t *pool, uk_instant_t instant,
                       const char *label)
{
    char value[UK_INSTANT_STRING_LEN + 1];
    const char *exact = uk_html_page_instant(pool, instant);

    uk_instant_format(instant, value);
    uk_html_element(html, "time", label ? label : exact, "datetime", value,
                    "title", label ? exact : NULL, NULL);
}

const char *uk_html_page_key_url(const uk_context_t *ctx, const char *id,
                                 const char *tail)
{
    apr_pool_t *pool = ctx->r->pool;

    return uk_context_url(
        ctx,
        apr_pstrcat(pool, "/", ap_escape_path_segment(pool, id), tail, NULL),
        "");
}

void uk_html_page_cancel(uk_html_t *html, const uk_context_t *ctx)
{
    uk_html_page_link(html, "button", uk_context_url(ctx, "", ""), "Cancel");
}

void uk_html_page_open_post(uk_html_t *html, const char *class, const char *url)
{
    uk_html_open(html, "form", "method", "post", "action", url, "class", class,
                 NULL);
}

void uk_html_page_hidden(uk_html_t *html, const char *name, const char *value)
{
    uk_html_element(html, "input", NULL, "type", "hidden", "name", name,
                    "value", value, NULL);
}

void uk_html_page_submit(uk_html_t *html, const char *class, const char *text)
{
    uk_html_element(html, "button", text, "type", "submit", "class", class,
                    NULL);
}

void uk_html_page_open_choice(uk_html_t *html, const uk_html_choice_t *choice)
{
    uk_html_open(html, "label", "class", "choice", NULL);
    uk_html_element(html, "input", NULL, "type", choice->type, "name",
                    choice->name, "value", choice->value, "checked",
                    choice->is_chosen ? "" : NULL, NULL);
    uk_html_open(html, "span", NULL);
    uk_html_element(html, "span", choice->label, "class", "label", NULL);
    uk_html_text(html, " ");
    uk_html_open(html, "span", "class", "meaning", NULL);
}

void uk_html_page_close_choice(uk_html_t *html)
{
    uk_html_close(html);
    uk_html_close(html);
    uk_html_close(html);
}

void uk_html_page_choice(uk_html_t *html, const uk_html_choice_t *choice,
                         const char *meaning)
{
    uk_html_page_open_choice(html, choice);
    uk_html_text(html, meaning);
    uk_html_page_close_choice(html);
}
