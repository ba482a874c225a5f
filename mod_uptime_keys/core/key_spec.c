/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked of a key, new or changed, and its validation. */
#include "core/key_spec.h"

#include <apr_strings.h>
#include <string.h>
#include <unictype.h>
#include <unistr.h>

#include "core/networks.h"

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

void uk_field_error_add(apr_array_header_t *errors, const char *pointer,
                        const char *code, const char *message)
{
    APR_ARRAY_PUSH(errors, uk_field_error_t) =
        (uk_field_error_t){pointer, code, message};
}

static int is_blank(ucs4_t c)
{
    return uc_is_property_white_space(c) || c == 0x200b || c == 0xfeff;
}

const char *uk_key_name_trim(apr_pool_t *pool, const char *name)
{
    const uint8_t *start = (const uint8_t *)name, *next;
    const uint8_t *end = start + strlen(name);
    ucs4_t c;

    if (u8_check(start, (size_t)(end - start))) {
        return name;
    }
    while ((next = u8_next(&c, start)) && is_blank(c)) {
        start = next;
    }
    while ((next = u8_prev(&c, end, start)) && is_blank(c)) {
        end = next;
    }
    return apr_pstrmemdup(pool, (const char *)start, (apr_size_t)(end - start));
}

static const char *check_name(apr_pool_t *pool, const char *name,
                              apr_array_header_t *errors)
{
    const char *trimmed = name ? uk_key_name_trim(pool, name) : NULL;

    if (!trimmed) {
        uk_field_error_add(errors, "/name", "required", "a key needs a name");
    }
    else if (!uk_key_name_is_valid(trimmed)) {
        uk_field_error_add(
            errors, "/name", "invalid-name",
            "a name has 1 to 255 characters, white space at both ends not "
            "counted, and no control characters");
    }
    return trimmed;
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
        uk_field_error_add(errors, "/scopes", "required",
                           "a key needs at least one scope");
        return names;
    }
    for (i = 0; i < requested->nelts; i++) {
        const char *name = APR_ARRAY_IDX(requested, i, const char *);
        int index = uk_catalogue_find(catalogue, name);

        if (index < 0) {
            uk_field_error_add(errors, apr_psprintf(pool, "/scopes/%d", i),
                               "unknown-scope",
                               unknown_scope(pool, catalogue, name));
        }
        else if (!uk_strings_contain(names, name)) {
            name = uk_catalogue_get(catalogue, index)->name;
            APR_ARRAY_PUSH(names, const char *) = name;
            json_len += strlen(name) + strlen("\"\",");
        }
    }
    if (json_len > UK_KEY_SCOPES_MAX) {
        uk_field_error_add(errors, "/scopes", "too-many-scopes",
                           "these are more scopes than one key can hold");
    }
    return names;
}

static const char *date_of(apr_pool_t *pool, uk_instant_t instant)
{
    char string[UK_INSTANT_STRING_LEN + 1];

    uk_instant_format(instant, string);
    return apr_pstrdup(pool, string);
}

/* The limit of lifetimes applies to what is asked for, not to what is there. */
static void check_lifetime(apr_pool_t *pool, const uk_key_rules_t *rules,
                           uk_instant_t expires_at, apr_array_header_t *errors)
{
    const uk_lifetimes_t *lifetimes = &rules->lifetimes;

    if (uk_lifetime_is_too_long(lifetimes, rules->now, expires_at)) {
        uk_field_error_add(
            errors, "/expiresAt", "lifetime-exceeded",
            apr_psprintf(pool, "a key lives at most %d days here: until %s",
                         lifetimes->maximum,
                         date_of(pool, uk_lifetime_end(rules->now,
                                                       lifetimes->maximum))));
    }
}

static uk_instant_t check_expiry(apr_pool_t *pool, const uk_key_rules_t *rules,
                                 const char *expires,
                                 apr_array_header_t *errors)
{
    uk_instant_t instant = UK_INSTANT_NONE;

    if (expires && uk_instant_parse(expires, &instant) != 0) {
        uk_field_error_add(
            errors, "/expiresAt", UK_CODE_NOT_A_DATE,
            "an expiry is an RFC 3339 date and time with its offset, "
            "like 2030-12-31T23:59:59Z");
    }
    else if (expires && instant <= rules->now) {
        uk_field_error_add(errors, "/expiresAt", "not-in-future",
                           "an expiry lies in the future");
    }
    else {
        check_lifetime(pool, rules, instant, errors);
    }
    return instant;
}

