/* SPDX-License-Identifier: Apache-2.0 */
/* The HTML page "Activity": who did what. */
#include "manage/html_activity.h"

#include <apr_strings.h>
#include <string.h>

#include "manage/html_frame.h"

static const char *activity_url(const uk_context_t *ctx, const char *query)
{
    return uk_context_url(ctx, "/audit", query);
}

/* The list of what has a value in common, from its newest event on. */
static const char *only_url(const uk_context_t *ctx, const char *name,
                            const char *value)
{
    apr_pool_t *pool = ctx->r->pool;

    return activity_url(ctx,
                        apr_pstrcat(pool, "&", name, "=",
                                    ap_escape_urlencoded(pool, value), NULL));
}

static void open_field(uk_html_t *html, const char *name, const char *label)
{
    uk_html_open(html, "div", "class", "filter", NULL);
    uk_html_element(html, "label", label, "for", name, NULL);
}

static void print_input(uk_html_t *html, const char *type, const char *name,
                        const char *label, const char *value)
{
    open_field(html, name, label);
    uk_html_element(html, "input", NULL, "type", type, "id", name, "name", name,
                    "value", value, NULL);
    uk_html_close(html);
}

/* A filter may be more exact than the field for it. */
static void print_date(uk_html_t *html, const uk_context_t *ctx,
                       const char *name, const char *label,
                       uk_instant_t instant)
{
    char day[UK_INSTANT_STRING_LEN + 1] = "";

    if (uk_event_page_parameter(ctx, name)) {
        uk_instant_format(instant, day);
        day[*day ? sizeof("2026-11-23") - 1 : 0] = '\0';
    }
    print_input(html, "date", name, label, apr_pstrdup(ctx->r->pool, day));
}

static void print_actions_choice(uk_html_t *html, const char *chosen)
{
    const uk_action_t *action;

    open_field(html, "action", "What");
    uk_html_open(html, "select", "id", "action", "name", "action", NULL);
    uk_html_element(html, "option", "Anything", "value", "", NULL);
    for (action = uk_actions; action->name; action++) {
        int is_chosen = chosen && strcmp(chosen, action->name) == 0;

        uk_html_element(html, "option", action->title, "value", action->name,
                        "selected", is_chosen ? "" : NULL, NULL);
    }
    uk_html_close(html);
    uk_html_close(html);
}

static void print_filter_buttons(uk_html_t *html, const uk_context_t *ctx,
                                 const uk_event_page_t *page)
{
    uk_html_open(html, "div", "class", "buttons", NULL);
    uk_html_page_submit(html, NULL, "Filter");
    if (page->is_filtered) {
        uk_html_page_link(html, "button quiet", activity_url(ctx, ""),
                          "Show all");
    }
    uk_html_close(html);
}

static void print_filters(uk_html_t *html, const uk_context_t *ctx,
                          const uk_event_page_t *page)
{
    const uk_event_filter_t *filter = &page->filter;

    uk_html_open(html, "form", "method", "get", "action", activity_url(ctx, ""),
                 "class", "filters", "aria-label", "Filter", NULL);
    if (uk_event_page_parameter(ctx, "team")) {
        uk_html_page_hidden(html, "team", ctx->team);
    }
    print_date(html, ctx, "since", "From", filter->since);
    print_date(html, ctx, "until", "To", filter->until);
    print_actions_choice(html, filter->action);
    print_input(html, "text", "actor", "Who", filter->actor);
    print_input(html, "text", "keyId", "ID of the key", filter->key);
    print_filter_buttons(html, ctx, page);
    uk_html_close(html);
}

static void print_when(uk_html_t *html, const uk_context_t *ctx,
                       const uk_event_t *event)
{
    uk_html_page_time(html, ctx->r->pool, event->at, NULL);
}

static void print_detail(uk_html_t *html, const char *detail)
{
    uk_html_open(html, "div", "class", "note", NULL);
    uk_html_element(html, "bdi", detail, NULL);
    uk_html_close(html);
}

static void print_what(uk_html_t *html, const uk_context_t *ctx,
                       const uk_event_t *event)
{
    const char *title = uk_action_title(event->action);
    const char *detail = uk_event_detail(ctx->r->pool, event);

    uk_html_element(html, "span", title, "class", "what", NULL);
    if (*detail) {
        print_detail(html, detail);
    }
}

static void print_key_prefix(uk_html_t *html, const char *prefix)
{
    uk_html_open(html, "div", "class", "note", NULL);
    uk_html_page_code(html, prefix);
    uk_html_close(html);
}

static void print_key_link(uk_html_t *html, const uk_context_t *ctx,
                           const uk_event_t *event)
{
    const char *name = event->key_name ? event->key_name : event->key_id;

    uk_html_open(html, "a", "href", only_url(ctx, "keyId", event->key_id),
                 NULL);
    uk_html_element(html, "bdi", name, "class", "name", NULL);
    uk_html_close(html);
}

