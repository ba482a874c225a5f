/* SPDX-License-Identifier: Apache-2.0 */
/* A request to create a key, as an HTML form sends it. */
#ifndef UK_MANAGE_FORM_H
#define UK_MANAGE_FORM_H

#include "core/key_spec.h"
#include "store/rotate.h"
#include "manage/context.h"

#define UK_FORM_TYPE "application/x-www-form-urlencoded"

/* Values of the field "expires"; any other is a date. */
#define UK_FORM_NEVER ""
#define UK_FORM_DATE "date"

/* The fields as they were filled in. */
struct uk_form_t {
    uk_key_spec_t spec;
    apr_array_header_t *scopes; /* spec.scopes, const char *s */
    /* the id that the key will have, so that sending the form again creates no
     * second key */
    const char *id;
    /* the field "expires": UK_FORM_NEVER, a date, or UK_FORM_DATE for the date
     * in the next field */
    const char *choice;
    const char *date; /* "2026-12-31" */
};

/** An empty form with a new id, in the request's pool. */
const uk_form_t *uk_form_make(const uk_context_t *ctx);

/**
 * Read a form. Unknown fields are ignored.
 *
 * @param body   is modified, and must live as long as the form
 * @param form   receives the fields, not validated; a missing one is empty, a
 *               missing id is a new one
 * @param errors receives uk_field_error_ts, for what uk_key_spec_validate()
 *               cannot see in form->spec
 * @return 0, or -1 if this is not such a form, or its id is malformed
 */
int uk_form_read(const uk_context_t *ctx, char *body, uk_form_t **form,
                 apr_array_header_t **errors)
    __attribute__((warn_unused_result));

/**
 * Read a form that rotates a key: the prefix that was shown, and the overlap in
 * seconds.
 *
 * @param body     as above
 * @param rotation receives if_prefix, and overlap if that was sent
 * @param errors   receives uk_field_error_ts
 * @return 0, or -1 if this is not such a form
 */
int uk_form_read_rotation(apr_pool_t *pool, char *body, uk_rotation_t *rotation,
                          apr_array_header_t **errors)
    __attribute__((warn_unused_result));

#endif
