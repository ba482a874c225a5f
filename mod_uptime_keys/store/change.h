/* SPDX-License-Identifier: Apache-2.0 */
/* Changing a key: its name, scopes, expiry and addresses; disabling and enabling
 * it. */
#ifndef UK_STORE_CHANGE_H
#define UK_STORE_CHANGE_H

#include "store/revoke.h"

/* What a change did, as bits. */
typedef enum {
    UK_CHANGED_FIELDS = 1,
    UK_CHANGED_DISABLED = 2,
    UK_CHANGED_ENABLED = 4
} uk_changed_e;

/**
 * Judges a key as it is, and gives its fields other values. It may be called
 * again, with the key as it is then.
 *
 * @return UK_OK; any other outcome leaves the key as it is, and is returned to
 *         the caller
 */
typedef uk_outcome_e uk_key_edit_t(apr_pool_t *pool, uk_key_t *key,
                                   void *baton);

/**
 * Change a key, with an audit row for each of "key.change", "key.disable" and
 * "key.enable" that applies, and return once every server knows of it, also if
 * there was nothing to change. While it is judged and written nobody else
 * changes it.
 *
 * @param team    the team that the key must belong to; NULL: any
 * @param key     receives it as it is then, in db->pool; NULL unless UK_OK
 * @param changed receives UK_CHANGED_… bits; 0: it was like this before
 * @return UK_OK; UK_NOT_FOUND; UK_UNAVAILABLE with db->error; or what edit
 *         returned
 */
uk_outcome_e uk_change_key(uk_database_t *db, const uk_actor_t *actor,
                           const uk_own_cache_t *own, const char *team,
                           const char *id, uk_key_edit_t *edit, void *baton,
                           uk_key_t **key, unsigned *changed)
    __attribute__((warn_unused_result));

#endif
