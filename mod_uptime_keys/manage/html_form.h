/* SPDX-License-Identifier: Apache-2.0 */
/* The HTML form that creates a key. */
#ifndef UK_MANAGE_HTML_FORM_H
#define UK_MANAGE_HTML_FORM_H

#include "manage/form.h"
#include "manage/html.h"

/**
 * Write the form.
 *
 * @param form   the values of its fields
 * @param errors uk_field_error_ts, shown next to their fields and in a summary;
 *               NULL: none
 */
void uk_html_page_print_form(uk_html_t *html, const uk_context_t *ctx,
                             const uk_form_t *form,
                             const apr_array_header_t *errors);

#endif
