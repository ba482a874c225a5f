/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked of a key, new or changed, and its validation: the same for JSON,
 * forms and the tool. */
#ifndef UK_CORE_KEY_SPEC_H
#define UK_CORE_KEY_SPEC_H

#include "core/key.h"
#include "core/lifetime.h"
#include "core/scope.h"

/* Unicode code points of a key's name. */
#define UK_KEY_NAME_MAX 255

/* The members of a specification that were sent, as bits. */
typedef enum {
    UK_SPEC_NAME = 1,
    UK_SPEC_SCOPES = 2,
    UK_SPEC_EXPIRY = 4,
    UK_SPEC_ADDRESSES = 8,
    UK_SPEC_DISABLED = 16
} uk_spec_member_e;

/* A specification, not validated. A new key takes all of it, a change only what
 * was sent. */
typedef struct {
    unsigned sent;                       /* UK_SPEC_… bits */
    const char *name;                    /* NULL: missing, or null */
    const apr_array_header_t *scopes;    /* NULL or empty: missing, or null */
    const char *expires;                 /* RFC 3339; NULL: never */
    const apr_array_header_t *addresses; /* NULL or empty: from anywhere */
    int disabled;                        /* of a change alone */
} uk_key_spec_t;

/* What a specification is validated against. */
typedef struct {
    const uk_catalogue_t *catalogue;
    uk_instant_t now; /* an expiry must be later than this */
    uk_lifetimes_t lifetimes;
    /* of the key that makes or changes another; UK_INSTANT_NONE: it has none, or
     * a person does it */
    uk_instant_t maker_expires_at;
} uk_key_rules_t;

/* Why a field of a specification was refused. */
typedef struct {
    const char *pointer; /* RFC 6901: "/name", "/scopes/2", "/expiresAt" */
    const char *code;    /* for programs: "unknown-scope" */
    const char *message; /* for users */
} uk_field_error_t;

#define UK_CODE_NOT_A_DATE "invalid-date-time"

/** Append an error to an array of uk_field_error_t. */
void uk_field_error_add(apr_array_header_t *errors, const char *pointer,
                        const char *code, const char *message);

/** @return 1 if a string can be the name of a key, a team or a user: valid
 *  UTF-8, 1 to UK_KEY_NAME_MAX code points, no control characters; else 0 */
int uk_key_name_is_valid(const char *name);

/** Take white space off both ends of a name: Unicode's White_Space, U+200B and
 *  U+FEFF. @return the rest, in the pool; the name itself if it is not UTF-8 */
const char *uk_key_name_trim(apr_pool_t *pool, const char *name);

/**
 * Validate addresses, and write them in canonical form, each once.
 *
 * @param requested const char *s; NULL or empty for anywhere
 * @param errors    receives uk_field_error_ts at "/addresses" and below
 * @return const char *s in the pool; NULL for anywhere
 */
const apr_array_header_t *uk_key_addresses(apr_pool_t *pool,
                                           const apr_array_header_t *requested,
                                           apr_array_header_t *errors);

/**
 * Validate the specification of a new key. Whether the user may create such a
 * key is not checked here.
 *
 * @param key    receives name, scopes (each once), addresses and expires_at, all
 *               other fields are zeroed; use it only if there are no errors. Its
 *               strings are in the pool
 * @param errors receives an array of uk_field_error_t, one for each bad field,
 *               scope or address; empty if the specification is valid
 */
void uk_key_spec_validate(apr_pool_t *pool, const uk_key_rules_t *rules,
                          const uk_key_spec_t *spec, uk_key_t *key,
                          apr_array_header_t **errors);

/**
 * Validate a change of a key, and make it. Fields that were not sent stay as
 * they are, whatever the rules say of them.
 *
 * @param key    the key; receives what was sent. It is disabled by hand unless
 *               it is disabled already, and enabled also if it leaked: whoever
 *               calls this forbids that
 * @param errors as above
 */
void uk_key_change_validate(apr_pool_t *pool, const uk_key_rules_t *rules,
                            const uk_key_spec_t *spec, uk_key_t *key,
                            apr_array_header_t **errors);

#endif
