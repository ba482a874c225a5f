/* SPDX-License-Identifier: Apache-2.0 */
/* The HTML pages on which a key is rotated: the question, and the new secret. */
#include "manage/html_rotate.h"

#include <string.h>

#include "core/lifetime.h"
#include "httpd/config.h"
#include "manage/html_frame.h"
#include "manage/html_key.h"
#include "manage/html_secret.h"

#define HOUR_S 3600
#define DAY_S (24 * HOUR_S)

/* An overlap is never longer than the key's own life. */
static void print_end(uk_html_t *html, const uk_context_t *ctx,
                      const uk_key_t *key, int seconds)
{
    apr_pool_t *pool = ctx->r->pool;
    uk_instant_t end = ctx->now + seconds * (uk_instant_t)1000;
    int is_cut = key->expires_at != UK_INSTANT_NONE && key->expires_at < end;

    end = is_cut ? key->expires_at : end;
    uk_html_text(html, is_cut ? "it works, beside the new one, until the key "
                                "expires at "
                              : "it works, beside the new one, until about ");
    uk_html_page_time(html, pool, end, uk_html_page_minute(pool, end));
}

static void print_overlap(uk_html_t *html, const uk_context_t *ctx,
                          const uk_key_t *key, int seconds, int preset)
{
    apr_pool_t *pool = ctx->r->pool;
    const uk_html_choice_t choice = {
        "radio", "overlap", apr_itoa(pool, seconds), seconds == preset,
        seconds
            ? apr_pstrcat(pool, "For ", uk_lifetime_span(pool, seconds), NULL)
            : "Not at all"};

    uk_html_page_open_choice(html, &choice);
    if (seconds) {
        print_end(html, ctx, key, seconds);
    }
    else {
        uk_html_text(html, "whoever still uses it is refused at once");
    }
    uk_html_page_close_choice(html);
}

/* The usual spans, and the one that is preset here. */
static void print_overlaps(uk_html_t *html, const uk_context_t *ctx,
                           const uk_key_t *key)
{
    static const int spans[] = {0, HOUR_S, DAY_S, 7 * DAY_S, 30 * DAY_S};
    int preset = uk_config_rotate_overlap(uk_server_config(ctx->r->server));
    int last = -1;
    size_t i;

    uk_html_page_paragraph(
        html, NULL,
        "Programs go on with the old secret for as long as you choose here: "
        "give them the new one in that time.");
    uk_html_open(html, "fieldset", "class", "field", NULL);
    uk_html_element(html, "legend", "How long may the old secret go on?", NULL);
    for (i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
        if (last < preset && preset < spans[i]) {
            print_overlap(html, ctx, key, preset, preset);
        }
        print_overlap(html, ctx, key, spans[i], preset);
        last = spans[i];
    }
    uk_html_close(html);
}

static void open_notice(uk_html_t *html, const char *class, const char *heading)
{
    uk_html_open(html, "div", "class", class, NULL);
    uk_html_element(html, "h2", heading, NULL);
    uk_html_open(html, "p", NULL);
}

static void close_notice(uk_html_t *html)
{
    uk_html_close(html);
    uk_html_close(html);
}

/* A second rotation during an overlap may cut off programs that are not done. */
static void print_overlap_notice(uk_html_t *html, const uk_context_t *ctx,
                                 const uk_key_t *key)
{
    open_notice(html, "notice warn", "This key was rotated before");
    uk_html_page_print_previous(html, ctx, key);
    uk_html_text(html, " That older secret, ");
    uk_html_page_code(html, key->previous_prefix);
    uk_html_text(html,
                 ", ends at once if you rotate the key again: whoever still "
                 "uses it is refused.");
    close_notice(html);
}

static void print_lifetime_notice(uk_html_t *html, const uk_context_t *ctx,
                                  const uk_key_t *key)
{
    const uk_lifetimes_t lifetimes =
        uk_config_lifetimes(uk_server_config(ctx->r->server));

    if (uk_lifetime_is_too_long(&lifetimes, ctx->now, key->expires_at)) {
        open_notice(html, "notice warn", "Its expiry changes");
        uk_html_text(html, "Keys live at most ");
        uk_html_text(html, apr_psprintf(ctx->r->pool, "%d", lifetimes.maximum));
        uk_html_text(html, " days here: once rotated, this one expires at ");
        uk_html_page_time(html, ctx->r->pool,
                          uk_lifetime_end(ctx->now, lifetimes.maximum), NULL);
        uk_html_text(html, ".");
        close_notice(html);
    }
}

static void print_leak_notice(uk_html_t *html, const uk_context_t *ctx,
                              const uk_key_t *key)
{
    open_notice(html, "notice bad", "The secret of this key leaked");
    uk_html_text(html, "It has been refused since it was reported. Rotating "
                       "enables the key again, with the new secret alone: ");
    uk_html_text(html, uk_key_has_previous(key, ctx->now)
                           ? "both old secrets end now, for good."
                           : "the old secret ends now, for good.");
    close_notice(html);
}

