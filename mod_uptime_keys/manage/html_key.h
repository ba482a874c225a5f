/* SPDX-License-Identifier: Apache-2.0 */
/* What there is to say of a key, in HTML. */
#ifndef UK_MANAGE_HTML_KEY_H
#define UK_MANAGE_HTML_KEY_H

#include "manage/context.h"
#include "manage/html.h"

/** What a column of the list, and a row of a key's properties, is called.
 *
 *  @param column from 0 on
 *  @return a static string; NULL: there is no such column */
const char *uk_html_key_heading(int column);

/** Write the value of a key in a column, and a note below it. */
void uk_html_key_print_cell(uk_html_t *html, const uk_context_t *ctx,
                            const uk_key_t *key, int column);

/** Write which key a page is about: name, prefix and state. */
void uk_html_page_print_which(uk_html_t *html, const uk_context_t *ctx,
                              const uk_key_t *key);

/** Write whether the previous secret of a key is still used, and how long it
 *  works; nothing if it has none. */
void uk_html_page_print_previous(uk_html_t *html, const uk_context_t *ctx,
                                 const uk_key_t *key);

/** Write the properties of one key. */
void uk_html_page_print_key(uk_html_t *html, const uk_context_t *ctx,
                            const uk_key_t *key);

#endif
