/* SPDX-License-Identifier: Apache-2.0 */
/* The parts that pages are made of. */
#ifndef UK_MANAGE_HTML_PAGE_H
#define UK_MANAGE_HTML_PAGE_H

#include "manage/form.h"
#include "manage/html.h"
#include "manage/slice.h"

/** Begin a page, up to its heading. @param title of the window */
uk_html_t *uk_html_page_begin(const uk_context_t *ctx, const char *title,
                              const char *heading);

/** A paragraph of a class, or of none where that is NULL. */
void uk_html_page_paragraph(uk_html_t *html, const char *class,
                            const char *text);

/** A link that looks like a button where the class says so. */
void uk_html_page_link(uk_html_t *html, const char *class, const char *url,
                       const char *text);

/** "2026-12-31 23:59:59 UTC" */
const char *uk_html_page_instant(apr_pool_t *pool, uk_instant_t instant);

/** An instant, for people and for programs. @param words NULL for the exact
 *  ones; others have the exact ones as their title */
void uk_html_page_time(uk_html_t *html, apr_pool_t *pool, uk_instant_t instant,
                       const char *words);

/* page_list.c's */

/** The keys of a team, and the way to those before and behind. */
void uk_html_page_print_keys(uk_html_t *html, const uk_context_t *ctx,
                             const uk_slice_t *slice);

/** What there is to know about one key. */
void uk_html_page_print_key(uk_html_t *html, const uk_context_t *ctx,
                            const uk_key_t *key);

/* page_form.c's */

/**
 * The form that a key is made with.
 *
 * @param form   as it was filled in before
 * @param errors uk_field_error_t's, told next to their fields; NULL: none
 */
void uk_html_page_print_form(uk_html_t *html, const uk_context_t *ctx,
                             const uk_form_t *form,
                             const apr_array_header_t *errors);

#endif
