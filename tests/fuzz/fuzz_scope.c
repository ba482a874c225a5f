/* SPDX-License-Identifier: Apache-2.0 */
/* Lines "NAME|DESCRIPTION|GROUP" added to a catalogue, as UptimeKeysScope does,
 * and sets of such names.
 *
 * About: core/scope.c
 * Options: -max_len=300 */
#include <ctype.h>
#include <string.h>

#include "core/scope.h"
#include "fuzz.h"

/* RESOURCE and ACTION of a name: [a-z][a-z0-9-]*. */
static int is_scope_word(const char *word, size_t len)
{
    size_t i;

    for (i = 0; i < len; i++) {
        int c = (unsigned char)word[i];

        if (!((c < 128 && islower(c)) || (i && (c == '-' || isdigit(c))))) {
            return 0;
        }
    }
    return len > 0;
}

static int is_scope_name(const char *name)
{
    const char *colon = strchr(name, ':');

    return colon && strlen(name) <= 64
           && is_scope_word(name, (size_t)(colon - name))
           && is_scope_word(colon + 1, strlen(colon + 1));
}

static int least(int a, int b)
{
    return a < b ? a : b;
}

/* The Levenshtein distance, with all of its table. */
static int distance_of(const char *a, const char *b)
{
    static int table[UK_SCOPE_NAME_MAX + 1][UK_SCOPE_NAME_MAX + 1];
    size_t i, j, rows = strlen(a), columns = strlen(b);

    for (i = 0; i <= rows; i++) {
        for (j = 0; j <= columns; j++) {
            table[i][j] =
                !i || !j ? (int)(i + j)
                         : least(table[i - 1][j - 1] + (a[i - 1] != b[j - 1]),
                                 least(table[i - 1][j], table[i][j - 1]) + 1);
        }
    }
    return table[rows][columns];
}

static void try_nearest(const uk_catalogue_t *catalogue, const char *name)
{
    const char *nearest = uk_catalogue_nearest(catalogue, name);
    int best = 5, i;

    if (strlen(name) > UK_SCOPE_NAME_MAX) {
        FUZZ_EXPECT(!nearest, "a hint for a name that is too long");
        return;
    }
    for (i = 0; i < uk_catalogue_size(catalogue); i++) {
        int edits = distance_of(name, uk_catalogue_get(catalogue, i)->name);

        best = edits < best ? edits : best;
    }
    FUZZ_EXPECT((best <= 4) == (nearest != NULL), "a hint, or none");
    FUZZ_EXPECT(!nearest || distance_of(name, nearest) == best,
                "another name is nearer");
}

static void try_line(uk_catalogue_t *catalogue, fuzz_input_t line)
{
    const char *name = fuzz_take_string(&line, '|');
    const char *description = fuzz_take_string(&line, '|');
    const char *group = line.left ? fuzz_take_string(&line, '|') : NULL;
    int before = uk_catalogue_find(catalogue, name);
    int is_right = is_scope_name(name) && *description
                   && strlen(description) <= 255
                   && (!group || strlen(group) <= 255);
    const uk_scope_t *scope;
    int index;

    FUZZ_EXPECT(uk_scope_name_is_valid(name) == is_scope_name(name),
                "the name of a scope is judged otherwise");
    FUZZ_EXPECT((uk_catalogue_add(catalogue, name, description, group) == NULL)
                    == is_right,
                "a scope is judged otherwise");
    index = uk_catalogue_find(catalogue, name);
    FUZZ_EXPECT(before < 0 || index == before, "an index changed");
    FUZZ_EXPECT((index >= 0) == (is_right || before >= 0), "found, or not");
    if (is_right) {
        scope = uk_catalogue_get(catalogue, index);
        FUZZ_EXPECT(strcmp(scope->name, name) == 0
                        && strcmp(scope->description, description) == 0
                        && (!group || strcmp(scope->group, group) == 0),
                    "a scope is not as it was added");
    }
}

/* Two sets of names have a bit in common where they have a known name. */
static void try_sets(const uk_catalogue_t *catalogue, fuzz_input_t input)
{
    apr_array_header_t *names[2];
    uk_scopes_t sets[2];
    int i, common = 0;

    for (i = 0; i < 2; i++) {
        names[i] = apr_array_make(fuzz_pool(), 4, sizeof(char *));
    }
    for (i = 0; input.left; i++) {
        APR_ARRAY_PUSH(names[i % 2], const char *) =
            fuzz_take_string(&input, '|');
    }
    for (i = 0; i < 2; i++) {
        sets[i] = uk_scopes_from_names(catalogue, names[i]);
    }
    for (i = 0; i < names[0]->nelts; i++) {
        const char *name = APR_ARRAY_IDX(names[0], i, const char *);
        int is_known = uk_catalogue_find(catalogue, name) >= 0;
        int is_shared = is_known && uk_strings_contain(names[1], name);

        common |= is_shared;
        FUZZ_EXPECT(uk_scopes_contain(&sets[0], catalogue, name) == is_known,
                    "a set lacks a scope, or has an unknown one");
        FUZZ_EXPECT(uk_scopes_contain(&sets[1], catalogue, name) == is_shared,
                    "a set has a scope that was not asked for");
    }
    FUZZ_EXPECT(uk_scopes_intersect(&sets[0], &sets[1]) == common,
                "two sets have something in common, or nothing");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uk_catalogue_t *catalogue = uk_catalogue_create(fuzz_pool());
    fuzz_input_t input = {data, size};
    int size_before = uk_catalogue_size(catalogue), lines = 0;

    while (input.left) {
        const uint8_t *start = input.at;

        fuzz_take_string(&input, '\n');
        try_line(catalogue,
                 (fuzz_input_t){start, (size_t)(input.at - start)
                                           - (input.at[-1] == '\n')});
        lines++;
    }
    FUZZ_EXPECT(uk_catalogue_size(catalogue) - size_before <= lines,
                "more scopes than lines");
    try_sets(catalogue, (fuzz_input_t){data, size});
    if (lines == 1) {
        try_nearest(catalogue, fuzz_string(data, size));
    }
    fuzz_clear();
    return 0;
}
