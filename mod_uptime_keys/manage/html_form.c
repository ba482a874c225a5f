/* SPDX-License-Identifier: Apache-2.0 */
/* The HTML form that creates a key. */
#include "manage/html_form.h"

#include <string.h>

#include "httpd/config.h"
#include "manage/html_frame.h"

#define DAY_MS ((uk_instant_t)24 * 60 * 60 * 1000)
/* "2026-12-31" */
#define DATE_LEN 10

/* The fields of the form. */
typedef enum {
    NAME,
    SCOPES,
    EXPIRY,
    FIELDS
} field_e;

static const struct {
    const char *pointer; /* how the pointer of an error begins */
    const char *id;      /* of the element that the summary links to */
    const char *error_id;
} fields[FIELDS] = {
    [NAME] = {"/name", "name", "name-error"},
    [SCOPES] = {"/scopes", "scopes", "scopes-error"},
    [EXPIRY] = {"/expiresAt", "expiry", "expiry-error"},
};

/* What a user is told, where a program is told something else. */
static const char *message_of(const uk_field_error_t *error)
{
    return strcmp(error->code, "invalid-date-time") == 0
               ? "that is not a day, written like 2030-12-31"
               : error->message;
}

/* The first error of a field; NULL: none. */
static const char *error_of(const apr_array_header_t *errors, field_e field)
{
    const char *pointer = fields[field].pointer;
    int i;

    for (i = 0; errors && i < errors->nelts; i++) {
        const uk_field_error_t *error =
            &APR_ARRAY_IDX(errors, i, uk_field_error_t);

        if (strncmp(error->pointer, pointer, strlen(pointer)) == 0) {
            return message_of(error);
        }
    }
    return NULL;
}

static void print_summary(uk_html_t *html, apr_pool_t *pool,
                          const apr_array_header_t *errors)
{
    int field;

    uk_html_open(html, "div", "class", "notice bad", "role", "alert",
                 "tabindex", "-1", NULL);
    uk_html_element(html, "h2", "The key was not made", NULL);
    uk_html_open(html, "ul", NULL);
    for (field = 0; field < FIELDS; field++) {
        const char *message = error_of(errors, field);

        if (message) {
            uk_html_open(html, "li", NULL);
            uk_html_page_link(html, NULL,
                              apr_pstrcat(pool, "#", fields[field].id, NULL),
                              message);
            uk_html_close(html);
        }
    }
    uk_html_close(html);
    uk_html_close(html);
}

static void print_error(uk_html_t *html, const apr_array_header_t *errors,
                        field_e field)
{
    const char *message = error_of(errors, field);

    if (message) {
        uk_html_element(html, "p", message, "class", "error", "id",
                        fields[field].error_id, NULL);
    }
}

static void print_name_field(uk_html_t *html, const uk_form_t *form,
                             const apr_array_header_t *errors)
{
    int is_bad = error_of(errors, NAME) != NULL;

    uk_html_open(html, "div", "class", "field", NULL);
    uk_html_element(html, "label", "Name", "for", fields[NAME].id, NULL);
    uk_html_element(html, "p",
                    "What the key is for, so that you know it again.", "class",
                    "hint", "id", "name-hint", NULL);
    print_error(html, errors, NAME);
    uk_html_element(html, "input", NULL, "type", "text", "id", fields[NAME].id,
                    "name", "name", "value", form->spec.name, "required", "",
                    "aria-invalid", is_bad ? "true" : NULL, "aria-describedby",
                    is_bad ? "name-hint name-error" : "name-hint", NULL);
    uk_html_close(html);
}

/* Open a radio button or checkbox, up to the text that explains it. */
static void open_choice(uk_html_t *html, const char *type, const char *name,
                        const char *value, int is_chosen, const char *label)
{
    uk_html_open(html, "label", "class", "choice", NULL);
    uk_html_element(html, "input", NULL, "type", type, "name", name, "value",
                    value, "checked", is_chosen ? "" : NULL, NULL);
    uk_html_open(html, "span", NULL);
    uk_html_element(html, "span", label, "class", "label", NULL);
    uk_html_text(html, " ");
    uk_html_open(html, "span", "class", "meaning", NULL);
}

static void close_choice(uk_html_t *html)
{
    uk_html_close(html);
    uk_html_close(html);
    uk_html_close(html);
}

static void print_choice(uk_html_t *html, const char *type, const char *name,
                         const char *value, int is_chosen, const char *label,
                         const char *meaning)
{
    open_choice(html, type, name, value, is_chosen, label);
    uk_html_text(html, meaning);
    close_choice(html);
}

static const uk_scope_t *scope_at(int index)
{
    return uk_catalogue_get(uk_config_catalogue(), index);
}

static int is_first_of_group(int index)
{
    int i;

    for (i = 0; i < index; i++) {
        if (strcmp(scope_at(i)->group, scope_at(index)->group) == 0) {
            return 0;
        }
    }
    return 1;
}

static void print_group(uk_html_t *html, const uk_form_t *form, int first)
{
    const char *group = scope_at(first)->group;
    int i;

    uk_html_open(html, "fieldset", "class", "group", "data-group", group, NULL);
    uk_html_element(html, "legend", group, NULL);
    for (i = first; i < uk_catalogue_size(uk_config_catalogue()); i++) {
        const uk_scope_t *scope = scope_at(i);

        if (strcmp(scope->group, group) == 0) {
            print_choice(html, "checkbox", "scope", scope->name,
                         uk_strings_contain(form->scopes, scope->name),
                         scope->name, scope->description);
        }
    }
    uk_html_close(html);
}

