/* SPDX-License-Identifier: Apache-2.0 */
/* The HTML page on which a key is edited, disabled and enabled. */
#include "manage/html_edit.h"

#include "manage/etag.h"
#include "manage/form.h"
#include "manage/html_fields.h"
#include "manage/html_frame.h"
#include "manage/html_key.h"

#define HEADING "Edit this key"

static void print_stale(uk_html_t *html)
{
    uk_html_open(html, "div", "class", "notice bad", "role", "alert",
                 "tabindex", "-1", NULL);
    uk_html_element(html, "h2", "Nothing was changed", NULL);
    uk_html_page_paragraph(html, NULL,
                           "Somebody changed this key after you had opened the "
                           "form. This is how it is now: look at it, and make "
                           "your changes again.");
    uk_html_close(html);
}

static void open_edit(uk_html_t *html, const uk_context_t *ctx,
                      const char *class, const char *etag)
{
    uk_html_page_open_post(html, class,
                           uk_html_page_key_url(ctx, ctx->key->id, "/edit"));
    uk_html_page_hidden(html, "etag", etag);
}

static void print_fields(uk_html_t *html, const uk_context_t *ctx,
                         const uk_form_t *form,
                         const apr_array_header_t *errors)
{
    open_edit(html, ctx, "sheet", form->etag);
    uk_html_fields_print(html, ctx, form, errors);
    uk_html_open(html, "div", "class", "buttons", NULL);
    uk_html_page_submit(html, "primary", "Save changes");
    uk_html_page_cancel(html, ctx);
    uk_html_close(html);
    uk_html_close(html);
}

/* A button with a form of its own. */
static void print_switch(uk_html_t *html, const uk_context_t *ctx,
                         int is_disabled)
{
    open_edit(html, ctx, "buttons",
              uk_etag_make(ctx->r->pool, ctx->key, ctx->now));
    uk_html_page_hidden(html, "disabled", is_disabled ? "false" : "true");
    uk_html_page_submit(html, is_disabled ? NULL : "danger",
                        is_disabled ? "Enable key" : "Disable key");
    uk_html_close(html);
}

static void print_leaked(uk_html_t *html, const uk_context_t *ctx)
{
    uk_html_page_paragraph(
        html, NULL,
        "Its secret was reported as leaked, and has been refused since then. "
        "The key cannot be enabled with that secret. Rotate it: it then works "
        "again, with a new secret.");
    uk_html_page_link(html, "button",
                      uk_html_page_key_url(ctx, ctx->key->id, "/rotate"),
                      "Rotate it");
}

/* Disable an enabled key, and enable a disabled one. */
static const char *state_heading(const uk_key_t *key)
{
    if (uk_key_is_leaked(key)) {
        return "This key leaked";
    }
    return key->disabled_at != UK_INSTANT_NONE ? "This key is disabled"
                                               : "Disable this key";
}

static void print_state(uk_html_t *html, const uk_context_t *ctx)
{
    int is_disabled = ctx->key->disabled_at != UK_INSTANT_NONE;

    uk_html_open(html, "section", "aria-labelledby", "state-heading", NULL);
    uk_html_element(html, "h2", state_heading(ctx->key), "id", "state-heading",
                    NULL);
    if (uk_key_is_leaked(ctx->key)) {
        print_leaked(html, ctx);
    }
    else {
        uk_html_page_paragraph(
            html, NULL,
            is_disabled ? "Whoever uses it is refused. Once it is enabled, it "
                          "works again with the same secret."
                        : "Whoever uses it is refused at once, until it is "
                          "enabled again. It still counts as one of the team's "
                          "keys.");
        print_switch(html, ctx, is_disabled);
    }
    uk_html_close(html);
}

const char *uk_html_edit(const uk_context_t *ctx,
                         const uk_problem_document_t *problem)
{
    const apr_array_header_t *errors = problem ? problem->errors : NULL;
    const uk_form_t *form =
        errors ? ctx->form : uk_form_make_edit(ctx, ctx->key);
    uk_html_t *html =
        uk_html_page_begin(ctx, problem ? "Error: " HEADING : HEADING, HEADING);

    uk_html_page_print_which(html, ctx, ctx->key);
    if (problem && !errors) {
        print_stale(html);
    }
    uk_html_fields_print_summary(html, ctx, form, errors,
                                 "The key was not changed");
    print_fields(html, ctx, form, errors);
    print_state(html, ctx);
    return uk_html_finish(html);
}
