/* SPDX-License-Identifier: Apache-2.0 */
/* One line of an import: read from JSON, and validated. */
#include "store/import_line.h"

#include <apr_strings.h>
#include <string.h>

#include "core/json_values.h"
#include "core/key_spec.h"
#include "core/keyid.h"
#include "core/secret.h"
#include "core/team.h"
#include "core/token.h"

/* @return the value of a member; NULL if it is missing or not a string */
static const char *string_member(apr_pool_t *pool, const json_t *object,
                                 const char *name)
{
    return apr_pstrdup(pool, json_string_value(json_object_get(object, name)));
}

/* Read an instant that may be missing or null. @return 0, or -1 if it is not a
 * positive integer */
static int read_instant_member(const json_t *object, const char *name,
                               uk_instant_t *instant)
{
    const json_t *value = json_object_get(object, name);

    *instant = json_integer_value(value);
    return !value || json_is_null(value) || *instant > 0 ? 0 : -1;
}

/* As JSON, the scopes must fit into their column. */
static const char *check_line_scopes(const apr_array_header_t *scopes)
{
    apr_size_t len = 1;
    int i;

    if (!scopes || scopes->nelts == 0) {
        return "scopes must be an array of at least one string";
    }
    for (i = 0; i < scopes->nelts; i++) {
        const char *name = APR_ARRAY_IDX(scopes, i, const char *);

        if (!uk_scope_name_is_valid(name)) {
            return "scopes must look like monitors:read";
        }
        len += strlen(name) + strlen("\"\",");
    }
    return len > UK_KEY_SCOPES_MAX ? "scopes take more than 4000 bytes" : NULL;
}

static const char *check_prefix(const char *prefix)
{
    char valid[UK_TOKEN_PREFIX_LEN + 1];

    if (!prefix || strlen(prefix) != UK_TOKEN_PREFIX_LEN) {
        return "keyPrefix must be the first 15 characters of the key";
    }
    uk_token_prefix(prefix, UK_TOKEN_PREFIX_LEN, valid);
    return strcmp(prefix, valid) == 0 ? NULL
                                      : "keyPrefix must be uptime_ and 8 "
                                        "lower-case hexadecimal digits";
}

#define BAD_INSTANT                                                            \
    "createdAt, expiresAt, lastUsedAt and disabledAt must be milliseconds "    \
    "since 1970, or null"
#define BAD_DISABLED                                                           \
    "disabledReason must be \"manual\" or \"leaked\", with a disabledAt"
#define BAD_ID "id must look like key_01h455vb4pex5vsknk084sn02q"

static int is_disabled_rightly(const uk_key_t *key)
{
    const char *reason = key->disabled_reason;

    return (key->disabled_at == UK_INSTANT_NONE) == !reason
           && (!reason || strcmp(reason, UK_DISABLED_MANUALLY) == 0
               || strcmp(reason, UK_DISABLED_LEAKED) == 0);
}

/* @return NULL, or what is wrong with the values of a line */
static const char *check_line(const uk_import_line_t *import)
{
    const uk_key_t *key = &import->key;
    const char *problem = check_line_scopes(key->scopes);

    if (problem) {
        return problem;
    }
    if (key->created_at > UK_INSTANT_MAX || key->expires_at > UK_INSTANT_MAX
        || key->last_used_at > UK_INSTANT_MAX
        || key->disabled_at > UK_INSTANT_MAX) {
        return BAD_INSTANT;
    }
    if (!key->team || !uk_team_id_is_valid(key->team)) {
        return "team must be a short lower-case name, like acme";
    }
    if (!key->name || !uk_key_name_is_valid(key->name)) {
        return "name must have 1 to 255 characters, white space at both ends "
               "not counted, and no control character";
    }
    if (!import->hash || !uk_secret_is_hash(import->hash)) {
        return "keyHash must be the 64 lower-case hexadecimal digits of the "
               "key's SHA-256";
    }
    if (key->id && !uk_keyid_is_valid(key->id)) {
        return BAD_ID;
    }
    if (!is_disabled_rightly(key)) {
        return BAD_DISABLED;
    }
    return check_prefix(key->prefix);
}

