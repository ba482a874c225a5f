/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked of a key, as lines: what is accepted keeps the rules, is accepted
 * once more as it is stored, and a change of it is judged alike.
 *
 * Two numbers, the rules, and then lines: the first is the name, the second the
 * expiry; one that begins with "@" is an address, any other a scope.
 *
 * About: core/key_spec.c
 * Options: -max_len=600 */
#include <apr_strings.h>
#include <string.h>

#include "core/key_spec.h"
#include "core/networks.h"
#include "fuzz.h"

static const uk_catalogue_t *catalogue;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    fuzz_pool();
    catalogue = uk_catalogue_create(fuzz_pool());
    fuzz_keep();
    return 0;
}

static uk_key_rules_t take_rules(fuzz_input_t *input)
{
    unsigned maximum = fuzz_take_byte(input), preset = fuzz_take_byte(input);

    return (uk_key_rules_t){
        .catalogue = catalogue,
        .now = (uk_instant_t)(fuzz_take_number(input) % 4102444800000),
        .lifetimes = {(int)maximum, (int)preset % ((int)maximum + 1)},
        .maker_expires_at =
            (uk_instant_t)(fuzz_take_number(input) % 4102444800000)};
}

static uk_key_spec_t take_spec(fuzz_input_t *input)
{
    apr_array_header_t *scopes = apr_array_make(fuzz_pool(), 4, sizeof(char *));
    apr_array_header_t *addresses =
        apr_array_make(fuzz_pool(), 4, sizeof(char *));
    const char *name = fuzz_take_string(input, '\n');
    const char *expires = fuzz_take_string(input, '\n');

    while (input->left) {
        const char *line = fuzz_take_string(input, '\n');
        int is_address = *line == '@';

        APR_ARRAY_PUSH(is_address ? addresses : scopes, const char *) =
            line + is_address;
    }
    return (uk_key_spec_t){.sent = UK_SPEC_NAME | UK_SPEC_SCOPES
                                   | UK_SPEC_EXPIRY | UK_SPEC_ADDRESSES,
                           .name = *name == '-' ? NULL : name,
                           .scopes = scopes,
                           .expires = *expires ? expires : NULL,
                           .addresses = addresses};
}

static int each_once(const apr_array_header_t *strings)
{
    int i, j;

    for (i = 0; strings && i < strings->nelts; i++) {
        for (j = 0; j < i; j++) {
            if (strcmp(APR_ARRAY_IDX(strings, i, const char *),
                       APR_ARRAY_IDX(strings, j, const char *))
                == 0) {
                return 0;
            }
        }
    }
    return 1;
}

static void expect_key(const uk_key_rules_t *rules, const uk_key_spec_t *spec,
                       const uk_key_t *key)
{
    int i;

    FUZZ_EXPECT(uk_key_name_is_valid(key->name)
                    && strstr(spec->name, key->name),
                "a key has another name");
    FUZZ_EXPECT(key->scopes->nelts > 0 && each_once(key->scopes),
                "a key has no scope, or one twice");
    for (i = 0; i < key->scopes->nelts; i++) {
        const char *name = APR_ARRAY_IDX(key->scopes, i, const char *);

        FUZZ_EXPECT(uk_catalogue_find(rules->catalogue, name) >= 0
                        && uk_strings_contain(spec->scopes, name),
                    "a key has a scope that was not asked for");
    }
    for (i = 0; i < spec->scopes->nelts; i++) {
        FUZZ_EXPECT(
            uk_strings_contain(key->scopes,
                               APR_ARRAY_IDX(spec->scopes, i, const char *)),
            "a key lacks a scope");
    }
    FUZZ_EXPECT(
        (key->addresses != NULL) == (spec->addresses->nelts > 0)
            && each_once(key->addresses)
            && (!key->addresses || key->addresses->nelts <= UK_NETWORKS_MAX),
        "a key has too many addresses, or none that were asked for");
}

static void expect_expiry(const uk_key_rules_t *rules,
                          const uk_key_spec_t *spec, uk_instant_t expires_at)
{
    FUZZ_EXPECT(!spec->expires || expires_at > rules->now,
                "a key has expired, or never does");
    FUZZ_EXPECT(!rules->lifetimes.maximum
                    || (expires_at != UK_INSTANT_NONE
                        && expires_at <= (rules->now / UK_DAY_MS
                                          + rules->lifetimes.maximum + 1)
                                             * UK_DAY_MS),
                "a key lives for too long");
    FUZZ_EXPECT(spec->expires || !rules->lifetimes.preset
                    || rules->maker_expires_at == UK_INSTANT_NONE
                    || expires_at <= rules->maker_expires_at,
                "a key outlives the one that made it");
}

