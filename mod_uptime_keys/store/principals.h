/* SPDX-License-Identifier: Apache-2.0 */
/* The look-up that most requests need: the principal behind a key. */
#ifndef UK_STORE_PRINCIPALS_H
#define UK_STORE_PRINCIPALS_H

#include "core/principal.h"
#include "core/secret.h"
#include "db/database.h"
#include "store/scope_cache.h"

/**
 * Look up the principal of a key by the hash of its secret, the current or the
 * previous one. An expired or disabled key is found too, and a secret that has
 * ended.
 *
 * @param scope_cache always with this catalogue; NULL: none. scope_names may
 *                    live in it instead of db->pool
 * @param principal   receives all but prefix and has_checksum, in db->pool,
 *                    control characters replaced by '?'; NULL unless UK_OK
 * @return UK_OK; UK_NOT_FOUND; UK_UNAVAILABLE with db->error
 */
uk_outcome_e uk_store_principal(uk_database_t *db,
                                const uk_catalogue_t *catalogue,
                                uk_scope_cache_t *scope_cache,
                                const char hash[UK_HASH_LEN + 1],
                                uk_principal_t **principal)
    __attribute__((warn_unused_result));

#endif
