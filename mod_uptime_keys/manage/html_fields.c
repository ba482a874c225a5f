/* SPDX-License-Identifier: Apache-2.0 */
/* The fields of the HTML forms that create and edit a key, and their errors. */
#include "manage/html_fields.h"

#include <stdlib.h>
#include <string.h>

#include "httpd/config.h"
#include "manage/html_expiry.h"
#include "manage/html_frame.h"

typedef enum {
    NAME,
    SCOPES,
    ADDRESSES,
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
    [ADDRESSES] = {"/addresses", "addresses", "addresses-error"},
    [EXPIRY] = {"/expiresAt", "expiry", UK_HTML_EXPIRY_ERROR_ID},
};

/* What is printed. */
typedef struct {
    uk_html_t *html;
    const uk_context_t *ctx;
    const uk_form_t *form;
    const apr_array_header_t *errors; /* NULL: none */
} fields_t;

/* What was filled in where an error points, "/scopes/2"; NULL: all of it. */
static const char *entry_at(const fields_t *of, const char *pointer)
{
    const apr_array_header_t *entries = strncmp(pointer, "/scopes/", 8) == 0
                                            ? of->form->spec.scopes
                                            : of->form->spec.addresses;
    const char *index = ap_strrchr_c(pointer, '/') + 1;
    int i = apr_isdigit(*index) ? atoi(index) : -1;

    return i >= 0 && entries && i < entries->nelts
               ? APR_ARRAY_IDX(entries, i, const char *)
               : NULL;
}

/* What a user is told, where a program is told something else. */
static const char *message_of(const fields_t *of, const uk_field_error_t *error)
{
    const char *entry = entry_at(of, error->pointer);

    if (strcmp(error->code, UK_CODE_NOT_A_DATE) == 0) {
        return "that is not a day, written like 2030-12-31";
    }
    return entry ? apr_pstrcat(of->ctx->r->pool, entry, ": ", error->message,
                               NULL)
                 : error->message;
}

/* The errors of a field, one a line; NULL: none. */
static const char *error_of(const fields_t *of, field_e field)
{
    const char *pointer = fields[field].pointer;
    const char *message = NULL;
    int i;

    for (i = 0; of->errors && i < of->errors->nelts; i++) {
        const uk_field_error_t *error =
            &APR_ARRAY_IDX(of->errors, i, uk_field_error_t);

        if (strncmp(error->pointer, pointer, strlen(pointer)) == 0) {
            message =
                apr_pstrcat(of->ctx->r->pool, message ? message : "",
                            message ? "\n" : "", message_of(of, error), NULL);
        }
    }
    return message;
}

/* The id of a field's errors; NULL: it has none. */
static const char *error_id(const fields_t *of, field_e field)
{
    return error_of(of, field) ? fields[field].error_id : NULL;
}

static void print_summary_entry(const fields_t *of, field_e field)
{
    const char *message = error_of(of, field);

    if (message) {
        uk_html_open(of->html, "li", NULL);
        uk_html_page_link(
            of->html, NULL,
            apr_pstrcat(of->ctx->r->pool, "#", fields[field].id, NULL),
            message);
        uk_html_close(of->html);
    }
}

void uk_html_fields_print_summary(uk_html_t *html, const uk_context_t *ctx,
                                  const uk_form_t *form,
                                  const apr_array_header_t *errors,
                                  const char *heading)
{
    const fields_t of = {html, ctx, form, errors};
    int field;

    if (!errors) {
        return;
    }
    uk_html_open(html, "div", "class", "notice bad", "role", "alert",
                 "tabindex", "-1", NULL);
    uk_html_element(html, "h2", heading, NULL);
    uk_html_open(html, "ul", NULL);
    for (field = 0; field < FIELDS; field++) {
        print_summary_entry(&of, (field_e)field);
    }
    uk_html_close(html);
    uk_html_close(html);
}

static void print_error(const fields_t *of, field_e field)
{
    const char *message = error_of(of, field);

    if (message) {
        uk_html_element(of->html, "p", message, "class", "error", "id",
                        fields[field].error_id, NULL);
    }
}

/* Open what surrounds a text field, up to the field itself.
 * @return the value of its aria-describedby */
static const char *open_text_field(const fields_t *of, field_e field,
                                   const char *label, const char *hint)
{
    uk_html_t *html = of->html;
    apr_pool_t *pool = of->ctx->r->pool;
    const char *hint_id = apr_pstrcat(pool, fields[field].id, "-hint", NULL);
    const char *error = error_id(of, field);

    uk_html_open(html, "div", "class", "field", NULL);
    uk_html_element(html, "label", label, "for", fields[field].id, NULL);
    uk_html_element(html, "p", hint, "class", "hint", "id", hint_id, NULL);
    print_error(of, field);
    return error ? apr_pstrcat(pool, hint_id, " ", error, NULL) : hint_id;
}

