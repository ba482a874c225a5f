/* SPDX-License-Identifier: Apache-2.0 */
/* A table of keys in HTML. */
#ifndef UK_MANAGE_HTML_KEYS_H
#define UK_MANAGE_HTML_KEYS_H

#include "manage/context.h"
#include "manage/html.h"
#include "manage/slice.h"

/** Write a table of keys, and links to newer and older ones. */
void uk_html_page_print_keys(uk_html_t *html, const uk_context_t *ctx,
                             const uk_slice_t *slice);

#endif
