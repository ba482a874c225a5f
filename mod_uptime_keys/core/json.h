/* SPDX-License-Identifier: Apache-2.0 */
/* JSON documents in and out, as texts. */
#ifndef UK_CORE_JSON_H
#define UK_CORE_JSON_H

#include "core/key.h"

/**
 * Read a JSON array of strings, as uptime_keys.scopes holds it.
 *
 * @return const char *s in an array; NULL where the text is anything else
 */
apr_array_header_t *uk_json_read_strings(apr_pool_t *pool, const char *text);

/** Write const char *s as a JSON array of strings. */
const char *uk_json_write_strings(apr_pool_t *pool,
                                  const apr_array_header_t *names);

/** Write keys as an array of {id, name, scopes, createdAt, lastUsedAt,
 *  expiresAt, keyPrefix}. */
const char *uk_json_write_keys(apr_pool_t *pool,
                               const apr_array_header_t *keys);

/** Write uk_team_t *s as an array of {id, name, createdAt}. */
const char *uk_json_write_teams(apr_pool_t *pool,
                                const apr_array_header_t *teams);

/** Write uk_member_t *s as an array of {user, role}. */
const char *uk_json_write_members(apr_pool_t *pool,
                                  const apr_array_header_t *members);

/** Write a catalogue as an array of {name, group, description}. */
const char *uk_json_write_scopes(apr_pool_t *pool,
                                 const uk_catalogue_t *catalogue);

#endif
