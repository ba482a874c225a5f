/* SPDX-License-Identifier: Apache-2.0 */
/* The choice of an expiry in the HTML forms that create and edit a key. */
#ifndef UK_MANAGE_HTML_EXPIRY_H
#define UK_MANAGE_HTML_EXPIRY_H

#include "manage/form.h"
#include "manage/html.h"

/* The id of the element that shows the errors of the expiry. */
#define UK_HTML_EXPIRY_ERROR_ID "expiry-error"

/** Write the expiries that can be chosen: what UptimeKeysMaxLifetime does not
 *  allow is not offered. @param is_bad 1: the chosen one was refused */
void uk_html_expiry_print(uk_html_t *html, const uk_context_t *ctx,
                          const uk_form_t *form, int is_bad);

#endif
