/* SPDX-License-Identifier: Apache-2.0 */
/* Scopes: the catalogue of their names, and sets of scopes as bit masks. */
#include "core/scope.h"

#include <apr_hash.h>
#include <apr_strings.h>
#include <string.h>

#define OTHER "Other"
/* Names that differ by more edits than this are no useful hint. */
#define HINT_DISTANCE_MAX 4

struct uk_catalogue_t {
    apr_pool_t *pool;
    apr_array_header_t *scopes; /* of uk_scope_t */
    apr_hash_t *index;          /* name -> index + 1 */
};

#define MONITORING "Monitoring"
#define SCHEDULED "Scheduled tasks"
#define ALERTS "Alerts & status"
#define TEAM "Team management"
#define KEYS "API key management"

static const uk_scope_t built_in[] = {
    {"monitors:read", "See HTTP monitors and their results", MONITORING},
    {"monitors:write", "Create, change and delete HTTP monitors", MONITORING},
    {"dns-monitors:read", "See DNS monitors and their results", MONITORING},
    {"dns-monitors:write", "Create, change and delete DNS monitors",
     MONITORING},
    {"tcp-monitors:read", "See TCP monitors and their results", MONITORING},
    {"tcp-monitors:write", "Create, change and delete TCP monitors",
     MONITORING},
    {"cron-jobs:read", "See scheduled jobs and their history", SCHEDULED},
    {"cron-jobs:write", "Create, change and delete scheduled jobs", SCHEDULED},
    {"cron-jobs:ping", "Report that a scheduled job has run", SCHEDULED},
    {"alerts:read", "See alerts and where they are sent", ALERTS},
    {"alerts:write", "Change alerts and where they are sent", ALERTS},
    {"status-pages:read", "See status pages", ALERTS},
    {"status-pages:write", "Create, change and delete status pages", ALERTS},
    {"maintenance:read", "See maintenance windows", ALERTS},
    {"maintenance:write", "Plan, change and cancel maintenance windows",
     ALERTS},
    {"teams:read", "See the team and its members", TEAM},
    {"teams:write", "Change the team's settings", TEAM},
    {"invites:read", "See invitations", TEAM},
    {"invites:write", "Send and revoke invitations", TEAM},
    {"team-domains:read", "See the team's verified domains", TEAM},
    {"team-domains:write", "Add and remove verified domains", TEAM},
    {"api-keys:read", "See the team's API keys, never their secrets", KEYS},
    {"api-keys:write", "Create and delete API keys", KEYS},
};

static void append(uk_catalogue_t *catalogue, uk_scope_t scope)
{
    APR_ARRAY_PUSH(catalogue->scopes, uk_scope_t) = scope;
    apr_hash_set(catalogue->index, scope.name, APR_HASH_KEY_STRING,
                 (void *)(apr_uintptr_t)catalogue->scopes->nelts);
}

uk_catalogue_t *uk_catalogue_create(apr_pool_t *pool)
{
    const size_t count = sizeof(built_in) / sizeof(built_in[0]);
    uk_catalogue_t *catalogue = apr_pcalloc(pool, sizeof(*catalogue));
    size_t i;

    catalogue->pool = pool;
    catalogue->scopes = apr_array_make(pool, (int)count, sizeof(uk_scope_t));
    catalogue->index = apr_hash_make(pool);
    for (i = 0; i < count; i++) {
        append(catalogue, built_in[i]);
    }
    return catalogue;
}

/* Skip [a-z][a-z0-9-]*. @return what follows it; NULL if it is missing */
static const char *skip_word(const char *string)
{
    if (*string < 'a' || *string > 'z') {
        return NULL;
    }
    return string + strspn(string, "abcdefghijklmnopqrstuvwxyz0123456789-");
}

int uk_scope_name_is_valid(const char *name)
{
    const char *rest = skip_word(name);

    if (!rest || *rest != ':') {
        return 0;
    }
    rest = skip_word(rest + 1);
    return rest && *rest == '\0' && rest - name <= UK_SCOPE_NAME_MAX;
}

static const char *validate_scope(const char *name, const char *description,
                                  const char *group)
{
    if (!uk_scope_name_is_valid(name)) {
        return "a scope's name is RESOURCE:ACTION in lower-case letters, "
               "digits and hyphens, at most 64 characters, like reports:read";
    }
    if (!*description || strlen(description) > UK_SCOPE_DESCRIPTION_MAX
        || (group && strlen(group) > UK_SCOPE_DESCRIPTION_MAX)) {
        return "a scope needs a description of 1 to 255 bytes, "
               "its group has at most 255";
    }
    return NULL;
}

