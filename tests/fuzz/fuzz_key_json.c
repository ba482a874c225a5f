/* SPDX-License-Identifier: Apache-2.0 */
/* A key, a team and a member with any strings, as other programs may have written
 * them into the database: what is shown of them is JSON and has these values.
 *
 * About: core/json_values.c core/key.c
 * Options: -max_len=300 */
#include <jansson.h>
#include <string.h>

#include "core/json.h"
#include "core/json_values.h"
#include "core/team.h"
#include "fuzz.h"

static json_t *only_item(const char *json)
{
    json_t *array = json_loads(json, JSON_REJECT_DUPLICATES, NULL);

    FUZZ_EXPECT(json_is_array(array) && json_array_size(array) == 1,
                "this is no JSON array of one");
    return array;
}

/* A string that is not UTF-8 is null. */
static void expect_string(const json_t *object, const char *member,
                          const char *string)
{
    const json_t *value = json_object_get(object, member);
    json_t *valid = string ? json_string(string) : NULL;

    FUZZ_EXPECT(value && json_is_string(value) == (valid != NULL)
                    && (valid || json_is_null(value)),
                "a member is missing, or of another kind");
    FUZZ_EXPECT(!valid || strcmp(json_string_value(value), string) == 0,
                "another string");
    json_decref(valid);
}

static void expect_instant(const json_t *object, const char *member,
                           uk_instant_t instant, int is_optional)
{
    const json_t *value = json_object_get(object, member);

    FUZZ_EXPECT(is_optional && !instant
                    ? json_is_null(value)
                    : json_is_integer(value)
                          && json_integer_value(value) == instant,
                "another instant");
}

/* Fields without a value are left out, but for lastUsedAt and expiresAt: null. */
static void expect_key_json(const json_t *object, const uk_key_t *key,
                            uk_instant_t now)
{
    const json_t *previous = json_object_get(object, "previous");

    expect_string(object, "id", key->id);
    expect_string(object, "name", key->name);
    expect_string(object, "keyPrefix", key->prefix);
    expect_instant(object, "createdAt", key->created_at, 0);
    expect_instant(object, "lastUsedAt", key->last_used_at, 1);
    expect_instant(object, "expiresAt", key->expires_at, 1);
    FUZZ_EXPECT((json_object_get(object, "disabledAt") != NULL)
                        == (key->disabled_at != UK_INSTANT_NONE)
                    && (json_object_get(object, "addresses") != NULL)
                           == (key->addresses != NULL),
                "a member is shown without a value, or not with one");
    FUZZ_EXPECT((previous != NULL)
                    == (key->previous_prefix
                        && (key->previous_ends_at > now
                            && (!key->expires_at || key->expires_at > now))),
                "a secret that has ended is shown, or not one that works");
    if (previous) {
        expect_string(previous, "keyPrefix", key->previous_prefix);
        expect_instant(previous, "lastUsedAt", key->previous_used_at, 1);
    }
}

static void try_key(fuzz_input_t input)
{
    unsigned flags = fuzz_take_byte(&input);
    uk_instant_t now = (uk_instant_t)fuzz_take_byte(&input);
    uk_key_t key = {.created_at = fuzz_take_byte(&input),
                    .last_used_at = fuzz_take_byte(&input),
                    .expires_at = fuzz_take_byte(&input),
                    .disabled_at = fuzz_take_byte(&input) % 2,
                    .previous_ends_at = fuzz_take_byte(&input),
                    .previous_used_at = fuzz_take_byte(&input)};
    apr_array_header_t *keys = apr_array_make(fuzz_pool(), 1, sizeof(&key));
    apr_array_header_t *strings =
        apr_array_make(fuzz_pool(), 1, sizeof(char *));
    json_t *array;

    key.id = fuzz_take_string(&input, '\n');
    key.team = fuzz_take_string(&input, '\n');
    key.name = fuzz_take_string(&input, '\n');
    key.prefix = fuzz_take_string(&input, '\n');
    APR_ARRAY_PUSH(strings, const char *) = fuzz_take_string(&input, '\n');
    key.scopes = strings;
    key.addresses = flags & 1 ? strings : NULL;
    key.disabled_reason = flags & 2 ? key.name : NULL;
    key.previous_prefix = flags & 4 ? fuzz_take_string(&input, '\n') : NULL;
    APR_ARRAY_PUSH(keys, const uk_key_t *) = &key;
    array = only_item(uk_json_write_keys_of_teams(fuzz_pool(), keys, now));
    expect_key_json(json_array_get(array, 0), &key, now);
    expect_string(json_array_get(array, 0), "team", key.team);
    json_decref(array);
}

static void try_others(fuzz_input_t input)
{
    const uk_team_t team = {fuzz_take_string(&input, '\n'),
                            fuzz_take_string(&input, '\n'), 7};
    const uk_member_t member = {team.id, team.name,
                                (uk_role_e)(fuzz_take_byte(&input) % 4)};
    apr_array_header_t *all = apr_array_make(fuzz_pool(), 1, sizeof(&team));
    json_t *array;

    APR_ARRAY_PUSH(all, const uk_team_t *) = &team;
    array = only_item(uk_json_write_teams(fuzz_pool(), all));
    expect_string(json_array_get(array, 0), "id", team.id);
    expect_string(json_array_get(array, 0), "name", team.name);
    json_decref(array);
    APR_ARRAY_IDX(all, 0, const uk_member_t *) = &member;
    array = only_item(uk_json_write_members(fuzz_pool(), all));
    expect_string(json_array_get(array, 0), "user", member.user);
    expect_string(json_array_get(array, 0), "role", uk_role_name(member.role));
    json_decref(array);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    try_key((fuzz_input_t){data, size});
    try_others((fuzz_input_t){data, size});
    fuzz_clear();
    return 0;
}
