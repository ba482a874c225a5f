/* SPDX-License-Identifier: Apache-2.0 */
/* The record of a key, and the validation of a spec for a new one. */
#include "core/key.h"

#include <apr_strings.h>
#include <stddef.h>
#include <string.h>
#include <unictype.h>
#include <unistr.h>

#define FIELD_ROW(field, kind, column, member, is_shown)                       \
    {UK_KIND_##kind, member, is_shown, offsetof(uk_key_t, field)},

const uk_key_field_t uk_key_fields[UK_KEY_FIELD_COUNT] = {
    UK_KEY_FIELDS(FIELD_ROW, FIELD_ROW)};

int uk_key_name_is_valid(const char *name)
{
    const uint8_t *rest = (const uint8_t *)name;
    size_t characters;
    ucs4_t c;

    if (u8_check(rest, strlen(name))) {
        return 0;
    }
    for (characters = 0; (rest = u8_next(&c, rest)) != NULL; characters++) {
        if (uc_is_general_category(c, UC_CONTROL)) {
            return 0;
        }
    }
    return characters >= 1 && characters <= UK_KEY_NAME_MAX;
}

static void add_error(apr_array_header_t *errors, const char *pointer,
                      const char *code, const char *message)
{
    APR_ARRAY_PUSH(errors, uk_field_error_t) =
        (uk_field_error_t){pointer, code, message};
}

static void check_name(const char *name, apr_array_header_t *errors)
{
    if (!name) {
        add_error(errors, "/name", "required", "a key needs a name");
    }
    else if (!uk_key_name_is_valid(name)) {
        add_error(errors, "/name", "invalid-name",
                  "a name has 1 to 255 characters and no control characters");
    }
}

static const char *unknown_scope(apr_pool_t *pool,
                                 const uk_catalogue_t *catalogue,
                                 const char *name)
{
    const char *nearest = uk_catalogue_nearest(catalogue, name);

    return nearest
               ? apr_psprintf(pool, "no such scope; did you mean %s?", nearest)
               : "no such scope";
}

/* @return the names that the catalogue knows, each once */
static apr_array_header_t *check_scopes(apr_pool_t *pool,
                                        const uk_catalogue_t *catalogue,
                                        const apr_array_header_t *requested,
                                        apr_array_header_t *errors)
{
    apr_array_header_t *names = apr_array_make(pool, 8, sizeof(char *));
    apr_size_t json_len = 1;
    int i;

    if (!requested || requested->nelts == 0) {
        add_error(errors, "/scopes", "required",
                  "a key needs at least one scope");
        return names;
    }
    for (i = 0; i < requested->nelts; i++) {
        const char *name = APR_ARRAY_IDX(requested, i, const char *);
        int index = uk_catalogue_find(catalogue, name);

        if (index < 0) {
            add_error(errors, apr_psprintf(pool, "/scopes/%d", i),
                      "unknown-scope", unknown_scope(pool, catalogue, name));
        }
        else if (!uk_strings_contain(names, name)) {
            name = uk_catalogue_get(catalogue, index)->name;
            APR_ARRAY_PUSH(names, const char *) = name;
            json_len += strlen(name) + strlen("\"\",");
        }
    }
    if (json_len > UK_KEY_SCOPES_MAX) {
        add_error(errors, "/scopes", "too-many-scopes",
                  "these are more scopes than one key can hold");
    }
    return names;
}

static uk_instant_t check_expiry(const char *expires, uk_instant_t now,
                                 apr_array_header_t *errors)
{
    uk_instant_t instant = UK_INSTANT_NONE;

    if (!expires) {
        return UK_INSTANT_NONE;
    }
    if (uk_instant_parse(expires, &instant) != 0) {
        add_error(errors, "/expiresAt", "invalid-date-time",
                  "an expiry is an RFC 3339 date and time with its offset, "
                  "like 2030-12-31T23:59:59Z");
    }
    else if (instant <= now) {
        add_error(errors, "/expiresAt", "not-in-future",
                  "an expiry lies in the future");
    }
    return instant;
}

void uk_key_spec_validate(apr_pool_t *pool, const uk_catalogue_t *catalogue,
                          const uk_key_spec_t *spec, uk_instant_t now,
                          uk_key_t *key, apr_array_header_t **errors)
{
    *errors = apr_array_make(pool, 1, sizeof(uk_field_error_t));
    memset(key, 0, sizeof(*key));
    check_name(spec->name, *errors);
    key->name = spec->name;
    key->scopes = check_scopes(pool, catalogue, spec->scopes, *errors);
    key->expires_at = check_expiry(spec->expires, now, *errors);
}
