/* SPDX-License-Identifier: Apache-2.0 */
/* The record of a key, and the validation of a specification for a new one. */
#ifndef UK_CORE_KEY_H
#define UK_CORE_KEY_H

#include <apr_pools.h>
#include <apr_tables.h>

#include "core/instant.h"
#include "core/scope.h"

/* Unicode code points of a key's name. */
#define UK_KEY_NAME_MAX 255
/* Bytes of a key's scopes as a JSON array: the width of the column. */
#define UK_KEY_SCOPES_MAX 4000

/* A row of uptime_keys without its hash. The strings are in the pool that the
 * record was read into. */
typedef struct {
    const char *id;
    const char *team; /* its id */
    const char *name;
    const apr_array_header_t *scopes; /* of const char * */
    uk_instant_t created_at;
    uk_instant_t last_used_at; /* UK_INSTANT_NONE: never used */
    uk_instant_t expires_at;   /* UK_INSTANT_NONE: never expires */
    const char *prefix;        /* public, see core/token.h */
} uk_key_t;

/*
 * One row for each field of that record: SQL, JSON and import lines
 * (store/import_line.h) are all made from it, in this order. FIRST stands for
 * the first row and NEXT for all others, so that a list can have separators.
 *
 *     NEXT(field, kind, column, JSON member, is_shown)
 *
 * kind:     STRING, not null; SCOPES: an array of strings; INSTANT; OPTIONAL:
 *           an instant or null; EXPIRY: an instant or null, and a column that
 *           is not a number counts as expired
 * is_shown: 1 if the API shows it, 0 if only import lines have it
 */
/* clang-format off */
#define UK_KEY_FIELDS(FIRST, NEXT)                                 \
    FIRST(id,          STRING,   "id",           "id",         1) \
    NEXT(team,         STRING,   "team_id",      "team",       0) \
    NEXT(name,         STRING,   "name",         "name",       1) \
    NEXT(scopes,       SCOPES,   "scopes",       "scopes",     1) \
    NEXT(created_at,   INSTANT,  "created_at",   "createdAt",  1) \
    NEXT(last_used_at, OPTIONAL, "last_used_at", "lastUsedAt", 1) \
    NEXT(expires_at,   EXPIRY,   "expires_at",   "expiresAt",  1) \
    NEXT(prefix,       STRING,   "key_prefix",   "keyPrefix",  1)
/* clang-format on */

#define UK_KEY_FIELD(field, kind, column, member, is_shown)                    \
    UK_KEY_FIELD_##field,

/* The index of each field. */
typedef enum {
    UK_KEY_FIELDS(UK_KEY_FIELD, UK_KEY_FIELD) UK_KEY_FIELD_COUNT
} uk_key_field_e;

typedef enum {
    UK_KIND_STRING,
    UK_KIND_SCOPES,
    UK_KIND_INSTANT,
    UK_KIND_OPTIONAL,
    UK_KIND_EXPIRY
} uk_kind_e;

/* A row of UK_KEY_FIELDS as data. */
typedef struct {
    uk_kind_e kind;
    const char *member; /* the name of the JSON member */
    int is_shown;
    apr_size_t offset; /* in uk_key_t, for UK_KEY_AT() */
} uk_key_field_t;

extern const uk_key_field_t uk_key_fields[UK_KEY_FIELD_COUNT];

/* The value of a field, as an lvalue; type follows from field->kind: const char
 * *, const apr_array_header_t * or uk_instant_t. */
#define UK_KEY_AT(type, key, field) (*(type *)((char *)(key) + (field)->offset))

/* The specification of a new key, not validated. */
typedef struct {
    const char *name;                 /* NULL: missing */
    const apr_array_header_t *scopes; /* NULL or empty: missing */
    const char *expires;              /* RFC 3339; NULL: never expires */
} uk_key_spec_t;

/* Why a field of a spec was refused. */
typedef struct {
    const char *pointer; /* RFC 6901: "/name", "/scopes/2", "/expiresAt" */
    const char *code;    /* for programs: "unknown-scope" */
    const char *message; /* for users */
} uk_field_error_t;

/** @return 1 if a string can be the name of a key, a team or a user: valid
 *  UTF-8, 1 to UK_KEY_NAME_MAX code points, no control characters; else 0 */
int uk_key_name_is_valid(const char *name);

/**
 * Validate a spec. Whether the user may create such a key is not checked here.
 *
 * @param now    an expiry must be later than this
 * @param key    receives name, scopes (each once) and expires_at, all other
 *               fields are zeroed; use it only if there are no errors. The name
 *               is that of the spec, scopes are in the pool
 * @param errors receives an array of uk_field_error_t, one for each bad field
 *               or scope; empty if the spec is valid
 */
void uk_key_spec_validate(apr_pool_t *pool, const uk_catalogue_t *catalogue,
                          const uk_key_spec_t *spec, uk_instant_t now,
                          uk_key_t *key, apr_array_header_t **errors);

#endif
