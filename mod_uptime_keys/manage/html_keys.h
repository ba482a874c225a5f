/* SPDX-License-Identifier: Apache-2.0 */
/* Keys in HTML: a table of many, or the properties of one. */
#ifndef UK_MANAGE_HTML_KEYS_H
#define UK_MANAGE_HTML_KEYS_H

#include "manage/context.h"
#include "manage/html.h"
#include "manage/slice.h"

/** Write a table of keys, and links to newer and older ones. */
void uk_html_page_print_keys(uk_html_t *html, const uk_context_t *ctx,
                             const uk_slice_t *slice);

/** Write the properties of one key. */
void uk_html_page_print_key(uk_html_t *html, const uk_context_t *ctx,
                            const uk_key_t *key);

#endif