static uk_key_spec_t spec_of(const uk_key_t *key)
{
    char expires[UK_INSTANT_STRING_LEN + 1];

    uk_instant_format(key->expires_at, expires);
    return (uk_key_spec_t){.sent = UK_SPEC_NAME | UK_SPEC_SCOPES
                                   | UK_SPEC_EXPIRY | UK_SPEC_ADDRESSES,
                           .name = key->name,
                           .scopes = key->scopes,
                           .expires =
                               key->expires_at == UK_INSTANT_NONE
                                   ? NULL
                                   : fuzz_string(expires, sizeof(expires)),
                           .addresses = key->addresses};
}

/* The same once more, as a new key and as a change. */
static void try_again(const uk_key_rules_t *rules, const uk_key_t *key)
{
    const uk_key_spec_t spec = spec_of(key);
    uk_key_t again, changed;
    apr_array_header_t *errors;

    if (key->expires_at != UK_INSTANT_NONE && key->expires_at <= rules->now) {
        return;
    }
    uk_key_spec_validate(fuzz_pool(), rules, &spec, &again, &errors);
    FUZZ_EXPECT(!errors->nelts, "what was accepted is refused");
    memset(&changed, 0, sizeof(changed));
    uk_key_change_validate(fuzz_pool(), rules, &spec, &changed, &errors);
    FUZZ_EXPECT(!errors->nelts, "what a key is, it cannot become");
    FUZZ_EXPECT(again.expires_at == key->expires_at
                    && changed.expires_at == key->expires_at
                    && strcmp(again.name, key->name) == 0
                    && strcmp(changed.name, key->name) == 0,
                "a name or an expiry became another one");
    FUZZ_EXPECT(fuzz_same_strings(again.scopes, key->scopes)
                    && fuzz_same_strings(changed.scopes, key->scopes)
                    && fuzz_same_strings(again.addresses, key->addresses)
                    && fuzz_same_strings(changed.addresses, key->addresses),
                "scopes or addresses became others");
}

/* Disabled by hand, and enabled. Nothing else changes. */
static void try_disabled(const uk_key_rules_t *rules, const uk_key_t *key)
{
    uk_key_spec_t spec = {.sent = UK_SPEC_DISABLED, .disabled = 1};
    uk_key_t changed = *key;
    apr_array_header_t *errors;

    uk_key_change_validate(fuzz_pool(), rules, &spec, &changed, &errors);
    FUZZ_EXPECT(!errors->nelts && changed.disabled_at == rules->now
                    && strcmp(changed.disabled_reason, UK_DISABLED_MANUALLY)
                           == 0,
                "a key was not disabled");
    spec.disabled = 0;
    uk_key_change_validate(fuzz_pool(), rules, &spec, &changed, &errors);
    FUZZ_EXPECT(!errors->nelts && memcmp(&changed, key, sizeof(*key)) == 0,
                "a key that was enabled is not as it was");
}

static void expect_errors(const uk_key_spec_t *spec,
                          const apr_array_header_t *errors)
{
    int i;

    for (i = 0; i < errors->nelts; i++) {
        const uk_field_error_t *error =
            &APR_ARRAY_IDX(errors, i, uk_field_error_t);
        const char *number = strchr(error->pointer + 1, '/');

        FUZZ_EXPECT(*error->code && *error->message, "an error says nothing");
        FUZZ_EXPECT(!number
                        || apr_atoi64(number + 1)
                               < (error->pointer[1] == 's'
                                      ? spec->scopes->nelts
                                      : spec->addresses->nelts),
                    "an error points to nothing");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input_t input = {data, size};
    const uk_key_rules_t rules = take_rules(&input);
    const uk_key_spec_t spec = take_spec(&input);
    apr_array_header_t *errors;
    uk_key_t key;

    uk_key_spec_validate(fuzz_pool(), &rules, &spec, &key, &errors);
    expect_errors(&spec, errors);
    if (!errors->nelts) {
        expect_key(&rules, &spec, &key);
        expect_expiry(&rules, &spec, key.expires_at);
        try_again(&rules, &key);
        try_disabled(&rules, &key);
    }
    fuzz_clear();
    return 0;
}
