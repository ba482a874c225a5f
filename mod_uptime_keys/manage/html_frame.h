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

/**
 * Write an instant as an element <time>, which programs can read.
 *
 * @param label shown instead of the exact time, which becomes the tooltip;
 *              NULL: the exact time is shown
 */
void uk_html_page_time(uk_html_t *html, apr_pool_t *pool, uk_instant_t instant,
                       const char *label);

#endif