/* The expiry of a new key for which none is asked: the end of the default
 * lifetime, or that of the key that makes it if that is sooner. */
static uk_instant_t preset_expiry(const uk_key_rules_t *rules)
{
    uk_instant_t maker = rules->maker_expires_at;
    uk_instant_t end;

    if (!rules->lifetimes.preset) {
        return maker;
    }
    end = uk_lifetime_end(rules->now, rules->lifetimes.preset);
    return maker != UK_INSTANT_NONE && maker < end ? maker : end;
}

static uk_instant_t check_new_expiry(apr_pool_t *pool,
                                     const uk_key_rules_t *rules,
                                     const char *expires,
                                     apr_array_header_t *errors)
{
    uk_instant_t preset;

    if (expires) {
        return check_expiry(pool, rules, expires, errors);
    }
    preset = preset_expiry(rules);
    check_lifetime(pool, rules, preset, errors);
    return preset;
}

/* @return NULL, or why the address was refused */
static const char *add_address(apr_array_header_t *addresses, const char *text)
{
    const char *canonical;
    const char *problem = uk_network_parse(addresses->pool, text, &canonical);

    if (!problem && !uk_strings_contain(addresses, canonical)) {
        APR_ARRAY_PUSH(addresses, const char *) = canonical;
    }
    return problem;
}

const apr_array_header_t *uk_key_addresses(apr_pool_t *pool,
                                           const apr_array_header_t *requested,
                                           apr_array_header_t *errors)
{
    apr_array_header_t *addresses;
    int i;

    if (!requested || requested->nelts == 0) {
        return NULL;
    }
    if (requested->nelts > UK_NETWORKS_MAX) {
        uk_field_error_add(errors, "/addresses", "too-many-addresses",
                           apr_psprintf(pool, "a key has at most %d addresses",
                                        UK_NETWORKS_MAX));
        return NULL;
    }
    addresses = apr_array_make(pool, requested->nelts, sizeof(char *));
    for (i = 0; i < requested->nelts; i++) {
        const char *problem =
            add_address(addresses, APR_ARRAY_IDX(requested, i, const char *));

        if (problem) {
            uk_field_error_add(errors, apr_psprintf(pool, "/addresses/%d", i),
                               "invalid-address", problem);
        }
    }
    return addresses;
}

void uk_key_spec_validate(apr_pool_t *pool, const uk_key_rules_t *rules,
                          const uk_key_spec_t *spec, uk_key_t *key,
                          apr_array_header_t **errors)
{
    *errors = apr_array_make(pool, 1, sizeof(uk_field_error_t));
    memset(key, 0, sizeof(*key));
    key->name = check_name(pool, spec->name, *errors);
    key->scopes = check_scopes(pool, rules->catalogue, spec->scopes, *errors);
    key->expires_at = check_new_expiry(pool, rules, spec->expires, *errors);
    key->addresses = uk_key_addresses(pool, spec->addresses, *errors);
}

static void change_disabled(const uk_key_rules_t *rules, int disabled,
                            uk_key_t *key)
{
    if (!disabled) {
        key->disabled_at = UK_INSTANT_NONE;
        key->disabled_reason = NULL;
    }
    else if (key->disabled_at == UK_INSTANT_NONE) {
        key->disabled_at = rules->now;
        key->disabled_reason = UK_DISABLED_MANUALLY;
    }
}

void uk_key_change_validate(apr_pool_t *pool, const uk_key_rules_t *rules,
                            const uk_key_spec_t *spec, uk_key_t *key,
                            apr_array_header_t **errors)
{
    *errors = apr_array_make(pool, 1, sizeof(uk_field_error_t));
    if (spec->sent & UK_SPEC_NAME) {
        key->name = check_name(pool, spec->name, *errors);
    }
    if (spec->sent & UK_SPEC_SCOPES) {
        key->scopes =
            check_scopes(pool, rules->catalogue, spec->scopes, *errors);
    }
    if (spec->sent & UK_SPEC_EXPIRY) {
        key->expires_at = check_expiry(pool, rules, spec->expires, *errors);
    }
    if (spec->sent & UK_SPEC_ADDRESSES) {
        key->addresses = uk_key_addresses(pool, spec->addresses, *errors);
    }
    if (spec->sent & UK_SPEC_DISABLED) {
        change_disabled(rules, spec->disabled, key);
    }
}
