/* SPDX-License-Identifier: Apache-2.0 */
/* Which of the Require lines that a key failed are why it is refused. */
#include "httpd/denials.h"

#include "httpd/problem.h"

/* A line that refused. */
struct uk_denial_t {
    const uk_denial_t *before;
    const ap_directive_t *line;
    uk_verdict_e verdict;
    const char *scopes; /* of which one would do; NULL: none */
};

#define CONTAINER "<Require"

static int is_container(const ap_directive_t *directive)
{
    return ap_cstr_casecmpn(directive->directive, CONTAINER,
                            sizeof(CONTAINER) - 1)
           == 0;
}

/* The container of requirements that something stands in; NULL for the place as
 * a whole, where one that holds is enough. */
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

/* Everything is within NULL. */
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

/* All that holds because one line does. */
static const ap_directive_t *satisfied_by(const ap_directive_t *line)
{
    const ap_directive_t *container = container_of(line);

    while (is_any(container)) {
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

/* A scope that would do is the most helpful answer, and a team says more than
 * nothing: the verdicts stand in this order. */
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
            state->missing = state->missing
                                 ? apr_pstrcat(r->pool, denial->scopes, " ",
                                               state->missing, NULL)
                                 : denial->scopes;
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
