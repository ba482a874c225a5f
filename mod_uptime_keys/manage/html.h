/* SPDX-License-Identifier: Apache-2.0 */
/* A writer of HTML that escapes by construction. */
#ifndef UK_MANAGE_HTML_H
#define UK_MANAGE_HTML_H

#include <apr_pools.h>

/* A document in the making. Tags and attributes' names are ours, and constant;
 * texts and attributes' values may be anybody's, and are escaped: there is no
 * way to write them otherwise. */
typedef struct uk_html_t uk_html_t;

/** An empty document with its <!DOCTYPE>. */
uk_html_t *uk_html_create(apr_pool_t *pool);

/**
 * Begin an element.
 *
 * @param ... names and values of attributes, ended by NULL. A value of NULL
 *            leaves its attribute out, "" makes it a boolean one
 */
void uk_html_open(uk_html_t *html, const char *tag, ...)
    __attribute__((sentinel));

/** End the element that was begun last. */
void uk_html_close(uk_html_t *html);

/** Text inside the element that was begun last. */
void uk_html_text(uk_html_t *html, const char *text);

/** A whole element. @param text NULL for one that has no content and no end */
void uk_html_element(uk_html_t *html, const char *tag, const char *text, ...)
    __attribute__((sentinel));

/** End what is open. @return the document, in the pool */
const char *uk_html_finish(uk_html_t *html);

#endif