/* As the API takes them. */
static const char *read_networks(apr_pool_t *pool, const json_t *array,
                                 const apr_array_header_t **networks)
{
    apr_array_header_t *errors =
        apr_array_make(pool, 1, sizeof(uk_field_error_t));
    const apr_array_header_t *strings = uk_json_to_strings(pool, array);

    *networks = NULL;
    if (!array || json_is_null(array)) {
        return NULL;
    }
    if (!strings) {
        return "addresses must be an array of strings";
    }
    *networks = uk_key_addresses(pool, strings, errors);
    return errors->nelts ? apr_pstrcat(
               pool, APR_ARRAY_IDX(errors, 0, uk_field_error_t).pointer + 1,
               ": ", APR_ARRAY_IDX(errors, 0, uk_field_error_t).message, NULL)
                         : NULL;
}

/* @return NULL, or what is wrong with the member */
static const char *read_member(apr_pool_t *pool, const json_t *object,
                               const uk_key_field_t *field, uk_key_t *key)
{
    if (field->shown == UK_SHOWN_NOWHERE) {
        return NULL;
    }
    switch (field->kind) {
    case UK_KIND_STRING:
    case UK_KIND_TEXT:
        UK_KEY_AT(const char *, key, field) =
            string_member(pool, object, field->member);
        return NULL;
    case UK_KIND_NETWORKS:
        return read_networks(
            pool, json_object_get(object, field->member),
            &UK_KEY_AT(const apr_array_header_t *, key, field));
    case UK_KIND_SCOPES:
        UK_KEY_AT(const apr_array_header_t *, key, field) =
            uk_json_to_strings(pool, json_object_get(object, field->member));
        return NULL;
    case UK_KIND_INSTANT:
    case UK_KIND_OPTIONAL:
    case UK_KIND_EXPIRY:
        break;
    }
    return read_instant_member(object, field->member,
                               &UK_KEY_AT(uk_instant_t, key, field))
               ? BAD_INSTANT
               : NULL;
}

static const char *read_line_members(apr_pool_t *pool, const json_t *object,
                                     uk_import_line_t *import)
{
    const json_t *id = json_object_get(object, "id");
    const char *problem = NULL;
    int i;

    import->hash = string_member(pool, object, "keyHash");
    import->has_previous = json_is_object(json_object_get(object, "previous"));
    if (id && !json_is_null(id) && !json_is_string(id)) {
        return BAD_ID;
    }
    for (i = 0; i < UK_KEY_FIELD_COUNT && !problem; i++) {
        problem = read_member(pool, object, &uk_key_fields[i], &import->key);
    }
    if (import->key.name) {
        import->key.name = uk_key_name_trim(pool, import->key.name);
    }
    return problem ? problem : check_line(import);
}

static const char *parse_line(apr_pool_t *pool, const char *line, size_t len,
                              uk_import_line_t *import)
{
    json_error_t where;
    json_t *object = json_loadb(line, len, JSON_REJECT_DUPLICATES, &where);
    const char *problem;

    if (!object) {
        return apr_psprintf(pool, "not JSON: %s at column %d", where.text,
                            where.column);
    }
    problem = json_is_object(object) ? read_line_members(pool, object, import)
                                     : "not a JSON object";
    json_decref(object);
    return problem;
}

int uk_import_line_read(apr_pool_t *pool, const char *line, size_t len,
                        uk_import_line_t *import, const char **error)
{
    memset(import, 0, sizeof(*import));
    *error = len > UK_IMPORT_LINE_MAX ? "longer than 65536 bytes"
                                      : parse_line(pool, line, len, import);
    return *error ? -1 : 0;
}
