/* SPDX-License-Identifier: Apache-2.0 */
/* The record of a key. */
#ifndef UK_CORE_KEY_H
#define UK_CORE_KEY_H

#include <apr_pools.h>
#include <apr_tables.h>

#include "core/instant.h"

/* Bytes of a key's scopes as a JSON array: the width of the column. */
#define UK_KEY_SCOPES_MAX 4000

/* A row of uptime_keys without its hashes. The strings are in the pool that the
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
    /* of const char *, in canonical form (core/networks.h); NULL: the key may be
     * used from anywhere */
    const apr_array_header_t *addresses;
    uk_instant_t disabled_at;    /* UK_INSTANT_NONE: it is not disabled */
    const char *disabled_reason; /* UK_DISABLED_…; NULL unless disabled */
    /* The secret before the last rotation; NULL and UK_INSTANT_NONE if there was
     * none. It works until previous_ends_at, or the key's own expiry. What ends
     * at once has UK_KEY_ENDED there. */
    const char *previous_prefix;
    uk_instant_t previous_ends_at;
    uk_instant_t previous_used_at;
} uk_key_t;

/* An end that is past by the clock of every server, also if that is slow. It is
 * not 1, which would be read as UK_END_DISABLED (core/principal.h). */
#define UK_KEY_ENDED ((uk_instant_t)2)

#define UK_DISABLED_MANUALLY "manual"
#define UK_DISABLED_LEAKED "leaked"

/*
 * One row for each field of that record: SQL, JSON and import lines
 * (store/import_line.h) are all made from it, in this order. FIRST stands for
 * the first row and NEXT for all others, so that a list can have separators.
 *
 *     NEXT(field, kind, column, JSON member, shown)
 *
 * kind:  STRING, not null; TEXT: a string or null; SCOPES: an array of strings;
 *        NETWORKS: such an array or null; INSTANT; OPTIONAL: an instant or null;
 *        EXPIRY: an instant or null, and a column that is not a number counts
 *        as long past
 * shown: ALWAYS by the API; IF_SET: unless it is null; NEVER: only in import
 *        lines; NOWHERE: in neither
 */
/* clang-format off */
#define UK_KEY_FIELDS(FIRST, NEXT)                                           \
    FIRST(id,              STRING,   "id",               "id",        ALWAYS) \
    NEXT(team,             STRING,   "team_id",          "team",      NEVER)  \
    NEXT(name,             STRING,   "name",             "name",      ALWAYS) \
    NEXT(scopes,           SCOPES,   "scopes",           "scopes",    ALWAYS) \
    NEXT(created_at,       INSTANT,  "created_at",       "createdAt", ALWAYS) \
    NEXT(last_used_at,     OPTIONAL, "last_used_at",     "lastUsedAt", ALWAYS) \
    NEXT(expires_at,       EXPIRY,   "expires_at",       "expiresAt", ALWAYS) \
    NEXT(prefix,           STRING,   "key_prefix",       "keyPrefix", ALWAYS) \
    NEXT(addresses,        NETWORKS, "addresses",        "addresses", IF_SET) \
    NEXT(disabled_at,      EXPIRY,   "disabled_at",      "disabledAt", IF_SET) \
    NEXT(disabled_reason,  TEXT,     "disabled_reason",  "disabledReason",    \
                                                                      IF_SET) \
    NEXT(previous_prefix,  TEXT,     "previous_prefix",  NULL,        NOWHERE) \
    NEXT(previous_ends_at, EXPIRY,   "previous_ends_at", NULL,        NOWHERE) \
    NEXT(previous_used_at, OPTIONAL, "previous_used_at", NULL,        NOWHERE)
/* clang-format on */

#define UK_KEY_FIELD(field, kind, column, member, shown) UK_KEY_FIELD_##field,

/* The index of each field. */
typedef enum {
    UK_KEY_FIELDS(UK_KEY_FIELD, UK_KEY_FIELD) UK_KEY_FIELD_COUNT
} uk_key_field_e;

typedef enum {
    UK_KIND_STRING,
    UK_KIND_TEXT,
    UK_KIND_SCOPES,
    UK_KIND_NETWORKS,
    UK_KIND_INSTANT,
    UK_KIND_OPTIONAL,
    UK_KIND_EXPIRY
} uk_kind_e;

typedef enum {
    UK_SHOWN_ALWAYS,
    UK_SHOWN_IF_SET,
    UK_SHOWN_NEVER,
    UK_SHOWN_NOWHERE
} uk_shown_e;

/* A row of UK_KEY_FIELDS as data. */
typedef struct {
    uk_kind_e kind;
    const char *member; /* the name of the JSON member */
    uk_shown_e shown;
    apr_size_t offset; /* in uk_key_t, for UK_KEY_AT() */
} uk_key_field_t;

extern const uk_key_field_t uk_key_fields[UK_KEY_FIELD_COUNT];

/* The value of a field, as an lvalue; type follows from field->kind: const char
 * *, const apr_array_header_t * or uk_instant_t. */
#define UK_KEY_AT(type, key, field) (*(type *)((char *)(key) + (field)->offset))

/** When the previous secret of a key ends: at its own end, or when the key
 *  expires if that is sooner. */
uk_instant_t uk_key_previous_end(const uk_key_t *key);

/** @return 1 if the key has a previous secret that still works, or would if the
 *  key were not disabled; else 0 */
int uk_key_has_previous(const uk_key_t *key, uk_instant_t now);

/** @return 1 if the key was disabled because it leaked, else 0 */
int uk_key_is_leaked(const uk_key_t *key);

#endif
