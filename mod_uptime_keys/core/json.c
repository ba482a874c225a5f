/* SPDX-License-Identifier: Apache-2.0 */
/* JSON documents in and out, as texts. */
#include "core/json.h"

#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#include "core/json_values.h"
#include "core/keyid.h"
#include "core/secret.h"
#include "core/team.h"
#include "core/token.h"

apr_array_header_t *uk_json_read_strings(apr_pool_t *pool, const char *text)
{
    json_t *array = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    apr_array_header_t *names = uk_json_to_strings(pool, array);

    json_decref(array);
    return names;
}

const char *uk_json_write_strings(apr_pool_t *pool,
                                  const apr_array_header_t *names)
{
    return uk_json_dump(pool, uk_json_from_strings(names));
}

const char *uk_json_write_keys(apr_pool_t *pool, const apr_array_header_t *keys)
{
    return uk_json_dump(pool, uk_json_from_keys(keys));
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

static json_t *object_of_error(const uk_field_error_t *error)
{
    return json_pack("{s:s, s:s, s:s}", "pointer", error->pointer, "code",
                     error->code, "message", error->message);
}

static json_t *array_of_errors(const apr_array_header_t *errors)
{
    json_t *array = json_array();
    int i;

    for (i = 0; i < errors->nelts; i++) {
        json_array_append_new(array, object_of_error(&APR_ARRAY_IDX(
                                         errors, i, uk_field_error_t)));
    }
    return array;
}

const char *uk_json_write_problem(apr_pool_t *pool,
                                  const uk_json_problem_t *problem)
{
    json_t *object = json_pack(
        "{s:o, s:o, s:i, s:o, s:o}", "type", uk_json_string(problem->type),
        "title", uk_json_string(problem->title), "status", problem->status,
        "detail", uk_json_string(problem->detail), "instance",
        uk_json_string(problem->instance));

    if (problem->errors) {
        json_object_set_new(object, "errors", array_of_errors(problem->errors));
    }
    return uk_json_dump(pool, object);
}

/* A member that must be a string; NULL where it is not. */
static const char *string_of(apr_pool_t *pool, const json_t *object,
                             const char *name)
{
    return apr_pstrdup(pool, json_string_value(json_object_get(object, name)));
}

/* A time that may be missing or null. */
static int read_instant(const json_t *object, const char *name,
                        uk_instant_t *instant)
{
    const json_t *value = json_object_get(object, name);

    *instant = json_integer_value(value);
    return !value || json_is_null(value) || *instant > 0 ? 0 : -1;
}

static const char *check_scopes(const apr_array_header_t *scopes)
{
    apr_size_t written = 1;
    int i;

    if (!scopes || scopes->nelts == 0) {
        return "scopes must be an array of at least one string";
    }
    for (i = 0; i < scopes->nelts; i++) {
        const char *name = APR_ARRAY_IDX(scopes, i, const char *);

        if (!uk_scope_name_is_valid(name)) {
            return "scopes must look like monitors:read";
        }
        written += strlen(name) + strlen("\"\",");
    }
    return written > UK_KEY_SCOPES_MAX ? "scopes take more than 4000 bytes"
                                       : NULL;
}

static const char *check_prefix(const char *prefix)
{
    char read[UK_TOKEN_PREFIX_LEN + 1];

    if (!prefix || strlen(prefix) != UK_TOKEN_PREFIX_LEN) {
        return "keyPrefix must be the first 15 characters of the key";
    }
    uk_token_prefix(prefix, UK_TOKEN_PREFIX_LEN, read);
    return strcmp(prefix, read) == 0 ? NULL
                                     : "keyPrefix must be uptime_ and 8 "
                                       "lower-case hexadecimal digits";
}

#define BAD_INSTANT                                                            \
    "createdAt, expiresAt and lastUsedAt must be milliseconds since 1970, "    \
    "or null"
#define BAD_ID "id must look like key_01h455vb4pex5vsknk084sn02q"

/* NULL, or what is wrong with what a line says. */
static const char *check_import(const uk_json_import_t *import)
{
    const uk_key_t *key = &import->key;
    const char *problem = check_scopes(key->scopes);

    if (problem) {
        return problem;
    }
    if (key->created_at > UK_INSTANT_MAX || key->expires_at > UK_INSTANT_MAX
        || key->last_used_at > UK_INSTANT_MAX) {
        return BAD_INSTANT;
    }
    if (!key->team || !uk_team_id_is_valid(key->team)) {
        return "team must be a short lower-case name, like acme";
    }
    if (!key->name || !uk_key_name_is_valid(key->name)) {
        return "name must have 1 to 255 characters, "
               "none of them a control character";
    }
    if (!import->hash || !uk_secret_is_hash(import->hash)) {
        return "keyHash must be the 64 lower-case hexadecimal digits of the "
               "key's SHA-256";
    }
    if (key->id && !uk_keyid_is_valid(key->id)) {
        return BAD_ID;
    }
    return check_prefix(key->prefix);
}

static const char *read_members(apr_pool_t *pool, const json_t *object,
                                uk_json_import_t *import)
{
    const json_t *id = json_object_get(object, "id");
    uk_key_t *key = &import->key;

    key->team = string_of(pool, object, "team");
    key->name = string_of(pool, object, "name");
    key->id = string_of(pool, object, "id");
    key->prefix = string_of(pool, object, "keyPrefix");
    import->hash = string_of(pool, object, "keyHash");
    key->scopes = uk_json_to_strings(pool, json_object_get(object, "scopes"));
    if (id && !json_is_null(id) && !key->id) {
        return BAD_ID;
    }
    if (read_instant(object, "createdAt", &key->created_at)
        || read_instant(object, "expiresAt", &key->expires_at)
        || read_instant(object, "lastUsedAt", &key->last_used_at)) {
        return BAD_INSTANT;
    }
    return check_import(import);
}

static const char *read_document(apr_pool_t *pool, const char *line, size_t len,
                                 uk_json_import_t *import)
{
    json_error_t where;
    json_t *object = json_loadb(line, len, JSON_REJECT_DUPLICATES, &where);
    const char *problem;

    if (!object) {
        return apr_psprintf(pool, "not JSON: %s at column %d", where.text,
                            where.column);
    }
    problem = json_is_object(object) ? read_members(pool, object, import)
                                     : "not a JSON object";
    json_decref(object);
    return problem;
}

int uk_json_read_import(apr_pool_t *pool, const char *line, size_t len,
                        uk_json_import_t *import, const char **error)
{
    memset(import, 0, sizeof(*import));
    if (len > UK_JSON_LINE_MAX) {
        *error = "longer than 65536 bytes";
    }
    else {
        *error = read_document(pool, line, len, import);
    }
    return *error ? -1 : 0;
}
