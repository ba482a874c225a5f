/* SPDX-License-Identifier: Apache-2.0 */
/* The fields of the HTML forms that create and edit a key, and their errors. */
#ifndef UK_MANAGE_HTML_FIELDS_H
#define UK_MANAGE_HTML_FIELDS_H

#include "manage/form.h"
#include "manage/html.h"

/** Write the errors of a form, with links to its fields.
 *
 *  @param heading says that nothing was done
 *  @param errors  uk_field_error_ts; NULL: none, and nothing is written */
void uk_html_fields_print_summary(uk_html_t *html, const uk_context_t *ctx,
                                  const uk_form_t *form,
                                  const apr_array_header_t *errors,
                                  const char *heading);

/** Write the fields: name, scopes, addresses, expiry. @param errors shown next to
 *  the fields; NULL: none */
void uk_html_fields_print(uk_html_t *html, const uk_context_t *ctx,
                          const uk_form_t *form,
                          const apr_array_header_t *errors);

#endif
