/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to create, edit and rotate a key, as HTML forms send them. */
#ifndef UK_MANAGE_FORM_H
#define UK_MANAGE_FORM_H

#include "core/key_spec.h"
#include "store/rotate.h"
#include "manage/context.h"

#define UK_FORM_TYPE "application/x-www-form-urlencoded"

/* Values of the field "expires"; any other is a date. */
#define UK_FORM_NEVER ""    /* of a new key: whatever is usual here */
#define UK_FORM_KEEP "keep" /* of a key that is edited: as it is */
#define UK_FORM_DATE "date"

/* The fields of a key as they were filled in. */
struct uk_form_t {
    uk_key_spec_t spec;         /* sent: the fields that were sent */
    apr_array_header_t *scopes; /* spec.scopes, const char *s */
    const char *addresses;      /* spec.addresses, one a line */
    /* the field "expires": UK_FORM_…, or a date; UK_FORM_DATE is for the date in
     * the next field */
    const char *choice;
    const char *date; /* "2026-12-31" */
    /* of a new key: its id, so that sending the form again creates no second
     * one */
    const char *id;
    /* of a key that is edited: what the form was made from; NULL: a new key */
    const char *etag;
};

/** An empty form with a new id, in the request's pool. */
const uk_form_t *uk_form_make(const uk_context_t *ctx);

/** A form that changes nothing of a key, in the request's pool. */
const uk_form_t *uk_form_make_edit(const uk_context_t *ctx,
                                   const uk_key_t *key);

/** Read the body of a request as that of a form. @param body receives it, in the
 *  request's pool. @return OK; else DONE after a response, or another status */
int uk_form_receive(uk_context_t *ctx, char **body);

/** Respond to a form that cannot be read. @return DONE */
int uk_form_refuse(uk_context_t *ctx);

/**
 * Read a form that creates a key. Unknown fields are ignored.
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
 * Read a form that edits a key, or that only disables or enables it: "disabled"
 * is "true" or "false" there.
 *
 * @param form   receives the fields; spec.sent has what may change: all but an
 *               expiry that is kept, or UK_SPEC_DISABLED alone
 * @return 0, or -1 if this is not such a form: it lacks its entity tag, or some
 *         of the fields, or has those of both
 */
int uk_form_read_edit(const uk_context_t *ctx, char *body, uk_form_t **form,
                      apr_array_header_t **errors)
    __attribute__((warn_unused_result));

/** @return 1 if a form has the scopes that a key has, in any order; else 0 */
int uk_form_has_scopes_of(const uk_form_t *form, const uk_key_t *key);

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
