/* SPDX-License-Identifier: Apache-2.0 */
/* The HTML view of the management endpoints, for browsers. */
#include "manage/html_view.h"

#include <string.h>

#include "store/change.h"
#include "httpd/config.h"
#include "manage/auth.h"
#include "manage/html_activity.h"
#include "manage/html_edit.h"
#include "manage/html_form.h"
#include "manage/html_frame.h"
#include "manage/html_key.h"
#include "manage/html_keys.h"
#include "manage/html_rotate.h"
#include "manage/html_secret.h"

#define POLICY                                                                 \
    "default-src 'none'; script-src 'self'; style-src 'self'; "                \
    "img-src 'self'; form-action 'self'; base-uri 'none'; "                    \
    "frame-ancestors 'none'"

/* What was done before, as a parameter of the list's URL. */
static const struct {
    const char *parameter;
    const char *text;
} notices[] = {
    {"deleted", "The key was deleted."},
    {"saved", "The key was saved."},
    {"disabled", "The key is disabled: whoever uses it is refused."},
    {"enabled", "The key is enabled again."},
};

static void print_delete_button(uk_html_t *html)
{
    uk_html_page_submit(html, "danger", "Delete key");
}

#define DELETE_HEADING "Delete this key?"
#define DELETE_WARNING                                                         \
    "Whoever still uses it is refused at once. This cannot be undone."

/* The script confirms here instead of on the page of the key. It fills in name
 * and prefix. */
static void print_dialog(uk_html_t *html, const uk_context_t *ctx)
{
    uk_html_open(html, "dialog", "id", "confirm", "aria-labelledby",
                 "confirm-heading", NULL);
    uk_html_element(html, "h2", DELETE_HEADING, "id", "confirm-heading", NULL);
    uk_html_open(html, "p", NULL);
    uk_html_element(html, "bdi", "", "class", "name", NULL);
    uk_html_text(html, " ");
    uk_html_page_code(html, "");
    uk_html_close(html);
    uk_html_page_paragraph(html, NULL, DELETE_WARNING);
    uk_html_page_open_post(html, "buttons", ctx->url);
    print_delete_button(html);
    uk_html_element(html, "button", "Keep it", "type", "button", "autofocus",
                    "", NULL);
    uk_html_close(html);
    uk_html_close(html);
}

static void print_count(uk_html_t *html, const uk_context_t *ctx,
                        const uk_slice_t *slice, int limit)
{
    uk_html_open(html, "p", "class", "count", NULL);
    uk_html_element(html, "bdi", ctx->team, NULL);
    uk_html_text(html, apr_psprintf(ctx->r->pool, " has %d of %d keys.",
                                    slice->total, limit));
    if (slice->total > 0 && slice->total < limit) {
        uk_html_text(html, " ");
        uk_html_page_link(html, NULL, "#create", "Create another");
    }
    uk_html_close(html);
}

static void print_limit(uk_html_t *html, const uk_context_t *ctx, int limit)
{
    uk_html_page_paragraph(
        html, "notice",
        apr_psprintf(ctx->r->pool,
                     "The team has its %d keys, expired ones "
                     "included. Delete one to create another.",
                     limit));
}

static void print_notice(uk_html_t *html, const uk_context_t *ctx)
{
    size_t i;

    for (i = 0; i < sizeof(notices) / sizeof(notices[0]); i++) {
        if (apr_table_get(ctx->query, notices[i].parameter)) {
            uk_html_element(html, "p", notices[i].text, "class", "notice good",
                            "role", "status", NULL);
            return;
        }
    }
}

static const char *html_keys(const uk_context_t *ctx, const uk_slice_t *slice)
{
    int limit = uk_config_max_per_team(uk_server_config(ctx->r->server));
    uk_html_t *html = uk_html_page_begin(ctx, "API keys", "API keys");

    print_notice(html, ctx);
    print_count(html, ctx, slice, limit);
    if (slice->total) {
        uk_html_page_print_keys(html, ctx, slice);
        print_dialog(html, ctx);
    }
    else {
        uk_html_page_paragraph(html, "empty",
                               "No keys yet. A key lets a program act for the "
                               "team, as far as its scopes go.");
    }
    if (slice->total >= limit) {
        print_limit(html, ctx, limit);
    }
    else if (uk_auth_holds(ctx, UK_AUTH_WRITE)) {
        uk_html_page_print_form(html, ctx, uk_form_make(ctx), NULL);
    }
    return uk_html_finish(html);
}

static const char *html_key(const uk_context_t *ctx, const uk_key_t *key)
{
    uk_html_t *html = uk_html_page_begin(ctx, DELETE_HEADING, DELETE_HEADING);

    uk_html_page_print_key(html, ctx, key);
    uk_html_page_paragraph(html, NULL, DELETE_WARNING);
    uk_html_page_open_post(html, "buttons",
                           uk_html_page_key_url(ctx, key->id, ""));
    print_delete_button(html);
    uk_html_page_link(html, "button", uk_context_url(ctx, "", ""), "Keep it");
    uk_html_close(html);
    return uk_html_finish(html);
}

