/* SPDX-License-Identifier: Apache-2.0 */
/* A secret that has just been made, in HTML. */
#ifndef UK_MANAGE_HTML_SECRET_H
#define UK_MANAGE_HTML_SECRET_H

#include "manage/context.h"
#include "manage/html.h"

/** Write a secret to be copied, and that this is the only time. */
void uk_html_page_print_secret(uk_html_t *html, const char *token);

/** Write how a program uses it. */
void uk_html_page_print_usage(uk_html_t *html, const uk_context_t *ctx,
                              const char *token);

#endif