const char *uk_catalogue_add(uk_catalogue_t *catalogue, const char *name,
                             const char *description, const char *group)
{
    const char *problem = validate_scope(name, description, group);
    int known = uk_catalogue_find(catalogue, name);
    uk_scope_t *scope;

    if (problem) {
        return problem;
    }
    if (known < 0 && catalogue->scopes->nelts == UK_SCOPE_MAX) {
        return "there are 256 scopes already, no more can be added";
    }
    if (known < 0) {
        append(catalogue,
               (uk_scope_t){apr_pstrdup(catalogue->pool, name), NULL, OTHER});
        known = catalogue->scopes->nelts - 1;
    }
    scope = &APR_ARRAY_IDX(catalogue->scopes, known, uk_scope_t);
    scope->description = apr_pstrdup(catalogue->pool, description);
    if (group) {
        scope->group = apr_pstrdup(catalogue->pool, group);
    }
    return NULL;
}

int uk_catalogue_size(const uk_catalogue_t *catalogue)
{
    return catalogue->scopes->nelts;
}

const uk_scope_t *uk_catalogue_get(const uk_catalogue_t *catalogue, int index)
{
    return &APR_ARRAY_IDX(catalogue->scopes, index, uk_scope_t);
}

int uk_catalogue_find(const uk_catalogue_t *catalogue, const char *name)
{
    void *found = apr_hash_get(catalogue->index, name, APR_HASH_KEY_STRING);

    return (int)(apr_uintptr_t)found - 1;
}

/* The Levenshtein distance, computed row by row. b is at most UK_SCOPE_NAME_MAX
 * bytes long. */
static int distance(const char *a, const char *b)
{
    int row[UK_SCOPE_NAME_MAX + 1];
    size_t len = strlen(b), j;
    int i;

    for (j = 0; j <= len; j++) {
        row[j] = (int)j;
    }
    for (i = 1; *a; a++, i++) {
        int diagonal = row[0];

        row[0] = i;
        for (j = 1; j <= len; j++) {
            int best = diagonal + (*a != b[j - 1]);

            diagonal = row[j];
            best = row[j] + 1 < best ? row[j] + 1 : best;
            row[j] = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
        }
    }
    return row[len];
}

const char *uk_catalogue_nearest(const uk_catalogue_t *catalogue,
                                 const char *name)
{
    const char *nearest = NULL;
    int best = HINT_DISTANCE_MAX + 1;
    int i;

    if (strlen(name) > UK_SCOPE_NAME_MAX) {
        return NULL;
    }
    for (i = 0; i < uk_catalogue_size(catalogue); i++) {
        const char *known = uk_catalogue_get(catalogue, i)->name;
        int edits = distance(name, known);

        if (edits < best) {
            best = edits;
            nearest = known;
        }
    }
    return nearest;
}

void uk_scopes_add(uk_scopes_t *set, int index)
{
    set->word[index / 64] |= (apr_uint64_t)1 << (index % 64);
}

int uk_scopes_intersect(const uk_scopes_t *a, const uk_scopes_t *b)
{
    size_t i;

    for (i = 0; i < sizeof(a->word) / sizeof(a->word[0]); i++) {
        if (a->word[i] & b->word[i]) {
            return 1;
        }
    }
    return 0;
}

int uk_strings_contain(const apr_array_header_t *strings, const char *string)
{
    int i;

    for (i = 0; i < strings->nelts; i++) {
        if (strcmp(APR_ARRAY_IDX(strings, i, const char *), string) == 0) {
            return 1;
        }
    }
    return 0;
}

int uk_scopes_contain(const uk_scopes_t *set, const uk_catalogue_t *catalogue,
                      const char *name)
{
    uk_scopes_t one = {{0}};
    int index = uk_catalogue_find(catalogue, name);

    if (index >= 0) {
        uk_scopes_add(&one, index);
    }
    return uk_scopes_intersect(set, &one);
}

uk_scopes_t uk_scopes_from_names(const uk_catalogue_t *catalogue,
                                 const apr_array_header_t *names)
{
    uk_scopes_t set = {{0}};
    int i;

    for (i = 0; i < names->nelts; i++) {
        int index =
            uk_catalogue_find(catalogue, APR_ARRAY_IDX(names, i, const char *));

        if (index >= 0) {
            uk_scopes_add(&set, index);
        }
    }
    return set;
}
