/* SPDX-License-Identifier: Apache-2.0 */
/* JSON documents, read from and written to strings. */
#ifndef UK_CORE_JSON_H
#define UK_CORE_JSON_H

#include "core/key.h"
#include "core/scope.h"

/* All results are allocated from the pool. A string that is not valid UTF-8 is
 * written as null, in an array of strings not at all. */

/**
 * Read a JSON array of strings, as in the column uptime_keys.scopes.
 *
 * @return an array of const char *; NULL if json is anything else
 */
apr_array_header_t *uk_json_read_strings(apr_pool_t *pool, const char *json);

/** Write an array of const char * as a JSON array of strings. */
const char *uk_json_write_strings(apr_pool_t *pool,
                                  const apr_array_header_t *strings);

/** Write an array of const uk_key_t * as a JSON array, each as
 *  uk_json_from_key() does (core/json_values.h). Times are milliseconds since
 *  1970 UTC, or null. */
const char *uk_json_write_keys(apr_pool_t *pool, const apr_array_header_t *keys,
                               uk_instant_t now);

/** Do as uk_json_write_keys(), with a member "team" in each: its id. */
const char *uk_json_write_keys_of_teams(apr_pool_t *pool,
                                        const apr_array_header_t *keys,
                                        uk_instant_t now);

/** Write an array of const uk_team_t * (core/team.h) as a JSON array of
 *  {id, name, createdAt}. */
const char *uk_json_write_teams(apr_pool_t *pool,
                                const apr_array_header_t *teams);

/** Write an array of const uk_member_t * (core/team.h) as a JSON array of
 *  {user, role}. */
const char *uk_json_write_members(apr_pool_t *pool,
                                  const apr_array_header_t *members);

/** Write a catalogue as a JSON array of {name, group, description}. */
const char *uk_json_write_scopes(apr_pool_t *pool,
                                 const uk_catalogue_t *catalogue);

#endif
