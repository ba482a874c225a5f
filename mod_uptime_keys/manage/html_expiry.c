/* SPDX-License-Identifier: Apache-2.0 */
/* The choice of an expiry in the HTML forms that create and edit a key. */
#include "manage/html_expiry.h"

#include <string.h>

#include "httpd/config.h"
#include "manage/html_frame.h"
#include "manage/outcome.h"

/* "2026-12-31" */
#define DATE_LEN 10

/* What is printed. */
typedef struct {
    uk_html_t *html;
    const uk_context_t *ctx;
    const uk_form_t *form;
    uk_key_rules_t rules;
    const char
        *chosen;  /* the value that is chosen; NULL: the next that comes */
    int is_found; /* 1: one of the choices so far is chosen */
} expiry_t;

/* Offer one value. @param before explains it, with the instant behind it unless
 * that is UK_INSTANT_NONE */
static void offer(expiry_t *expiry, const char *value, const char *label,
                  const char *before, uk_instant_t instant)
{
    int is_chosen = !expiry->chosen || strcmp(expiry->chosen, value) == 0;
    const uk_html_choice_t choice = {"radio", "expires", value, is_chosen,
                                     label};

    if (is_chosen) {
        expiry->chosen = value;
        expiry->is_found = 1;
    }
    uk_html_page_open_choice(expiry->html, &choice);
    uk_html_text(expiry->html, before);
    if (instant != UK_INSTANT_NONE) {
        uk_html_text(expiry->html, " ");
        uk_html_page_time(expiry->html, expiry->ctx->r->pool, instant, NULL);
    }
    uk_html_page_close_choice(expiry->html);
}

#define UNTIL "works until"
#define FOR_EVER "works until somebody deletes it"

static void offer_to_keep(expiry_t *expiry, const uk_key_t *key)
{
    uk_instant_t end = key->expires_at;

    offer(expiry, UK_FORM_KEEP, "As it is",
          end == UK_INSTANT_NONE                      ? FOR_EVER
          : uk_instant_is_over(end, expiry->ctx->now) ? "expired at"
                                                      : UNTIL,
          end);
}

/* Offer what a new key gets for which no expiry is asked, if that is allowed. */
static void offer_usual(expiry_t *expiry)
{
    apr_pool_t *pool = expiry->ctx->r->pool;
    const uk_key_spec_t nothing = {0};
    apr_array_header_t *errors;
    const char *label = "Never";
    uk_key_t key;

    uk_key_spec_validate(pool, &expiry->rules, &nothing, &key, &errors);
    if (uk_lifetime_is_too_long(&expiry->rules.lifetimes, expiry->ctx->now,
                                key.expires_at)) {
        return;
    }
    if (key.expires_at != UK_INSTANT_NONE) {
        label = key.expires_at == expiry->rules.maker_expires_at
                    ? "With the key that makes it"
                    : apr_psprintf(pool, "In %d days, as is usual here",
                                   expiry->rules.lifetimes.preset);
    }
    offer(expiry, UK_FORM_NEVER, label,
          key.expires_at == UK_INSTANT_NONE ? FOR_EVER : UNTIL, key.expires_at);
}

static void offer_days(expiry_t *expiry, int days)
{
    apr_pool_t *pool = expiry->ctx->r->pool;
    uk_instant_t end = uk_lifetime_end(expiry->ctx->now, days);
    const char *date =
        apr_pstrndup(pool, uk_html_page_instant(pool, end), DATE_LEN);

    offer(expiry, date,
          apr_psprintf(pool,
                       days == expiry->rules.lifetimes.maximum
                           ? "In %d days, the longest that is allowed"
                           : "In %d days",
                       days),
          UNTIL, end);
}

/* Usual lifetimes, and the longest one. */
static void offer_presets(expiry_t *expiry)
{
    static const int presets[] = {30, 90, 365};
    const uk_lifetimes_t *lifetimes = &expiry->rules.lifetimes;
    int usual = expiry->ctx->key ? 0 : lifetimes->preset;
    size_t i;

    for (i = 0; i < sizeof(presets) / sizeof(presets[0]); i++) {
        if (presets[i] != usual
            && (!lifetimes->maximum || presets[i] < lifetimes->maximum)) {
            offer_days(expiry, presets[i]);
        }
    }
    if (lifetimes->maximum && lifetimes->maximum != usual) {
        offer_days(expiry, lifetimes->maximum);
    }
}

static const char *day_of(apr_pool_t *pool, uk_instant_t instant)
{
    return apr_pstrndup(pool, uk_html_page_instant(pool, instant), DATE_LEN);
}

/* Offer a date. It also shows a chosen day that is no longer offered, because
 * the form is from yesterday. */
static void offer_date(expiry_t *expiry, int is_bad)
{
    apr_pool_t *pool = expiry->ctx->r->pool;
    const uk_form_t *form = expiry->form;
    int is_chosen = !expiry->is_found;
    int is_other = is_chosen && strcmp(form->choice, UK_FORM_DATE) != 0;
    int maximum = expiry->rules.lifetimes.maximum;

    expiry->chosen = is_chosen ? UK_FORM_DATE : expiry->chosen;
    offer(expiry, UK_FORM_DATE, "On a date",
          "works until the end of that day, 23:59:59 UTC", UK_INSTANT_NONE);
    uk_html_open(expiry->html, "div", "class", "date", NULL);
    uk_html_element(expiry->html, "label", "Date", "for", "date", NULL);
    uk_html_element(
        expiry->html, "input", NULL, "type", "date", "id", "date", "name",
        "date", "value", is_other ? form->choice : form->date, "min",
        day_of(pool, expiry->ctx->now), "max",
        maximum ? day_of(pool, uk_lifetime_end(expiry->ctx->now, maximum))
                : NULL,
        "aria-invalid", is_bad ? "true" : NULL, "aria-describedby",
        is_bad ? UK_HTML_EXPIRY_ERROR_ID : NULL, NULL);
    uk_html_close(expiry->html);
}

void uk_html_expiry_print(uk_html_t *html, const uk_context_t *ctx,
                          const uk_form_t *form, int is_bad)
{
    expiry_t expiry = {html, ctx, form, uk_outcome_rules(ctx), form->choice, 0};

    if (ctx->key) {
        offer_to_keep(&expiry, ctx->key);
        if (!expiry.rules.lifetimes.maximum
            && ctx->key->expires_at != UK_INSTANT_NONE) {
            offer(&expiry, UK_FORM_NEVER, "Never", FOR_EVER, UK_INSTANT_NONE);
        }
    }
    else {
        offer_usual(&expiry);
    }
    if (!expiry.is_found && !*form->choice) {
        expiry.chosen = NULL;
    }
    offer_presets(&expiry);
    offer_date(&expiry, is_bad);
}