static void open_fieldset(uk_html_t *html, const char *legend,
                          const apr_array_header_t *errors, field_e field)
{
    int is_bad = error_of(errors, field) != NULL;

    uk_html_open(html, "fieldset", "class", "field", "id", fields[field].id,
                 "tabindex", "-1", "aria-describedby",
                 is_bad ? fields[field].error_id : NULL, NULL);
    uk_html_element(html, "legend", legend, NULL);
    print_error(html, errors, field);
}

static void print_scope_fields(uk_html_t *html, const uk_form_t *form,
                               const apr_array_header_t *errors)
{
    int i;

    open_fieldset(html, "Scopes", errors, SCOPES);
    uk_html_page_paragraph(html, "hint",
                           "What the key may do. Choose as little as it needs: "
                           "writing does not include reading.");
    uk_html_open(html, "div", "class", "groups", NULL);
    for (i = 0; i < uk_catalogue_size(uk_config_catalogue()); i++) {
        if (is_first_of_group(i)) {
            print_group(html, form, i);
        }
    }
    uk_html_close(html);
    uk_html_close(html);
}

/* The end of a day in UTC, so many days after today. */
static uk_instant_t end_of_day(const uk_context_t *ctx, int days)
{
    uk_instant_t day = ctx->now / DAY_MS + days;

    return (day + 1) * DAY_MS - 1;
}

/* Offer a day, so many days after today. @return 1 if it is chosen */
static int print_days(uk_html_t *html, const uk_context_t *ctx,
                      const uk_form_t *form, int days)
{
    apr_pool_t *pool = ctx->r->pool;
    uk_instant_t end = end_of_day(ctx, days);
    const char *date =
        apr_pstrndup(pool, uk_html_page_instant(pool, end), DATE_LEN);
    int is_chosen = strcmp(form->choice, date) == 0;

    open_choice(html, "radio", "expires", date, is_chosen,
                apr_psprintf(pool, "In %d days", days));
    uk_html_text(html, "works until ");
    uk_html_page_time(html, pool, end, NULL);
    close_choice(html);
    return is_chosen;
}

/* Offer a date. It also shows a chosen day that is no longer offered, because
 * the form is from yesterday. */
static void print_date(uk_html_t *html, const uk_context_t *ctx,
                       const uk_form_t *form, int is_chosen, int is_bad)
{
    apr_pool_t *pool = ctx->r->pool;
    int is_other = is_chosen && strcmp(form->choice, UK_FORM_DATE) != 0;

    print_choice(html, "radio", "expires", UK_FORM_DATE, is_chosen, "On a date",
                 "works until the end of that day, 23:59:59 UTC");
    uk_html_open(html, "div", "class", "date", NULL);
    uk_html_element(html, "label", "Date", "for", "date", NULL);
    uk_html_element(
        html, "input", NULL, "type", "date", "id", "date", "name", "date",
        "value", is_other ? form->choice : form->date, "min",
        apr_pstrndup(pool, uk_html_page_instant(pool, ctx->now), DATE_LEN),
        "aria-invalid", is_bad ? "true" : NULL, "aria-describedby",
        is_bad ? fields[EXPIRY].error_id : NULL, NULL);
    uk_html_close(html);
}

static void print_expiry(uk_html_t *html, const uk_context_t *ctx,
                         const uk_form_t *form,
                         const apr_array_header_t *errors)
{
    static const int presets[] = {30, 90, 365};
    int is_chosen = strcmp(form->choice, UK_FORM_NEVER) == 0;
    size_t i;

    open_fieldset(html, "Expiry", errors, EXPIRY);
    print_choice(html, "radio", "expires", UK_FORM_NEVER, is_chosen, "Never",
                 "works until somebody deletes it");
    for (i = 0; i < sizeof(presets) / sizeof(presets[0]); i++) {
        is_chosen |= print_days(html, ctx, form, presets[i]);
    }
    print_date(html, ctx, form, !is_chosen, error_of(errors, EXPIRY) != NULL);
    uk_html_close(html);
}

void uk_html_page_print_form(uk_html_t *html, const uk_context_t *ctx,
                             const uk_form_t *form,
                             const apr_array_header_t *errors)
{
    if (errors) {
        print_summary(html, ctx->r->pool, errors);
    }
    uk_html_open(html, "section", "id", "create", "aria-labelledby",
                 "create-heading", NULL);
    uk_html_element(html, "h2", "Create a key", "id", "create-heading", NULL);
    uk_html_open(html, "form", "method", "post", "action",
                 uk_context_url(ctx, "", ""), "class", "create",
                 /* The back button must not restore the old id. */
                 "autocomplete", "off", NULL);
    uk_html_element(html, "input", NULL, "type", "hidden", "name", "id",
                    "value", form->id, NULL);
    print_name_field(html, form, errors);
    print_scope_fields(html, form, errors);
    print_expiry(html, ctx, form, errors);
    uk_html_element(html, "button", "Create key", "type", "submit", "class",
                    "primary", NULL);
    uk_html_close(html);
    uk_html_close(html);
}
