/* SPDX-License-Identifier: Apache-2.0 */
/* The HTML view of the management endpoints, for browsers. */
#include "manage/html_view.h"

#include <string.h>

#include "core/token.h"
#include "httpd/config.h"
#include "manage/auth.h"
#include "manage/html_form.h"
#include "manage/html_frame.h"
#include "manage/html_keys.h"

#define POLICY                                                                 \
    "default-src 'none'; script-src 'self'; style-src 'self'; "                \
    "img-src 'self'; form-action 'self'; base-uri 'none'; "                    \
    "frame-ancestors 'none'"

#define DELETED "deleted"

static void open_post(uk_html_t *html, const char *url)
{
    uk_html_open(html, "form", "method", "post", "action", url, "class",
                 "buttons", NULL);
}

static void print_delete_button(uk_html_t *html)
{
    uk_html_element(html, "button", "Delete key", "type", "submit", "class",
                    "danger", NULL);
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
    uk_html_element(html, "code", "", NULL);
    uk_html_close(html);
    uk_html_page_paragraph(html, NULL, DELETE_WARNING);
    open_post(html, ctx->url);
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

/* A key may be allowed to list keys, but not to create them. */
static int may_create(const uk_context_t *ctx)
{
    return !ctx->principal || uk_auth_holds(ctx, "api-keys:write");
}

static const char *html_keys(const uk_context_t *ctx, const uk_slice_t *slice)
{
    int limit = uk_config_max_per_team(uk_server_config(ctx->r->server));
    uk_html_t *html = uk_html_page_begin(ctx, "API keys", "API keys");

    if (apr_table_get(ctx->query, DELETED)) {
        uk_html_element(html, "p", "The key was deleted.", "class",
                        "notice good", "role", "status", NULL);
    }
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
    else if (may_create(ctx)) {
        uk_html_page_print_form(html, ctx, uk_form_make(ctx), NULL);
    }
    return uk_html_finish(html);
}

static const char *html_key(const uk_context_t *ctx, const uk_key_t *key)
{
    uk_html_t *html = uk_html_page_begin(ctx, DELETE_HEADING, DELETE_HEADING);

    uk_html_page_print_key(html, ctx, key);
    uk_html_page_paragraph(html, NULL, DELETE_WARNING);
    open_post(
        html,
        uk_context_url(ctx, apr_pstrcat(ctx->r->pool, "/", key->id, NULL), ""));
    print_delete_button(html);
    uk_html_page_link(html, "button", uk_context_url(ctx, "", ""), "Keep it");
    uk_html_close(html);
    return uk_html_finish(html);
}

/* Outside of any form, so that the browser neither sends nor stores the key. */
static void print_new_key(uk_html_t *html, const char *token)
{
    uk_html_open(html, "div", "class", "field secret", NULL);
    uk_html_element(html, "label", "API key", "for", "key", NULL);
    uk_html_element(html, "textarea", token, "id", "key", "rows", "1", "cols",
                    APR_STRINGIFY(UK_TOKEN_LEN), "readonly", "", "spellcheck",
                    "false", "autocomplete", "off", "autocapitalize", "off",
                    "translate", "no", NULL);
    uk_html_close(html);
}

static const char *curl_line(const uk_context_t *ctx, const char *token)
{
    return apr_psprintf(ctx->r->pool, "curl -H 'Authorization: Bearer %s' %s",
                        token, ap_construct_url(ctx->r->pool, "/", ctx->r));
}

static const char *html_created(const uk_context_t *ctx, const uk_key_t *key,
                                const char *token)
{
    uk_html_t *html = uk_html_page_begin(ctx, "Your new key", "Your new key");

    uk_html_page_paragraph(
        html, "notice good",
        "Copy the key now and keep it where secrets are kept: "
        "this is the only time that it is shown.");
    print_new_key(html, token);
    uk_html_element(html, "h2", "Use it", NULL);
    uk_html_page_paragraph(
        html, NULL,
        "Programs send it with every request, in a header. Put "
        "the address of your API behind it:");
    uk_html_open(html, "pre", "translate", "no", "tabindex", "0", NULL);
    uk_html_element(html, "code", curl_line(ctx, token), NULL);
    uk_html_close(html);
    uk_html_element(html, "h2", "What it may do", NULL);
    uk_html_page_print_key(html, ctx, key);
    uk_html_page_link(html, "button primary", uk_context_url(ctx, "", ""),
                      "Done");
    return uk_html_finish(html);
}

static const char *html_rotated(const uk_context_t *ctx,
                                const uk_rotated_t *rotated, const char *token)
{
    return html_created(ctx, rotated->key, token);
}

static const char *html_deleted(const uk_context_t *ctx, int *status)
{
    *status = HTTP_SEE_OTHER;
    apr_table_setn(ctx->r->headers_out, "Location",
                   uk_context_url(ctx, "", "&" DELETED "=1"));
    return uk_html_finish(
        uk_html_page_begin(ctx, DELETED, "The key was deleted"));
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
        return "This key was made already";
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
    if (problem->status == HTTP_CONFLICT && ctx->form) {
        const char *path = apr_pstrcat(ctx->r->pool, "/", ctx->form->id, NULL);

        uk_html_page_paragraph(html, NULL,
                               "If you did not keep it, delete it and create "
                               "another.");
        uk_html_page_link(html, "button", uk_context_url(ctx, path, ""),
                          "Delete that key");
    }
}

static const char *html_problem(const uk_context_t *ctx,
                                const uk_problem_document_t *problem)
{
    uk_html_t *html;

    if (problem->errors && ctx->form) {
        html = uk_html_page_begin(ctx, "Error: API keys", "API keys");
        uk_html_page_print_form(html, ctx, ctx->form, problem->errors);
        return uk_html_finish(html);
    }
    html = uk_html_page_begin(ctx, problem->title, heading_of(ctx, problem));
    uk_html_page_paragraph(html, NULL, problem->detail);
    print_advice(html, ctx, problem);
    if (uk_role_may_manage(ctx->role)) {
        uk_html_page_link(html, "button", uk_context_url(ctx, "", ""),
                          "To the API keys");
    }
    uk_html_open(html, "p", "class", "instance", NULL);
    uk_html_text(html, "In the server's log: ");
    uk_html_element(html, "code", problem->instance, NULL);
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
    .rotated = html_rotated,
    .deleted = html_deleted,
    .problem = html_problem,
};
