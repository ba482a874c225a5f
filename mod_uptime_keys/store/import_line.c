/* SPDX-License-Identifier: Apache-2.0 */
/* One line of an import: read from JSON, and validated. */
#include "store/import_line.h"

#include <apr_strings.h>
#include <string.h>

#include "core/json_flat.h"
#include "core/json_values.h"
#include "core/key_spec.h"
#include "core/keyid.h"
#include "core/secret.h"
#include "core/team.h"
#include "core/token.h"

/* A line, whichever way it was read. */
typedef struct {
    apr_pool_t *pool;
    const uk_flat_object_t *flat; /* NULL: see the next one */
    const json_t *object;
} source_t;

static uk_flat_kind_e kind_of(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_NULL:
        return UK_FLAT_NULL;
    case JSON_STRING:
        return UK_FLAT_STRING;
    case JSON_INTEGER:
        return UK_FLAT_INTEGER;
    case JSON_OBJECT:
        return UK_FLAT_OBJECT;
    default:
        return UK_FLAT_OTHER;
    }
}

static uk_flat_value_t value_of(apr_pool_t *pool, const json_t *value)
{
    uk_flat_value_t flat = {UK_FLAT_MISSING, NULL, 0, NULL};

    if (value) {
        flat.kind = kind_of(value);
        flat.string = apr_pstrdup(pool, json_string_value(value));
        flat.integer = json_integer_value(value);
        flat.strings = uk_json_to_strings(pool, value);
    }
    if (flat.strings) {
        flat.kind = UK_FLAT_STRINGS;
    }
    return flat;
}

static uk_flat_value_t find_member(const source_t *source, const char *name)
{
    const uk_flat_object_t *flat = source->flat;
    apr_size_t len = strlen(name);
    int i;

    if (!flat) {
        return value_of(source->pool, json_object_get(source->object, name));
    }
    for (i = 0; i < flat->count; i++) {
        if (flat->members[i].len == len
            && memcmp(flat->members[i].name, name, len) == 0) {
            return flat->members[i].value;
        }
    }
    return (uk_flat_value_t){UK_FLAT_MISSING, NULL, 0, NULL};
}

static int is_missing_or_null(const uk_flat_value_t *value)
{
    return value->kind == UK_FLAT_MISSING || value->kind == UK_FLAT_NULL;
}

/* Read an instant that may be missing or null. @return 0, or -1 if it is not a
 * positive integer */
static int read_line_instant(const uk_flat_value_t *value,
                             uk_instant_t *instant)
{
    *instant = value->integer;
    return is_missing_or_null(value) || *instant > 0 ? 0 : -1;
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
static const char *read_networks(apr_pool_t *pool, const uk_flat_value_t *value,
                                 const apr_array_header_t **networks)
{
    apr_array_header_t *errors =
        apr_array_make(pool, 1, sizeof(uk_field_error_t));

    *networks = NULL;
    if (is_missing_or_null(value)) {
        return NULL;
    }
    if (!value->strings) {
        return "addresses must be an array of strings";
    }
    *networks = uk_key_addresses(pool, value->strings, errors);
    return errors->nelts ? apr_pstrcat(
               pool, APR_ARRAY_IDX(errors, 0, uk_field_error_t).pointer + 1,
               ": ", APR_ARRAY_IDX(errors, 0, uk_field_error_t).message, NULL)
                         : NULL;
}

/* @return NULL, or what is wrong with the member */
static const char *read_member(const source_t *source,
                               const uk_key_field_t *field, uk_key_t *key)
{
    uk_flat_value_t value;

    if (field->shown == UK_SHOWN_NOWHERE) {
        return NULL;
    }
    value = find_member(source, field->member);
    switch (field->kind) {
    case UK_KIND_STRING:
    case UK_KIND_TEXT:
        UK_KEY_AT(const char *, key, field) = value.string;
        return NULL;
    case UK_KIND_NETWORKS:
        return read_networks(
            source->pool, &value,
            &UK_KEY_AT(const apr_array_header_t *, key, field));
    case UK_KIND_SCOPES:
        UK_KEY_AT(const apr_array_header_t *, key, field) = value.strings;
        return NULL;
    case UK_KIND_INSTANT:
    case UK_KIND_OPTIONAL:
    case UK_KIND_EXPIRY:
        break;
    }
    return read_line_instant(&value, &UK_KEY_AT(uk_instant_t, key, field))
               ? BAD_INSTANT
               : NULL;
}

static const char *read_line_members(const source_t *source,
                                     uk_import_line_t *import)
{
    const uk_flat_value_t id = find_member(source, "id");
    const char *problem = NULL;
    int i;

    import->hash = find_member(source, "keyHash").string;
    import->has_previous =
        find_member(source, "previous").kind == UK_FLAT_OBJECT;
    if (!is_missing_or_null(&id) && id.kind != UK_FLAT_STRING) {
        return BAD_ID;
    }
    for (i = 0; i < UK_KEY_FIELD_COUNT && !problem; i++) {
        problem = read_member(source, &uk_key_fields[i], &import->key);
    }
    if (import->key.name) {
        import->key.name = uk_key_name_trim(source->pool, import->key.name);
    }
    return problem ? problem : check_line(import);
}

static const char *parse_line(apr_pool_t *pool, const char *line, size_t len,
                              uk_import_line_t *import)
{
    json_error_t where;
    json_t *object = uk_json_load(line, len, &where);
    const source_t source = {pool, NULL, object};
    const char *problem;

    if (!object) {
        return apr_psprintf(pool, "not JSON: %s at column %d", where.text,
                            where.column);
    }
    problem = json_is_object(object) ? read_line_members(&source, import)
                                     : "not a JSON object";
    json_decref(object);
    return problem;
}

static const char *read_line(apr_pool_t *pool, const char *line, size_t len,
                             uk_import_line_t *import)
{
    uk_flat_object_t flat;
    const source_t source = {pool, &flat, NULL};

    return uk_json_read_flat(pool, line, len, &flat)
               ? read_line_members(&source, import)
               : parse_line(pool, line, len, import);
}

int uk_import_line_read(apr_pool_t *pool, const char *line, size_t len,
                        uk_import_line_t *import, const char **error)
{
    memset(import, 0, sizeof(*import));
    *error = len > UK_IMPORT_LINE_MAX ? "longer than 65536 bytes"
                                      : read_line(pool, line, len, import);
    return *error ? -1 : 0;
}
