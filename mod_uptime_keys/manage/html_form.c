/* SPDX-License-Identifier: Apache-2.0 */
/* The HTML form that creates a key. */
#include "manage/html_form.h"

#include "manage/html_fields.h"
#include "manage/html_frame.h"

void uk_html_page_print_form(uk_html_t *html, const uk_context_t *ctx,
                             const uk_form_t *form,
                             const apr_array_header_t *errors)
{
    uk_html_fields_print_summary(html, ctx, form, errors,
                                 "The key was not made");
    uk_html_open(html, "section", "id", "create", "aria-labelledby",
                 "create-heading", NULL);
    uk_html_element(html, "h2", "Create a key", "id", "create-heading", NULL);
    uk_html_open(html, "form", "method", "post", "action",
                 uk_context_url(ctx, "", ""), "class", "sheet",
                 /* The back button must not restore the old id. */
                 "autocomplete", "off", NULL);
    uk_html_page_hidden(html, "id", form->id);
    uk_html_fields_print(html, ctx, form, errors);
    uk_html_page_submit(html, "primary", "Create key");
    uk_html_close(html);
    uk_html_close(html);
}
