/* SPDX-License-Identifier: Apache-2.0 */
/* Rotating a key: the same key with a new secret, while the old one goes on for
 * some time. */
#ifndef UK_STORE_ROTATE_H
#define UK_STORE_ROTATE_H

#include "core/lifetime.h"
#include "core/token.h"
#include "store/revoke.h"

/* Seconds that the old secret goes on. */
#define UK_OVERLAP_DEFAULT 86400
#define UK_OVERLAP_MAX 2592000

/* What is asked. */
typedef struct {
    const char *team; /* the team that the key must belong to; NULL: any */
    const char *id;
    const char *if_prefix; /* of the current secret; NULL: whatever it is */
    int overlap;           /* seconds, from 0 to UK_OVERLAP_MAX */
    uk_lifetimes_t lifetimes;
    /** Whether the caller may rotate this key; NULL: any key. It may be called
     *  again. @return 1 or 0 */
    int (*may_rotate)(const uk_key_t *key, void *baton);
    void *baton;
} uk_rotation_t;

/* What was done, or why it was not. All strings are in db->pool. */
typedef struct {
    uk_key_t *key; /* with UK_OK: as it is now */
    /* with UK_OK: the prefixes of the secrets that this has ended; NULL: none */
    const char *ended[2];
    const char *conflict; /* with UK_CONFLICT: why, for users */
} uk_rotated_t;

/**
 * Give a key a new secret, with an audit row, and return once every server
 * refuses the secrets that this has ended.
 *
 * The current secret becomes the previous one and ends after the overlap, or
 * with the key; one before it ends now. A key that leaked is enabled by it, and
 * its old secret ends now. An expiry beyond the maximum becomes the latest that
 * it allows.
 *
 * @param token receives the new secret with UK_OK, else "". The caller shows it
 *              once and wipes it with uk_secret_wipe()
 * @return UK_OK; UK_NOT_FOUND; UK_CONFLICT: another prefix, disabled by hand, or
 *         expired; UK_REFUSED by may_rotate; UK_UNAVAILABLE with db->error
 */
uk_outcome_e uk_rotate_key(uk_database_t *db, const uk_actor_t *actor,
                           const uk_own_cache_t *own,
                           const uk_rotation_t *rotation, uk_rotated_t *rotated,
                           char token[UK_TOKEN_LEN + 1])
    __attribute__((warn_unused_result));

/* One rotation of a key. */
typedef struct {
    const char *id; /* of the key */
    uk_instant_t at;
} uk_rotation_time_t;

/** List the rotations of the team's keys that have a previous secret, as far as
 *  uptime_audit knows them, in any order. @param times receives
 *  uk_rotation_time_ts, in db->pool. @return UK_OK; otherwise it is empty */
uk_outcome_e uk_rotate_times(uk_database_t *db, const char *team,
                             apr_array_header_t **times)
    __attribute__((warn_unused_result));

#endif
