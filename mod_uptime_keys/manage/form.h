/* SPDX-License-Identifier: Apache-2.0 */
/* A request to create a key as an HTML form sends it. */
#ifndef UK_MANAGE_FORM_H
#define UK_MANAGE_FORM_H

#include "manage/context.h"

#define UK_FORM_TYPE "application/x-www-form-urlencoded"

/* What an expiry is chosen with; anything else is a date itself. */
#define UK_FORM_NEVER ""
#define UK_FORM_DATE "date"

/* The fields as they were filled in, to be shown again. */
struct uk_form_t {
    uk_key_spec_t spec;
    apr_array_header_t *scopes; /* the spec's */
    /* that the key will have, so that a repeated form cannot make a second
     * one */
    const char *id;
    /* of an expiry: UK_FORM_NEVER, a date, or UK_FORM_DATE for the next field
     * */
    const char *choice;
    const char *date; /* "2026-12-31" */
};

/** A form that nobody has filled in yet, with a new id. */
const uk_form_t *uk_form_make(const uk_context_t *ctx);

/**
 * Read a form.
 *
 * @param body   is used up
 * @param form   receives the fields; one that is missing is empty
 * @param errors receives uk_field_error_t's: what uk_key_spec_validate() cannot
 *               see in form->spec
 * @return 0, or -1 where this is not a form of ours
 */
int uk_form_read(const uk_context_t *ctx, char *body, uk_form_t **form,
                 apr_array_header_t **errors)
    __attribute__((warn_unused_result));

#endif