static void print_which(uk_html_t *html, const uk_context_t *ctx,
                        const uk_event_t *event)
{
    if (event->key_id) {
        print_key_link(html, ctx, event);
    }
    if (event->key_prefix) {
        print_key_prefix(html, event->key_prefix);
    }
}

static void print_who(uk_html_t *html, const uk_context_t *ctx,
                      const uk_event_t *event)
{
    uk_html_open(html, "a", "href", only_url(ctx, "actor", event->actor), NULL);
    uk_html_element(html, "bdi", event->actor, NULL);
    uk_html_close(html);
}

static void print_source(uk_html_t *html, const uk_context_t *ctx,
                         const uk_event_t *event)
{
    (void)ctx;
    uk_html_page_code(html, event->source);
}

static const struct {
    const char *heading;
    void (*print)(uk_html_t *html, const uk_context_t *ctx,
                  const uk_event_t *event);
} columns[] = {
    {"When", print_when}, {"What", print_what},     {"Key", print_which},
    {"Who", print_who},   {"Source", print_source},
};

#define COLUMN_COUNT (sizeof(columns) / sizeof(columns[0]))

static void print_event(uk_html_t *html, const uk_context_t *ctx,
                        const uk_event_t *event)
{
    size_t i;

    uk_html_open(html, "tr", NULL);
    for (i = 0; i < COLUMN_COUNT; i++) {
        uk_html_open(html, "td", "data-label", columns[i].heading, NULL);
        columns[i].print(html, ctx, event);
        uk_html_close(html);
    }
    uk_html_close(html);
}

static void print_event_headings(uk_html_t *html)
{
    size_t i;

    uk_html_open(html, "thead", NULL);
    uk_html_open(html, "tr", NULL);
    for (i = 0; i < COLUMN_COUNT; i++) {
        uk_html_element(html, "th", columns[i].heading, "scope", "col", NULL);
    }
    uk_html_close(html);
    uk_html_close(html);
}

static void print_table(uk_html_t *html, const uk_context_t *ctx,
                        const uk_event_page_t *page)
{
    int row;

    uk_html_open(html, "table", "class", "events", NULL);
    uk_html_element(html, "caption",
                    apr_pstrcat(ctx->r->pool, "Activity of ", ctx->team, NULL),
                    "class", "heard", NULL);
    print_event_headings(html);
    uk_html_open(html, "tbody", NULL);
    for (row = 0; row < page->events->nelts; row++) {
        print_event(html, ctx,
                    APR_ARRAY_IDX(page->events, row, const uk_event_t *));
    }
    uk_html_close(html);
    uk_html_close(html);
}

static void print_event_link(uk_html_t *html, const uk_context_t *ctx,
                             const uk_event_page_t *page, const char *cursor,
                             const char *label)
{
    if (cursor) {
        uk_html_page_link(
            html, "button",
            activity_url(ctx, uk_event_page_query(ctx, page, cursor)), label);
    }
}

static void print_other_events(uk_html_t *html, const uk_context_t *ctx,
                               const uk_event_page_t *page)
{
    if (page->prev || page->next) {
        uk_html_open(html, "nav", "aria-label", "More events", NULL);
        print_event_link(html, ctx, page, page->prev, "Newer events");
        print_event_link(html, ctx, page, page->next, "Older events");
        uk_html_close(html);
    }
}

static const char *explain_nothing(const uk_context_t *ctx,
                                   const uk_event_page_t *page)
{
    if (uk_event_page_parameter(ctx, "cursor")) {
        return "There are no more events.";
    }
    return page->is_filtered ? "No event is like this."
                             : "Nothing has happened yet. Whatever is done to "
                               "the team's keys will be listed here.";
}

static void print_introduction(uk_html_t *html, const uk_context_t *ctx)
{
    uk_html_open(html, "p", "class", "count", NULL);
    uk_html_text(html, "Who did what to the keys and members of ");
    uk_html_element(html, "bdi", ctx->team, NULL);
    uk_html_text(html, ", newest first.");
    uk_html_close(html);
}

const char *uk_html_activity(const uk_context_t *ctx,
                             const uk_event_page_t *page)
{
    uk_html_t *html = uk_html_page_begin(ctx, "Activity: API keys", "Activity");

    print_introduction(html, ctx);
    print_filters(html, ctx, page);
    if (page->events->nelts > 0) {
        print_table(html, ctx, page);
    }
    else {
        uk_html_page_paragraph(html, "empty", explain_nothing(ctx, page));
    }
    print_other_events(html, ctx, page);
    return uk_html_finish(html);
}