static const char *html_created(const uk_context_t *ctx, const uk_key_t *key,
                                const char *token)
{
    uk_html_t *html = uk_html_page_begin(ctx, "Your new key", "Your new key");

    uk_html_page_print_secret(html, token);
    uk_html_page_print_usage(html, ctx, token);
    uk_html_element(html, "h2", "What it may do", NULL);
    uk_html_page_print_key(html, ctx, key);
    uk_html_page_link(html, "button primary", uk_context_url(ctx, "", ""),
                      "Done");
    return uk_html_finish(html);
}

/* Lead back to the list, with a notice. */
static const char *lead_back(const uk_context_t *ctx, const char *parameter,
                             int *status)
{
    *status = HTTP_SEE_OTHER;
    apr_table_setn(
        ctx->r->headers_out, "Location",
        uk_context_url(ctx, "",
                       apr_pstrcat(ctx->r->pool, "&", parameter, "=1", NULL)));
    return uk_html_finish(uk_html_page_begin(ctx, "API keys", "Done"));
}

static const char *html_changed(const uk_context_t *ctx, const uk_key_t *key,
                                unsigned changed, int *status)
{
    (void)key;
    return lead_back(ctx,
                     changed & UK_CHANGED_DISABLED  ? "disabled"
                     : changed & UK_CHANGED_ENABLED ? "enabled"
                                                    : "saved",
                     status);
}

static const char *html_deleted(const uk_context_t *ctx, int *status)
{
    return lead_back(ctx, "deleted", status);
}

static int is_plain_member(const uk_context_t *ctx)
{
    return ctx->role != UK_ROLE_NONE && !uk_role_may_manage(ctx->role);
}

/* The title of a problem, as a sentence for users. */
static const char *heading_of(const uk_context_t *ctx,
                              const uk_problem_document_t *problem)
{
    switch (problem->status) {
    case HTTP_UNAUTHORIZED:
        return "You are not signed in";
    case HTTP_FORBIDDEN:
        return is_plain_member(ctx)
                   ? apr_psprintf(ctx->r->pool,
                                  "You cannot manage the API keys of %s",
                                  ctx->team)
                   : "You may not do this";
    case HTTP_NOT_FOUND:
        return ctx->id ? "There is no such key"
                       : "There is nothing here for you";
    case HTTP_CONFLICT:
        return ctx->id ? "Nothing was changed" : "This key was made already";
    case HTTP_SERVICE_UNAVAILABLE:
        return "The keys cannot be reached";
    default:
        return problem->title;
    }
}

static void print_advice(uk_html_t *html, const uk_context_t *ctx,
                         const uk_problem_document_t *problem)
{
    if (is_plain_member(ctx)) {
        uk_html_page_paragraph(html, NULL, "Ask one of them for a key.");
    }
    if (problem->status == HTTP_SERVICE_UNAVAILABLE) {
        uk_html_page_paragraph(html, NULL,
                               "Reload this page in a moment: nothing is made "
                               "twice.");
    }
    if (problem->status == HTTP_CONFLICT && ctx->id) {
        uk_html_page_paragraph(
            html, NULL,
            "Look at the key to see what holds now, and what "
            "can be done.");
        uk_html_page_link(html, "button",
                          uk_html_page_key_url(ctx, ctx->id, "/rotate"),
                          "Look at the key");
    }
    else if (problem->status == HTTP_CONFLICT && ctx->form) {
        uk_html_page_paragraph(html, NULL,
                               "If you did not keep it, delete it and create "
                               "another.");
        uk_html_page_link(html, "button",
                          uk_html_page_key_url(ctx, ctx->form->id, ""),
                          "Delete that key");
    }
}

/* Of something that is no form of these pages. */
static void print_errors(uk_html_t *html, const apr_array_header_t *errors)
{
    int i;

    for (i = 0; errors && i < errors->nelts; i++) {
        uk_html_page_paragraph(
            html, NULL, APR_ARRAY_IDX(errors, i, uk_field_error_t).message);
    }
}

static const char *html_problem(const uk_context_t *ctx,
                                const uk_problem_document_t *problem)
{
    uk_html_t *html;

    if (ctx->key
        && (problem->errors || problem->status == HTTP_PRECONDITION_FAILED)) {
        return uk_html_edit(ctx, problem);
    }
    if (problem->errors && ctx->form && !ctx->id) {
        html = uk_html_page_begin(ctx, "Error: API keys", "API keys");
        uk_html_page_print_form(html, ctx, ctx->form, problem->errors);
        return uk_html_finish(html);
    }
    html = uk_html_page_begin(ctx, problem->title, heading_of(ctx, problem));
    uk_html_page_paragraph(html, NULL, problem->detail);
    print_errors(html, problem->errors);
    print_advice(html, ctx, problem);
    if (uk_role_may_manage(ctx->role)) {
        uk_html_page_link(html, "button", uk_context_url(ctx, "", ""),
                          "To the API keys");
    }
    uk_html_open(html, "p", "class", "instance", NULL);
    uk_html_text(html, "In the server's log: ");
    uk_html_page_code(html, problem->instance);
    uk_html_close(html);
    return uk_html_finish(html);
}

const uk_view_t uk_html_view = {
    .type = "text/html; charset=utf-8",
    .problem_type = "text/html; charset=utf-8",
    .policy = POLICY,
    .keys = html_keys,
    .key = html_key,
    .created = html_created,
    .changed = html_changed,
    .rotated = uk_html_rotated,
    .deleted = html_deleted,
    .events = uk_html_activity,
    .problem = html_problem,
};
