/* SPDX-License-Identifier: Apache-2.0 */
/* The principal of a key: whose key it is and what it may do. It can be packed
 * for a cache; the packed form contains neither the key nor its hash. */
#ifndef UK_CORE_PRINCIPAL_H
#define UK_CORE_PRINCIPAL_H

#include <apr_pools.h>

#include "core/instant.h"
#include "core/scope.h"

/* The strings contain no control characters, so they can be sent in a header.
 * The function that fills it says how long they live. */
typedef struct {
    const char *id;            /* of the key */
    const char *team;          /* its id */
    const char *name;          /* of the key */
    const char *prefix;        /* of the presented key */
    const char *scope_names;   /* separated by one space; "" for none */
    uk_scopes_t scopes;        /* those of them that the catalogue has */
    uk_instant_t last_used_at; /* UK_INSTANT_NONE: never used */
    /* when the presented secret ends; UK_INSTANT_NONE: never */
    uk_instant_t expires_at;
    /* networks, separated by one space (core/networks.h); "": anywhere */
    const char *addresses;
    int is_previous;    /* 1: the presented secret is that before a rotation */
    int has_checksum;   /* 0: an imported key without a checksum */
    int is_disabled;    /* never packed, as a disabled key is not accepted */
    apr_uint16_t group; /* of the presented secret, uk_lease_group() */
} uk_principal_t;

/*
 * One row for each value of uptime_keys that a request needs: the SQL and the
 * code that reads a row are made from it. FIRST stands for the first row and
 * NEXT for all others, so that a list can have separators. Add a new field to
 * the packed form (principal.c) too.
 *
 *     NEXT(field, kind, SQL for the current secret, SQL for the previous one)
 *
 * kind: STRING; INSTANT: an instant or null; END: sets expires_at, is_previous
 *       and is_disabled; SCOPES: sets scope_names and scopes; NETWORKS: a JSON
 *       array or null; HASH: only compared, it is no field of uk_principal_t
 */
/* clang-format off */
#define UK_PRINCIPAL_FIELDS(FIRST, NEXT)                                  \
    FIRST(id,          STRING,   "id",           "id")                    \
    NEXT(team,         STRING,   "team_id",      "team_id")               \
    NEXT(hash,         HASH,     "key_hash",     "previous_hash")         \
    NEXT(last_used_at, INSTANT,  "last_used_at", "previous_used_at")      \
    NEXT(end,          END,      UK_CURRENT_END, UK_PREVIOUS_END)         \
    NEXT(scopes,       SCOPES,   "scopes",       "scopes")                \
    NEXT(name,         STRING,   "name",         "name")                  \
    NEXT(addresses,    NETWORKS, "addresses",    "addresses")
/* clang-format on */

/* When the presented secret ends: null for never; UK_END_DISABLED; another
 * negative number for the previous secret, whose end is its absolute value. */
#define UK_END_DISABLED (-1)
#define UK_CURRENT_END                                                         \
    "CASE WHEN disabled_at IS NOT NULL OR expires_at < 0 THEN -1 "             \
    "ELSE expires_at END"
/* As uk_key_previous_end(). A previous secret without an end has ended. "+ 0"
 * makes a number of what plain SQL may have written into SQLite, where any string
 * is greater than any number. */
#define UK_PREVIOUS_END                                                        \
    "CASE WHEN disabled_at IS NOT NULL OR expires_at < 0 "                     \
    "OR COALESCE(previous_ends_at, 0) + 0 <= 0 THEN -1 "                       \
    "WHEN expires_at + 0 < previous_ends_at + 0 THEN -expires_at "             \
    "ELSE -previous_ends_at END"

#define UK_PRINCIPAL_COLUMN(field, kind, current, previous)                    \
    UK_PRINCIPAL_##field,

/* The index of each column. */
enum {
    UK_PRINCIPAL_FIELDS(UK_PRINCIPAL_COLUMN, UK_PRINCIPAL_COLUMN)
    UK_PRINCIPAL_COLUMNS
};

/**
 * Pack a principal, without its prefix, into bytes that only processes of the
 * same httpd, with the same catalogue, can unpack.
 *
 * @param bytes receives up to max bytes; need not be aligned
 * @return their number; 0 if max is too small
 */
size_t uk_principal_pack(const uk_principal_t *principal, unsigned char *bytes,
                         size_t max);

/**
 * Unpack what uk_principal_pack() wrote.
 *
 * @param bytes     must live as long as the principal, whose strings point into
 *                  them; need not be aligned
 * @param principal receives all but the prefix, which is not touched; undefined
 *                  on failure
 * @return 0, or -1 if the bytes are not well-formed
 */
int uk_principal_unpack(const unsigned char *bytes, size_t len,
                        uk_principal_t *principal)
    __attribute__((warn_unused_result));

#endif
