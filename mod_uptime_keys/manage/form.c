/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to create, edit and rotate a key, as HTML forms send them. */
#include "manage/form.h"

#include <string.h>

#include "core/keyid.h"
#include "manage/body.h"
#include "manage/etag.h"
#include "manage/response.h"

#define SCOPES_EXPECTED 8
#define ADDRESSES_EXPECTED 4

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
    form->addresses = "";
    form->choice = UK_FORM_NEVER;
    form->date = "";
    return form;
}

const uk_form_t *uk_form_make(const uk_context_t *ctx)
{
    return make_form(ctx);
}

const uk_form_t *uk_form_make_edit(const uk_context_t *ctx, const uk_key_t *key)
{
    apr_pool_t *pool = ctx->r->pool;
    uk_form_t *form = make_form(ctx);

    form->spec.name = key->name;
    form->scopes = apr_array_copy(pool, key->scopes);
    form->spec.scopes = form->scopes;
    if (key->addresses) {
        form->addresses = apr_array_pstrcat(pool, key->addresses, '\n');
    }
    form->choice = UK_FORM_KEEP;
    form->etag = uk_etag_make(pool, key, ctx->now);
    return form;
}

int uk_form_receive(uk_context_t *ctx, char **body)
{
    apr_size_t len;
    int result = uk_body_read(ctx, UK_FORM_TYPE, body, &len);

    return result == OK && strlen(*body) != len ? uk_form_refuse(ctx) : result;
}

int uk_form_refuse(uk_context_t *ctx)
{
    return uk_respond_problem(ctx, UK_PROBLEM_BAD_REQUEST,
                              "The form is damaged.");
}

/* "true" or "false"; anything else counts as not sent. */
static void take_disabled(uk_key_spec_t *spec, const char *value)
{
    spec->disabled = strcmp(value, "true") == 0;
    if (spec->disabled || strcmp(value, "false") == 0) {
        spec->sent |= UK_SPEC_DISABLED;
    }
}

static void take_text(uk_form_t *form, const char *name, const char *value)
{
    const struct {
        const char *name;
        const char **to;
        unsigned bit;
    } fields[] = {
        {"name", &form->spec.name, UK_SPEC_NAME},
        {"expires", &form->choice, UK_SPEC_EXPIRY},
        {"date", &form->date, 0},
        {"addresses", &form->addresses, UK_SPEC_ADDRESSES},
        {"id", &form->id, 0},
        {"etag", &form->etag, 0},
    };
    size_t i;

    for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        if (strcmp(name, fields[i].name) == 0) {
            *fields[i].to = value;
            form->spec.sent |= fields[i].bit;
        }
    }
}

/* Unknown fields are ignored, like unknown members of a JSON object. */
static void take_field(void *baton, const char *name, const char *value)
{
    uk_form_t *form = baton;

    if (strcmp(name, "scope") == 0) {
        APR_ARRAY_PUSH(form->scopes, const char *) = value;
        form->spec.sent |= UK_SPEC_SCOPES;
    }
    else if (strcmp(name, "disabled") == 0) {
        take_disabled(&form->spec, value);
    }
    else {
        take_text(form, name, value);
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
        uk_field_error_add(errors, "/expiresAt", "ambiguous-expiry",
                           "a date is filled in, but something else is chosen");
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

static const apr_array_header_t *split_addresses(apr_pool_t *pool,
                                                 const char *typed)
{
    apr_array_header_t *addresses =
        apr_array_make(pool, ADDRESSES_EXPECTED, sizeof(char *));
    char *rest = NULL;
    char *address;

    for (address = apr_strtok(apr_pstrdup(pool, typed), ", \t\r\n", &rest);
         address; address = apr_strtok(NULL, ", \t\r\n", &rest)) {
        APR_ARRAY_PUSH(addresses, const char *) = address;
    }
    return addresses;
}

/* @return 0, or -1 if the body is no form */
static int read_fields(const uk_context_t *ctx, char *body, uk_form_t *form,
                       apr_array_header_t **errors)
{
    apr_pool_t *pool = ctx->r->pool;

    *errors = apr_array_make(pool, 1, sizeof(uk_field_error_t));
    if (take_fields(body, take_field, form) != 0) {
        return -1;
    }
    check_choice(form, *errors);
    form->spec.expires = chosen_expiry(pool, form);
    form->spec.addresses = split_addresses(pool, form->addresses);
    return 0;
}

int uk_form_read(const uk_context_t *ctx, char *body, uk_form_t **form,
                 apr_array_header_t **errors)
{
    *form = make_form(ctx);
    return read_fields(ctx, body, *form, errors) == 0
                   && uk_keyid_is_valid((*form)->id)
               ? 0
               : -1;
}

/* A browser sends nothing for scopes of which none is chosen. */
#define ALWAYS_SENT                                                            \
    (unsigned)(UK_SPEC_NAME | UK_SPEC_EXPIRY | UK_SPEC_ADDRESSES)

int uk_form_read_edit(const uk_context_t *ctx, char *body, uk_form_t **form,
                      apr_array_header_t **errors)
{
    uk_key_spec_t *spec;

    *form = make_form(ctx);
    spec = &(*form)->spec;
    if (read_fields(ctx, body, *form, errors) != 0 || !(*form)->etag) {
        return -1;
    }
    if (spec->sent == UK_SPEC_DISABLED) {
        return 0;
    }
    if ((spec->sent & ~(unsigned)UK_SPEC_SCOPES) != ALWAYS_SENT) {
        return -1;
    }
    spec->sent |= UK_SPEC_SCOPES;
    if (strcmp((*form)->choice, UK_FORM_KEEP) == 0) {
        spec->sent &= ~(unsigned)UK_SPEC_EXPIRY;
    }
    return 0;
}

static int contain_all(const apr_array_header_t *strings,
                       const apr_array_header_t *others)
{
    int i = 0;

    while (i < others->nelts
           && uk_strings_contain(strings,
                                 APR_ARRAY_IDX(others, i, const char *))) {
        i++;
    }
    return i == others->nelts;
}

int uk_form_has_scopes_of(const uk_form_t *form, const uk_key_t *key)
{
    return contain_all(form->scopes, key->scopes)
           && contain_all(key->scopes, form->scopes);
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
    apr_int64_t seconds;
    char *end;

    *errors = apr_array_make(pool, 1, sizeof(uk_field_error_t));
    if (take_fields(body, take_rotation_field, &fields) != 0
        || !fields.prefix) {
        return -1;
    }
    rotation->if_prefix = fields.prefix;
    if (fields.overlap) {
        seconds = apr_strtoi64(fields.overlap, &end, 10);
        if (!apr_isdigit(*fields.overlap) || *end || seconds > UK_OVERLAP_MAX) {
            uk_field_error_add(*errors, "/overlapSeconds", "invalid-overlap",
                               "choose one of the times that the page offers");
        }
        rotation->overlap = (int)seconds;
    }
    return 0;
}
