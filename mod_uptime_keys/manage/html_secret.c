/* SPDX-License-Identifier: Apache-2.0 */
/* A secret that has just been made, in HTML. */
#include "manage/html_secret.h"

#include "core/token.h"
#include "manage/html_frame.h"

void uk_html_page_print_secret(uk_html_t *html, const char *token)
{
    uk_html_page_paragraph(
        html, "notice good",
        "Copy the key now and keep it where secrets are kept: "
        "this is the only time that it is shown.");
    /* Outside of any form, so that the browser neither sends nor stores it. */
    uk_html_open(html, "div", "class", "field secret", NULL);
    uk_html_element(html, "label", "API key", "for", "key", NULL);
    uk_html_element(html, "textarea", token, "id", "key", "rows", "1", "cols",
                    APR_STRINGIFY(UK_TOKEN_LEN), "class", "secret", "readonly",
                    "", "spellcheck", "false", "autocomplete", "off",
                    "autocapitalize", "off", "translate", "no", NULL);
    uk_html_close(html);
}

static const char *curl_line(const uk_context_t *ctx, const char *token)
{
    return apr_psprintf(ctx->r->pool, "curl -H 'Authorization: Bearer %s' %s",
                        token, ap_construct_url(ctx->r->pool, "/", ctx->r));
}

void uk_html_page_print_usage(uk_html_t *html, const uk_context_t *ctx,
                              const char *token)
{
    uk_html_element(html, "h2", "Use it", NULL);
    uk_html_page_paragraph(
        html, NULL,
        "Programs send it with every request, in a header. Put "
        "the address of your API behind it:");
    uk_html_open(html, "pre", "translate", "no", "tabindex", "0", NULL);
    uk_html_page_code(html, curl_line(ctx, token));
    uk_html_close(html);
}
