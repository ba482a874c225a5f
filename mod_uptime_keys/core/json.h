/* SPDX-License-Identifier: Apache-2.0 */
/* JSON documents in and out, as texts. */
#ifndef UK_CORE_JSON_H
#define UK_CORE_JSON_H

#include "core/key.h"

/* Bytes of one line of an import. */
#define UK_JSON_LINE_MAX 65536

/* A line of `uptime-keys key import`. */
typedef struct {
    uk_key_t key; /* id is NULL where the line has none */
    const char *hash;
} uk_json_import_t;

/* A problem document, RFC 9457. */
typedef struct {
    const char *type;
    const char *title;
    int status;
    const char *detail;
    const char *instance;
    const apr_array_header_t *errors; /* uk_field_error_t's; NULL: none */
} uk_json_problem_t;

/**
 * Read a JSON array of strings, as uptime_keys.scopes holds it.
 *
 * @return const char *s in an array; NULL where the text is anything else
 */
apr_array_header_t *uk_json_read_strings(apr_pool_t *pool, const char *text);

/** Write const char *s as a JSON array of strings. */
const char *uk_json_write_strings(apr_pool_t *pool,
                                  const apr_array_header_t *names);

/**
 * Read a line of an import: {team, name, scopes, keyHash, keyPrefix,
 * createdAt?, expiresAt?, lastUsedAt?, id?}, times in integer milliseconds.
 *
 * @param error receives what is wrong with the line
 * @return 0, or -1 and *error
 */
int uk_json_read_import(apr_pool_t *pool, const char *line, size_t len,
                        uk_json_import_t *import, const char **error)
    __attribute__((warn_unused_result));

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

/** Write a problem document. */
const char *uk_json_write_problem(apr_pool_t *pool,
                                  const uk_json_problem_t *problem);

#endif
