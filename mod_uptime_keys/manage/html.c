/* SPDX-License-Identifier: Apache-2.0 */
/* A writer of HTML that escapes by construction. */
#include "manage/html.h"

#include <apr_strings.h>
#include <apr_tables.h>
#include <httpd.h>
#include <stdarg.h>

struct uk_html_t {
    apr_pool_t *pool;
    apr_array_header_t *pieces; /* const char *s, joined at the end */
    apr_array_header_t *open;   /* const char *s, tags of open elements */
};

static void add_piece(uk_html_t *html, const char *piece)
{
    APR_ARRAY_PUSH(html->pieces, const char *) = piece;
}

uk_html_t *uk_html_create(apr_pool_t *pool)
{
    uk_html_t *html = apr_pcalloc(pool, sizeof(*html));

    html->pool = pool;
    html->pieces = apr_array_make(pool, 512, sizeof(char *));
    html->open = apr_array_make(pool, 16, sizeof(char *));
    add_piece(html, "<!DOCTYPE html>\n");
    return html;
}

static void add_attribute(uk_html_t *html, const char *name, const char *value)
{
    add_piece(html, " ");
    add_piece(html, name);
    if (*value) {
        add_piece(html, "=\"");
        add_piece(html, ap_escape_html(html->pool, value));
        add_piece(html, "\"");
    }
}

static void add_tag(uk_html_t *html, const char *tag, va_list attributes)
{
    const char *name;

    add_piece(html, "<");
    add_piece(html, tag);
    while ((name = va_arg(attributes, const char *)) != NULL) {
        const char *value = va_arg(attributes, const char *);

        if (value) {
            add_attribute(html, name, value);
        }
    }
    add_piece(html, ">");
}

void uk_html_open(uk_html_t *html, const char *tag, ...)
{
    va_list attributes;

    va_start(attributes, tag);
    add_tag(html, tag, attributes);
    va_end(attributes);
    APR_ARRAY_PUSH(html->open, const char *) = tag;
}

void uk_html_close(uk_html_t *html)
{
    add_piece(html, "</");
    add_piece(html, *(const char **)apr_array_pop(html->open));
    add_piece(html, ">");
}

void uk_html_text(uk_html_t *html, const char *text)
{
    add_piece(html, ap_escape_html(html->pool, text));
}

void uk_html_element(uk_html_t *html, const char *tag, const char *text, ...)
{
    va_list attributes;

    va_start(attributes, text);
    add_tag(html, tag, attributes);
    va_end(attributes);
    if (text) {
        APR_ARRAY_PUSH(html->open, const char *) = tag;
        uk_html_text(html, text);
        uk_html_close(html);
    }
}

const char *uk_html_finish(uk_html_t *html)
{
    while (html->open->nelts) {
        uk_html_close(html);
    }
    return apr_array_pstrcat(html->pool, html->pieces, '\0');
}