/* What a user needs to know before. */
static void print_notices(uk_html_t *html, const uk_context_t *ctx,
                          const uk_key_t *key)
{
    if (uk_key_is_leaked(key)) {
        print_leak_notice(html, ctx, key);
    }
    else if (uk_key_has_previous(key, ctx->now)) {
        print_overlap_notice(html, ctx, key);
    }
    print_lifetime_notice(html, ctx, key);
}

static void print_rotate_form(uk_html_t *html, const uk_context_t *ctx,
                              const uk_key_t *key)
{
    uk_html_page_open_post(html, NULL,
                           uk_html_page_key_url(ctx, key->id, "/rotate"));
    uk_html_page_hidden(html, "ifPrefix", key->prefix);
    if (!uk_key_is_leaked(key)) {
        print_overlaps(html, ctx, key);
    }
    uk_html_open(html, "div", "class", "buttons", NULL);
    uk_html_page_submit(html, "primary", "Rotate key");
    uk_html_page_cancel(html, ctx);
    uk_html_close(html);
    uk_html_close(html);
}

static void print_question(uk_html_t *html, const uk_context_t *ctx,
                           const uk_key_t *key)
{
    uk_html_page_paragraph(
        html, NULL,
        "The key gets a new secret, which is shown once, and keeps its name, "
        "scopes and everything else.");
    print_notices(html, ctx, key);
    uk_html_page_print_key(html, ctx, key);
    print_rotate_form(html, ctx, key);
}

/* What keeps a key from being rotated; NULL: nothing. */
static const char *find_obstacle(const uk_context_t *ctx, const uk_key_t *key)
{
    if (key->disabled_at != UK_INSTANT_NONE && !uk_key_is_leaked(key)) {
        return "It is disabled. Enable it first, then rotate it.";
    }
    return uk_instant_is_over(key->expires_at, ctx->now)
               ? "It has expired. Give it a later expiry first, then rotate it."
               : NULL;
}

static void print_obstacle(uk_html_t *html, const uk_context_t *ctx,
                           const uk_key_t *key, const char *obstacle)
{
    open_notice(html, "notice warn", "This key cannot be rotated now");
    uk_html_text(html, obstacle);
    close_notice(html);
    uk_html_page_print_key(html, ctx, key);
    uk_html_open(html, "div", "class", "buttons", NULL);
    uk_html_page_link(html, "button primary",
                      uk_html_page_key_url(ctx, key->id, "/edit"), "Edit it");
    uk_html_page_cancel(html, ctx);
    uk_html_close(html);
}

const char *uk_html_rotation(const uk_context_t *ctx, const uk_key_t *key)
{
    const char *heading = "Rotate this key?";
    uk_html_t *html = uk_html_page_begin(ctx, heading, heading);
    const char *obstacle = find_obstacle(ctx, key);

    if (obstacle) {
        print_obstacle(html, ctx, key, obstacle);
    }
    else {
        print_question(html, ctx, key);
    }
    return uk_html_finish(html);
}

/* The secrets that ended, each with its prefix. */
static void print_ended(uk_html_t *html, const uk_rotated_t *rotated)
{
    int i;

    for (i = 0; i < 2 && rotated->ended[i]; i++) {
        uk_html_open(html, "p", NULL);
        uk_html_text(html,
                     strcmp(rotated->ended[i], rotated->key->previous_prefix)
                         ? "The older secret, "
                         : "The old secret, ");
        uk_html_page_code(html, rotated->ended[i]);
        uk_html_text(html, ", has ended: whoever still uses it is refused.");
        uk_html_close(html);
    }
}

static void print_old_secrets(uk_html_t *html, const uk_context_t *ctx,
                              const uk_rotated_t *rotated)
{
    const uk_key_t *key = rotated->key;

    uk_html_element(html, "h2", "The old secret", NULL);
    if (uk_key_has_previous(key, ctx->now)) {
        uk_html_open(html, "p", NULL);
        uk_html_text(html, "The old secret, ");
        uk_html_page_code(html, key->previous_prefix);
        uk_html_text(html, ", works until ");
        uk_html_page_time(html, ctx->r->pool, uk_key_previous_end(key), NULL);
        uk_html_text(html, ". Give the new one to every program before that. "
                           "The list of keys says whether the old one is still "
                           "used.");
        uk_html_close(html);
    }
    print_ended(html, rotated);
}

const char *uk_html_rotated(const uk_context_t *ctx,
                            const uk_rotated_t *rotated, const char *token)
{
    const char *heading = "Your new secret";
    uk_html_t *html = uk_html_page_begin(ctx, heading, heading);

    uk_html_page_print_which(html, ctx, rotated->key);
    uk_html_page_print_secret(html, token);
    print_old_secrets(html, ctx, rotated);
    uk_html_page_print_usage(html, ctx, token);
    uk_html_page_link(html, "button primary", uk_context_url(ctx, "", ""),
                      "Done");
    return uk_html_finish(html);
}
