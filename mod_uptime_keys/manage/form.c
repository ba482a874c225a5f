/* SPDX-License-Identifier: Apache-2.0 */
/* A request to create a key, as an HTML form sends it. */
#include "manage/form.h"

#include <string.h>

#include "core/keyid.h"

#define SCOPES_EXPECTED 8

static uk_form_t *make_form(const uk_context_t *ctx)
{
    apr_pool_t *pool = ctx->r->pool;
    uk_form_t *form = apr_pcalloc(pool, sizeof(*form));
    char id[UK_KEYID_LEN + 1];

    uk_keyid_make(ctx->now, id);
    form->id = apr_pstrdup(pool, id);
    form->spec.name = "";
    form->scopes = apr_array_make(pool, SCOPES_EXPECTED, sizeof(char *));
    form->spec.scopes = form->scopes;
    form->choice = UK_FORM_NEVER;
    form->date = "";
    return form;
}

const uk_form_t *uk_form_make(const uk_context_t *ctx)
{
    return make_form(ctx);
}

/* Unknown fields are ignored, like unknown members of a JSON object. */
static void take_field(void *baton, const char *name, const char *value)
{
    uk_form_t *form = baton;

    if (strcmp(name, "name") == 0) {
        form->spec.name = value;
    }
    else if (strcmp(name, "scope") == 0) {
        APR_ARRAY_PUSH(form->scopes, const char *) = value;
    }
    else if (strcmp(name, "expires") == 0) {
        form->choice = value;
    }
    else if (strcmp(name, "date") == 0) {
        form->date = value;
    }
    else if (strcmp(name, "id") == 0) {
        form->id = value;
    }
}

/* @return 0, or -1 if the body is no form */
static int take_fields(char *body,
                       void (*take)(void *baton, const char *name,
                                    const char *value),
                       void *baton)
{
    char *rest = NULL;
    char *name;

    for (name = apr_strtok(body, "&", &rest); name;
         name = apr_strtok(NULL, "&", &rest)) {
        char *value = strchr(name, '=');

        if (!value) {
            return -1;
        }
        *value++ = '\0';
        /* Refuses an encoded NUL, too. */
        if (ap_unescape_urlencoded(name) != OK
            || ap_unescape_urlencoded(value) != OK) {
            return -1;
        }
        take(baton, name, value);
    }
    return 0;
}

/* A date that was filled in must not be ignored if another expiry is chosen:
 * the key could live too long. */
static void check_choice(const uk_form_t *form, apr_array_header_t *errors)
{
    if (*form->date && strcmp(form->choice, UK_FORM_DATE) != 0) {
        APR_ARRAY_PUSH(errors, uk_field_error_t) = (uk_field_error_t){
            "/expiresAt", "ambiguous-expiry",
            "a date is filled in, but something else is chosen"};
    }
}

/* The end of the chosen day. Anything but a date is left as it is, for
 * uk_key_spec_validate() to refuse. */
static const char *chosen_expiry(apr_pool_t *pool, const uk_form_t *form)
{
    char end[UK_INSTANT_STRING_LEN + 1];
    const char *date = form->choice;

    if (strcmp(form->choice, UK_FORM_NEVER) == 0) {
        return NULL;
    }
    if (strcmp(form->choice, UK_FORM_DATE) == 0) {
        date = form->date;
    }
    return uk_instant_end_of_day(date, end) == 0 ? apr_pstrdup(pool, end)
                                                 : date;
}

int uk_form_read(const uk_context_t *ctx, char *body, uk_form_t **form,
                 apr_array_header_t **errors)
{
    apr_pool_t *pool = ctx->r->pool;

    *errors = apr_array_make(pool, 1, sizeof(uk_field_error_t));
    *form = make_form(ctx);
    if (take_fields(body, take_field, *form) != 0
        || !uk_keyid_is_valid((*form)->id)) {
        return -1;
    }
    check_choice(*form, *errors);
    (*form)->spec.expires = chosen_expiry(pool, *form);
    return 0;
}

typedef struct {
    const char *prefix;
    const char *overlap;
} rotation_fields_t;

static void take_rotation_field(void *baton, const char *name,
                                const char *value)
{
    rotation_fields_t *fields = baton;

    if (strcmp(name, "ifPrefix") == 0) {
        fields->prefix = value;
    }
    else if (strcmp(name, "overlap") == 0) {
        fields->overlap = value;
    }
}

int uk_form_read_rotation(apr_pool_t *pool, char *body, uk_rotation_t *rotation,
                          apr_array_header_t **errors)
{
    rotation_fields_t fields = {NULL, NULL};
    char *end;

    *errors = apr_array_make(pool, 1, sizeof(uk_field_error_t));
    if (take_fields(body, take_rotation_field, &fields) != 0
        || !fields.prefix) {
        return -1;
    }
    rotation->if_prefix = fields.prefix;
    if (fields.overlap) {
        apr_int64_t seconds = apr_strtoi64(fields.overlap, &end, 10);

        if (!apr_isdigit(*fields.overlap) || *end || seconds > UK_OVERLAP_MAX) {
            return -1;
        }
        rotation->overlap = (int)seconds;
    }
    return 0;
}
