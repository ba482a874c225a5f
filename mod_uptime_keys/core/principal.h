/* SPDX-License-Identifier: Apache-2.0 */
/* What an accepted key comes to: who calls, and what he may do. Also as a few
 * bytes for a cache, in which there is no text of the key nor its hash. */
#ifndef UK_CORE_PRINCIPAL_H
#define UK_CORE_PRINCIPAL_H

#include <apr_pools.h>

#include "core/instant.h"
#include "core/scope.h"

/* The texts hold no control characters, so they can stand in a header. */
typedef struct {
    const char *id;
    const char *team;
    const char *name;
    const char *prefix;        /* of what was presented */
    const char *scope_names;   /* with one space between them; "" for none */
    uk_scopes_t scopes;        /* those that the catalogue knows */
    uk_instant_t last_used_at; /* UK_INSTANT_NONE: never used */
    uk_instant_t expires_at;   /* UK_INSTANT_NONE: never expires */
    int has_checksum;          /* 0: an imported key without one */
} uk_principal_t;

/**
 * Write a principal as bytes that mean something to this process and its kin, with
 * this catalogue. The prefix is left out.
 *
 * @param bytes receives up to max bytes
 * @return their number; 0 where they are not enough
 */
size_t uk_principal_pack(const uk_principal_t *principal, unsigned char *bytes,
                         size_t max);

/**
 * Read what uk_principal_pack() wrote.
 *
 * @param bytes must live as long as the principal, which points into them
 * @param principal receives all but the prefix
 * @return 0, or -1 where these are not such bytes
 */
int uk_principal_unpack(const unsigned char *bytes, size_t len,
                        uk_principal_t *principal)
    __attribute__((warn_unused_result));

#endif
