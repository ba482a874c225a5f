/* SPDX-License-Identifier: Apache-2.0 */
/* What every HTML page has around its content, and small elements that pages
 * share. */
#ifndef UK_MANAGE_HTML_FRAME_H
#define UK_MANAGE_HTML_FRAME_H

#include "manage/context.h"
#include "manage/html.h"

/**
 * Begin a page: head, banner and heading. The content follows, inside <main>.
 *
 * @param title of the browser window
 * @return the document, to be ended by uk_html_finish()
 */
uk_html_t *uk_html_page_begin(const uk_context_t *ctx, const char *title,
                              const char *heading);

/** Write a paragraph. @param class NULL: none */
void uk_html_page_paragraph(uk_html_t *html, const char *class,
                            const char *text);

/** Write a link. @param class "button…" makes it look like one; NULL: none */
void uk_html_page_link(uk_html_t *html, const char *class, const char *url,
                       const char *text);

/** "2026-12-31 23:59:59 UTC", in the pool; "" if uk_instant_format() cannot
 *  write the instant. */
const char *uk_html_page_instant(apr_pool_t *pool, uk_instant_t instant);

/** "2026-12-31 23:59 UTC", in the pool. */
const char *uk_html_page_minute(apr_pool_t *pool, uk_instant_t instant);

/**
 * Write an instant as an element <time>, which programs can read.
 *
 * @param label shown instead of the exact time, which becomes the tooltip;
 *              NULL: the exact time is shown
 */
void uk_html_page_time(uk_html_t *html, apr_pool_t *pool, uk_instant_t instant,
                       const char *label);

/** Write an item of text that programs read: a prefix, an address. */
void uk_html_page_code(uk_html_t *html, const char *text);

/** The URL of a page about a key. @param tail "", "/edit" or "/rotate" */
const char *uk_html_page_key_url(const uk_context_t *ctx, const char *id,
                                 const char *tail);

/** Write a button that leads to the list, and changes nothing. */
void uk_html_page_cancel(uk_html_t *html, const uk_context_t *ctx);

/** Open a form that is sent by POST. @param class NULL: none */
void uk_html_page_open_post(uk_html_t *html, const char *class,
                            const char *url);

/** Write a hidden field. */
void uk_html_page_hidden(uk_html_t *html, const char *name, const char *value);

/** Write the button that sends a form. @param class NULL: none */
void uk_html_page_submit(uk_html_t *html, const char *class, const char *text);

/* A radio button or checkbox. */
typedef struct {
    const char *type; /* "radio", "checkbox" */
    const char *name;
    const char *value;
    int is_chosen;
    const char *label;
} uk_html_choice_t;

/** Open a choice, up to the text that explains it. */
void uk_html_page_open_choice(uk_html_t *html, const uk_html_choice_t *choice);
void uk_html_page_close_choice(uk_html_t *html);

/** Write a whole choice. @param meaning the text that explains it */
void uk_html_page_choice(uk_html_t *html, const uk_html_choice_t *choice,
                         const char *meaning);

#endif
