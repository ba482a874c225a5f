/* SPDX-License-Identifier: Apache-2.0 */
/* A writer of HTML that escapes by construction. */
#ifndef UK_MANAGE_HTML_H
#define UK_MANAGE_HTML_H

#include <apr_pools.h>

/* A document that is being written. Names of tags and attributes are constant
 * strings of the source. Text and values of attributes can be untrusted: they
 * are always escaped, and there is no function that writes them otherwise. */
typedef struct uk_html_t uk_html_t;

/** Create a document that contains only <!DOCTYPE html>. */
uk_html_t *uk_html_create(apr_pool_t *pool);

/**
 * Open an element.
 *
 * @param ... names and values of attributes, ended by NULL. The value NULL
 *            leaves the attribute out, "" makes it a boolean one
 */
void uk_html_open(uk_html_t *html, const char *tag, ...)
    __attribute__((sentinel));

/** Close the element that was opened last. */
void uk_html_close(uk_html_t *html);

/** Write text inside the element that was opened last. */
void uk_html_text(uk_html_t *html, const char *text);

/** Write a whole element. @param text its content; NULL for a void element,
 *  which has no end tag. @param ... as for uk_html_open() */
void uk_html_element(uk_html_t *html, const char *tag, const char *text, ...)
    __attribute__((sentinel));

/** Close all open elements. @return the document, in the pool */
const char *uk_html_finish(uk_html_t *html);

#endif
