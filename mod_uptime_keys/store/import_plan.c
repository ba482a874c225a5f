/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of each line of an import. */
#include "store/import_plan.h"

#include <string.h>

/* @return the lowest free slot; 0 if the limit leaves none */
static int next_free_slot(uk_import_team_t *team, int limit)
{
    while (team->passed < team->taken->nelts
           && APR_ARRAY_IDX(team->taken, team->passed, int)
                  <= team->candidate) {
        team->candidate +=
            APR_ARRAY_IDX(team->taken, team->passed, int) == team->candidate;
        team->passed++;
    }
    return limit && (team->keys >= limit || team->candidate > limit)
               ? 0
               : team->candidate;
}

/* A line that was imported before is no error; any other secret must be new. */
static uk_import_e compare_owner(const char *owner,
                                 const uk_import_line_t *line)
{
    return strcmp(owner, line->key.team) == 0 ? UK_IMPORT_PRESENT
                                              : UK_IMPORT_HASH_TAKEN;
}

/* @return UK_IMPORT_ADDED if there is no reason against a line but perhaps the
 * limit of its team */
static uk_import_e judge_line(const uk_import_rules_t *rules,
                              const uk_import_known_t *known,
                              const uk_import_line_t *line)
{
    const char *owner = uk_import_known_owner(known, line->hash);

    if (owner) {
        return compare_owner(owner, line);
    }
    if (line->key.id && uk_import_known_has_id(known, line->key.id)) {
        return UK_IMPORT_ID_TAKEN;
    }
    return uk_lifetime_is_too_long(&rules->lifetimes, rules->now,
                                   line->key.expires_at)
               ? UK_IMPORT_OVER_LIFETIME
               : UK_IMPORT_ADDED;
}

static uk_import_e plan_line(uk_import_plan_t *plan, int limit,
                             uk_import_known_t *known,
                             const uk_import_line_t *line)
{
    uk_import_team_t *team = uk_import_known_team(known, line->key.team);
    int slot = next_free_slot(team, limit);

    if (!slot) {
        return UK_IMPORT_OVER_LIMIT;
    }
    if (!team->is_there) {
        team->is_there = 1;
        APR_ARRAY_PUSH(plan->teams, const uk_import_team_t *) = team;
    }
    team->candidate++;
    team->keys++;
    uk_import_known_add(known, line);
    APR_ARRAY_PUSH(plan->keys, const uk_import_line_t *) = line;
    APR_ARRAY_PUSH(plan->slots, int) = slot;
    return UK_IMPORT_ADDED;
}

uk_import_plan_t *uk_import_plan_make(apr_pool_t *pool,
                                      const uk_import_rules_t *rules,
                                      uk_import_known_t *known,
                                      const apr_array_header_t *lines,
                                      uk_import_e *results)
{
    uk_import_plan_t *plan = apr_palloc(pool, sizeof(*plan));
    int i;

    plan->teams = apr_array_make(pool, 1, sizeof(uk_import_team_t *));
    plan->keys = apr_array_make(pool, lines->nelts, sizeof(uk_import_line_t *));
    plan->slots = apr_array_make(pool, lines->nelts, sizeof(int));
    for (i = 0; i < lines->nelts; i++) {
        const uk_import_line_t *line =
            APR_ARRAY_IDX(lines, i, const uk_import_line_t *);

        results[i] = judge_line(rules, known, line);
        if (results[i] == UK_IMPORT_ADDED) {
            results[i] = plan_line(plan, rules->limit, known, line);
        }
    }
    return plan;
}
