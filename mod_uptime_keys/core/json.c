/* SPDX-License-Identifier: Apache-2.0 */
/* JSON documents, read from and written to strings. */
#include "core/json.h"

#include <apr_strings.h>

#include "core/json_values.h"
#include "core/team.h"

apr_array_header_t *uk_json_read_strings(apr_pool_t *pool, const char *json)
{
    json_t *array = json_loads(json, JSON_REJECT_DUPLICATES, NULL);
    apr_array_header_t *strings = uk_json_to_strings(pool, array);

    json_decref(array);
    return strings;
}

/* @return 1 if a string is in JSON as it is, between quotes; else 0 */
static int is_plain(const char *string)
{
    for (; *string; string++) {
        unsigned char byte = (unsigned char)*string;

        if (byte < ' ' || byte > '~' || byte == '"' || byte == '\\') {
            return 0;
        }
    }
    return 1;
}

/* Scopes and networks, which all are plain: at a fifth of what jansson takes.
 * @return NULL if a string is not */
static const char *write_plain(apr_pool_t *pool,
                               const apr_array_header_t *strings)
{
    const char *json = "[";
    int i;

    for (i = 0; i < strings->nelts; i++) {
        const char *string = APR_ARRAY_IDX(strings, i, const char *);

        if (!is_plain(string)) {
            return NULL;
        }
        json = apr_pstrcat(pool, json, i ? ",\"" : "\"", string, "\"", NULL);
    }
    return apr_pstrcat(pool, json, "]", NULL);
}

/* Of many strings each would be copied many times. */
#define PLAIN_MAX 8

const char *uk_json_write_strings(apr_pool_t *pool,
                                  const apr_array_header_t *strings)
{
    const char *json =
        strings->nelts <= PLAIN_MAX ? write_plain(pool, strings) : NULL;

    return json ? json : uk_json_dump(pool, uk_json_from_strings(strings));
}

const char *uk_json_write_keys(apr_pool_t *pool, const apr_array_header_t *keys,
                               uk_instant_t now)
{
    return uk_json_dump(pool, uk_json_from_keys(keys, now));
}

const char *uk_json_write_keys_of_teams(apr_pool_t *pool,
                                        const apr_array_header_t *keys,
                                        uk_instant_t now)
{
    json_t *array = uk_json_from_keys(keys, now);
    json_t *object;
    size_t i;

    json_array_foreach(array, i, object) {
        json_object_set_new(
            object, "team",
            uk_json_string(APR_ARRAY_IDX(keys, i, const uk_key_t *)->team));
    }
    return uk_json_dump(pool, array);
}

const char *uk_json_write_teams(apr_pool_t *pool,
                                const apr_array_header_t *teams)
{
    json_t *array = json_array();
    int i;

    for (i = 0; i < teams->nelts; i++) {
        const uk_team_t *team = APR_ARRAY_IDX(teams, i, const uk_team_t *);

        json_array_append_new(
            array, json_pack("{s:o, s:o, s:I}", "id", uk_json_string(team->id),
                             "name", uk_json_string(team->name), "createdAt",
                             (json_int_t)team->created_at));
    }
    return uk_json_dump(pool, array);
}

const char *uk_json_write_members(apr_pool_t *pool,
                                  const apr_array_header_t *members)
{
    json_t *array = json_array();
    int i;

    for (i = 0; i < members->nelts; i++) {
        const uk_member_t *member =
            APR_ARRAY_IDX(members, i, const uk_member_t *);

        json_array_append_new(
            array, json_pack("{s:o, s:s}", "user", uk_json_string(member->user),
                             "role", uk_role_name(member->role)));
    }
    return uk_json_dump(pool, array);
}

const char *uk_json_write_scopes(apr_pool_t *pool,
                                 const uk_catalogue_t *catalogue)
{
    return uk_json_dump(pool, uk_json_from_catalogue(catalogue));
}
