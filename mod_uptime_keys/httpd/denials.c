/* SPDX-License-Identifier: Apache-2.0 */
/* Which of the Require lines that denied access are the reason of a refusal. */
#include "httpd/denials.h"

#include <string.h>

#include "httpd/problem.h"

/* A line that denied access. */
struct uk_denial_t {
    const uk_denial_t *before; /* NULL: it is the first */
    const ap_directive_t *line;
    uk_verdict_e verdict;
    const char *scopes; /* one of which would do; NULL: none would */
};

#define CONTAINER "<Require"

static int is_container(const ap_directive_t *directive)
{
    return ap_cstr_casecmpn(directive->directive, CONTAINER,
                            sizeof(CONTAINER) - 1)
           == 0;
}

/* The <Require…> container of a directive; NULL for the section itself, which
 * is like a <RequireAny>. */
static const ap_directive_t *container_of(const ap_directive_t *directive)
{
    const ap_directive_t *parent = directive->parent;

    return parent && is_container(parent) ? parent : NULL;
}

static int is_all(const ap_directive_t *container)
{
    return container
           && ap_cstr_casecmp(container->directive, CONTAINER "All") == 0;
}

static int is_any(const ap_directive_t *container)
{
    return container
           && ap_cstr_casecmp(container->directive, CONTAINER "Any") == 0;
}

/* Every directive is within NULL, the section. */
static int is_within(const ap_directive_t *directive,
                     const ap_directive_t *container)
{
    while (directive && directive != container) {
        directive = container_of(directive);
    }
    return directive == container;
}

static const ap_directive_t *common_container(const ap_directive_t *a,
                                              const ap_directive_t *b)
{
    do {
        a = container_of(a);
    } while (!is_within(b, a));
    return a;
}

/* What a line satisfies: the outermost container that holds because the line
 * does, or the line; NULL: the whole section. httpd reaches the last line of a
 * <RequireAll> only if no other one denies. */
static const ap_directive_t *satisfied_by(const ap_directive_t *line)
{
    const ap_directive_t *container = container_of(line);

    while (is_any(container) || (is_all(container) && !line->next)) {
        line = container;
        container = container_of(line);
    }
    return container ? line : NULL;
}

int uk_denials_is_negated(const ap_directive_t *line, apr_pool_t *ptemp)
{
    const char *args = line->args;

    if (ap_cstr_casecmp(ap_getword_conf(ptemp, &args), "not") == 0) {
        return 1;
    }
    do {
        line = container_of(line);
    } while (is_all(line) || is_any(line));
    return line != NULL;
}

static int contains_word(const char *words, const char *word)
{
    size_t len = strlen(word);

    while (words
           && (strncmp(words, word, len) != 0
               || (words[len] != ' ' && words[len] != '\0'))) {
        words = strchr(words, ' ');
        words = words ? words + 1 : NULL;
    }
    return words != NULL;
}

/* Names of scopes and those after them, each of them once. */
static const char *join_scopes(apr_pool_t *pool, const char *scopes,
                               const char *after)
{
    const char *word;

    while (after && *(word = ap_getword_white(pool, &after))) {
        if (!contains_word(scopes, word)) {
            scopes = apr_pstrcat(pool, scopes, " ", word, NULL);
        }
    }
    return scopes;
}

/* A missing scope is the most helpful answer, then another team: the verdicts
 * are in this order, and the least one wins. */
static void set_refusal(request_rec *r, uk_request_t *state)
{
    const uk_denial_t *denial = state->denials;
    uk_verdict_e verdict = denial ? denial->verdict : UK_ACCEPTED;

    state->missing = NULL;
    for (; denial; denial = denial->before) {
        if (denial->verdict < verdict) {
            verdict = denial->verdict;
        }
        if (denial->scopes) {
            state->missing =
                join_scopes(r->pool, denial->scopes, state->missing);
        }
    }
    uk_problem_note(r, verdict, state->principal->id);
}

void uk_denials_enter(request_rec *r, const ap_directive_t *line)
{
    uk_request_t *state = uk_request_get(r);

    if (!state->denials) {
        return;
    }
    while (state->denials
           && is_all(common_container(state->denials->line, line))) {
        state->denials = state->denials->before;
    }
    set_refusal(r, state);
}

void uk_denials_satisfy(request_rec *r, const ap_directive_t *line)
{
    uk_request_t *state = uk_request_get(r);
    const ap_directive_t *satisfied;

    if (!state->denials) {
        return;
    }
    satisfied = satisfied_by(line);
    while (state->denials && is_within(state->denials->line, satisfied)) {
        state->denials = state->denials->before;
    }
    set_refusal(r, state);
}

void uk_denials_deny(request_rec *r, const ap_directive_t *line,
                     uk_verdict_e verdict, const char *scopes)
{
    uk_request_t *state = uk_request_get(r);
    uk_denial_t *denial = apr_palloc(r->pool, sizeof(*denial));

    *denial = (uk_denial_t){state->denials, line, verdict, scopes};
    state->denials = denial;
    set_refusal(r, state);
}

void uk_denials_reset(uk_request_t *state)
{
    state->denials = NULL;
    state->refusal = UK_ACCEPTED;
    state->missing = NULL;
}
