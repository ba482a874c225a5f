/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as a line of an import. What is accepted keeps the rules; the same
 * line, written so that the quick reader does not take it, says the same; and
 * what `key list --json` prints of the key is read as the same key.
 *
 * About: store/import_line.c
 * Options: -max_len=1000 */
#include <apr_strings.h>
#include <jansson.h>
#include <string.h>

#include "core/json_values.h"
#include "core/key_spec.h"
#include "core/keyid.h"
#include "core/secret.h"
#include "core/team.h"
#include "store/import_line.h"
#include "fuzz.h"

static int same_string(const char *a, const char *b)
{
    return (!a && !b) || (a && b && strcmp(a, b) == 0);
}

static void expect_same_line(const uk_import_line_t *a,
                             const uk_import_line_t *b)
{
    const uk_key_t *one = &a->key, *other = &b->key;

    FUZZ_EXPECT(same_string(one->id, other->id)
                    && same_string(one->team, other->team)
                    && same_string(one->name, other->name)
                    && same_string(one->prefix, other->prefix)
                    && same_string(one->disabled_reason, other->disabled_reason)
                    && same_string(a->hash, b->hash),
                "a string became another one");
    FUZZ_EXPECT(one->created_at == other->created_at
                    && one->expires_at == other->expires_at
                    && one->last_used_at == other->last_used_at
                    && one->disabled_at == other->disabled_at,
                "an instant became another one");
    FUZZ_EXPECT(fuzz_same_strings(one->scopes, other->scopes)
                    && fuzz_same_strings(one->addresses, other->addresses),
                "scopes or addresses became others");
}

static void expect_rules(const uk_import_line_t *line)
{
    const uk_key_t *key = &line->key;
    int i;

    FUZZ_EXPECT(uk_team_id_is_valid(key->team)
                    && uk_key_name_is_valid(key->name)
                    && uk_secret_is_hash(line->hash)
                    && (!key->id || uk_keyid_is_valid(key->id)),
                "a string that is not allowed");
    FUZZ_EXPECT(key->scopes->nelts >= 1, "a key without scopes");
    for (i = 0; i < key->scopes->nelts; i++) {
        FUZZ_EXPECT(
            uk_scope_name_is_valid(APR_ARRAY_IDX(key->scopes, i, const char *)),
            "a scope that is none");
    }
    FUZZ_EXPECT(key->created_at >= 0 && key->created_at <= UK_INSTANT_MAX
                    && key->expires_at >= 0 && key->expires_at <= UK_INSTANT_MAX
                    && key->disabled_at >= 0
                    && key->disabled_at <= UK_INSTANT_MAX,
                "an instant out of range");
    FUZZ_EXPECT((key->disabled_at != 0) == (key->disabled_reason != NULL),
                "disabled for no reason, or a reason for nothing");
}

static int read_text(const char *text, uk_import_line_t *line)
{
    const char *error;
    int status =
        uk_import_line_read(fuzz_pool(), text, strlen(text), line, &error);

    FUZZ_EXPECT((status == 0) == (error == NULL), "an error, or none");
    return status;
}

/* Solidi are escaped, so each "/" sends it to jansson. */
static void try_slow_way(const char *text, int status,
                         const uk_import_line_t *line)
{
    json_t *object = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    uk_import_line_t again;
    char *dump;

    FUZZ_EXPECT(status || json_is_object(object), "this is no JSON object");
    if (!json_is_object(object)) {
        json_decref(object);
        return;
    }
    json_object_set_new(object, "/", json_string("/"));
    dump = json_dumps(object, JSON_ESCAPE_SLASH | JSON_ENSURE_ASCII);
    /* What is escaped is longer, and may be too long. */
    if (strlen(dump) <= UK_IMPORT_LINE_MAX) {
        FUZZ_EXPECT(read_text(dump, &again) == status,
                    "the two ways of reading disagree");
        if (status == 0) {
            expect_same_line(line, &again);
        }
    }
    free(dump);
    json_decref(object);
}

/* A key that is stored was created some time. */
static void try_round_trip(uk_import_line_t *line)
{
    uk_import_line_t again;
    json_t *object;

    line->key.created_at = line->key.created_at ? line->key.created_at : 1;
    object = uk_json_from_key(&line->key, UK_INSTANT_NONE);

    json_object_set_new(object, "team", json_string(line->key.team));
    json_object_set_new(object, "keyHash", json_string(line->hash));
    FUZZ_EXPECT(read_text(uk_json_dump(fuzz_pool(), object), &again) == 0,
                "what was printed is not read");
    expect_same_line(line, &again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *bytes = fuzz_bytes(data, size), *error;
    uk_import_line_t line;
    int status = uk_import_line_read(fuzz_pool(), bytes, size, &line, &error);

    FUZZ_EXPECT((status == 0) == (error == NULL), "an error, or none");
    if (status == 0) {
        expect_rules(&line);
    }
    if (memchr(bytes, '\0', size)) {
        FUZZ_EXPECT(status, "a NUL byte is taken for nothing");
    }
    else {
        try_slow_way(fuzz_string(data, size), status, &line);
    }
    if (status == 0) {
        try_round_trip(&line);
    }
    fuzz_clear();
    return 0;
}