static void print_name_field(const fields_t *of)
{
    const char *described = open_text_field(
        of, NAME, "Name", "What the key is for, so that you know it again.");

    uk_html_element(of->html, "input", NULL, "type", "text", "id",
                    fields[NAME].id, "name", "name", "value",
                    of->form->spec.name, "required", "", "aria-invalid",
                    error_id(of, NAME) ? "true" : NULL, "aria-describedby",
                    described, NULL);
    uk_html_close(of->html);
}

static void print_addresses_field(const fields_t *of)
{
    const char *described = open_text_field(
        of, ADDRESSES, "Addresses",
        "Where the key may be used from: addresses and networks, one a line, "
        "like 192.0.2.7 or 2001:db8::/32. Leave it empty for anywhere.");

    uk_html_element(of->html, "textarea", of->form->addresses, "id",
                    fields[ADDRESSES].id, "name", "addresses", "rows", "2",
                    "class", "addresses", "spellcheck", "false", "autocomplete",
                    "off", "autocapitalize", "off", "translate", "no",
                    "aria-invalid", error_id(of, ADDRESSES) ? "true" : NULL,
                    "aria-describedby", described, NULL);
    uk_html_close(of->html);
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

static void print_scope(const fields_t *of, const char *name,
                        const char *meaning)
{
    const uk_html_choice_t choice = {"checkbox", "scope", name,
                                     uk_strings_contain(of->form->scopes, name),
                                     name};

    uk_html_page_choice(of->html, &choice, meaning);
}

static void print_group(const fields_t *of, int first)
{
    const char *group = scope_at(first)->group;
    int i;

    uk_html_open(of->html, "fieldset", "class", "group", "data-group", group,
                 NULL);
    uk_html_element(of->html, "legend", group, NULL);
    for (i = first; i < uk_catalogue_size(uk_config_catalogue()); i++) {
        if (strcmp(scope_at(i)->group, group) == 0) {
            print_scope(of, scope_at(i)->name, scope_at(i)->description);
        }
    }
    uk_html_close(of->html);
}

/* The scopes of a key that is edited which this server does not know: another
 * one may. */
static void print_unknown_scopes(const fields_t *of)
{
    const apr_array_header_t *scopes =
        of->ctx->key ? of->ctx->key->scopes : NULL;
    int is_open = 0;
    int i;

    for (i = 0; scopes && i < scopes->nelts; i++) {
        const char *name = APR_ARRAY_IDX(scopes, i, const char *);

        if (uk_catalogue_find(uk_config_catalogue(), name) < 0) {
            if (!is_open++) {
                uk_html_open(of->html, "fieldset", "class", "group", NULL);
                uk_html_element(of->html, "legend", "Unknown here", NULL);
            }
            print_scope(of, name, "No scope of this server has this name");
        }
    }
    if (is_open) {
        uk_html_close(of->html);
    }
}

static void open_fieldset(const fields_t *of, const char *legend, field_e field)
{
    uk_html_open(of->html, "fieldset", "class", "field", "id", fields[field].id,
                 "tabindex", "-1", "aria-describedby", error_id(of, field),
                 NULL);
    uk_html_element(of->html, "legend", legend, NULL);
    print_error(of, field);
}

static void print_scope_fields(const fields_t *of)
{
    int i;

    open_fieldset(of, "Scopes", SCOPES);
    uk_html_page_paragraph(of->html, "hint",
                           "What the key may do. Choose as little as it needs: "
                           "writing does not include reading.");
    uk_html_open(of->html, "div", "class", "groups", NULL);
    for (i = 0; i < uk_catalogue_size(uk_config_catalogue()); i++) {
        if (is_first_of_group(i)) {
            print_group(of, i);
        }
    }
    print_unknown_scopes(of);
    uk_html_close(of->html);
    uk_html_close(of->html);
}

void uk_html_fields_print(uk_html_t *html, const uk_context_t *ctx,
                          const uk_form_t *form,
                          const apr_array_header_t *errors)
{
    const fields_t of = {html, ctx, form, errors};

    print_name_field(&of);
    print_scope_fields(&of);
    print_addresses_field(&of);
    open_fieldset(&of, "Expiry", EXPIRY);
    uk_html_expiry_print(html, ctx, form, error_id(&of, EXPIRY) != NULL);
    uk_html_close(html);
}
