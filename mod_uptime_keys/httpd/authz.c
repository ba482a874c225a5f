/* SPDX-License-Identifier: Apache-2.0 */
/* Authorization: Require uptime-scope and Require uptime-team. */
#include "httpd/authz.h"

#include <ap_expr.h>
#include <string.h>

#include "core/team.h"
#include "httpd/authn.h"
#include "httpd/config.h"
#include "httpd/denials.h"
#include "httpd/problem.h"
#include "httpd/rate.h"

/* A parsed Require line: words, or an expression that yields them. */
typedef struct {
    uk_scopes_t scopes;               /* Require uptime-scope: of the words */
    const char *words;                /* separated by one space */
    const ap_expr_info_t *expression; /* NULL: the line has words */
    const ap_directive_t *line;
    int is_negated; /* see uk_denials_is_negated() */
} requirement_t;

static const char *next_word(apr_pool_t *pool, const char **line)
{
    const char *word = ap_getword_conf(pool, line);

    return *word ? word : NULL;
}

static void append_word(apr_pool_t *pool, requirement_t *requirement,
                        const char *word)
{
    requirement->words =
        requirement->words
            ? apr_pstrcat(pool, requirement->words, " ", word, NULL)
            : apr_pstrdup(pool, word);
}

static const char *unknown_scope_error(apr_pool_t *pool, const char *word)
{
    const char *nearest = uk_catalogue_nearest(uk_config_catalogue(), word);

    return apr_psprintf(pool,
                        "Require uptime-scope: there is no scope '%s'%s%s%s; "
                        "UptimeKeysScope adds scopes of your own",
                        word, nearest ? ", did you mean '" : "",
                        nearest ? nearest : "", nearest ? "'?" : "");
}

static const char *add_scope(cmd_parms *cmd, requirement_t *requirement,
                             const char *word)
{
    int index = uk_catalogue_find(uk_config_catalogue(), word);

    if (index < 0) {
        return unknown_scope_error(cmd->pool, word);
    }
    uk_scopes_add(&requirement->scopes, index);
    append_word(cmd->pool, requirement, word);
    return NULL;
}

static const char *add_team(cmd_parms *cmd, requirement_t *requirement,
                            const char *word)
{
    if (!uk_team_id_is_valid(word)) {
        return apr_psprintf(cmd->pool,
                            "Require uptime-team takes ids of teams, short "
                            "lower-case names like acme, not '%s'",
                            word);
    }
    append_word(cmd->pool, requirement, word);
    return NULL;
}

typedef const char *add_word_t(cmd_parms *, requirement_t *, const char *);

static const char *parse_words(cmd_parms *cmd, const char *line,
                               requirement_t *requirement, add_word_t *add)
{
    const char *word, *problem = NULL;

    while (!problem && (word = next_word(cmd->temp_pool, &line)) != NULL) {
        problem = add(cmd, requirement, word);
    }
    return problem;
}

static const char *parse_requirement(cmd_parms *cmd, const char *line,
                                     const void **parsed, add_word_t *add)
{
    requirement_t *requirement = apr_pcalloc(cmd->pool, sizeof(*requirement));
    const char *problem = NULL;

    *parsed = requirement;
    requirement->line = cmd->directive;
    requirement->is_negated =
        uk_denials_is_negated(cmd->directive, cmd->temp_pool);
    if (strstr(line, "%{")) {
        requirement->expression = ap_expr_parse_cmd(
            cmd, line, AP_EXPR_FLAG_STRING_RESULT, &problem, NULL);
    }
    else {
        problem = parse_words(cmd, line, requirement, add);
    }
    return problem;
}

static const char *parse_scope_line(cmd_parms *cmd, const char *line,
                                    const void **parsed)
{
    if (!*line) {
        return "Require uptime-scope needs at least one scope, "
               "like monitors:read";
    }
    return parse_requirement(cmd, line, parsed, add_scope);
}

static const char *parse_team_line(cmd_parms *cmd, const char *line,
                                   const void **parsed)
{
    if (!*line) {
        return "Require uptime-team needs at least one team, like acme";
    }
    return parse_requirement(cmd, line, parsed, add_team);
}

/* The words of a line, for this request; NULL if the expression fails. */
static const char *words_of(request_rec *r, const requirement_t *requirement)
{
    const char *error = NULL;
    const char *words;

    if (!requirement->expression) {
        return requirement->words;
    }
    words = ap_expr_str_exec(r, requirement->expression, &error);
    if (error) {
        /* httpd has logged it. */
        return NULL;
    }
    return words;
}

/* The scopes that an expression yields, without unknown ones. @param known
 * receives their names, separated by one space */
static uk_scopes_t scopes_of(request_rec *r, const char *words,
                             const char **known)
{
    requirement_t found = {.words = NULL};
    const char *word;

    while ((word = next_word(r->pool, &words)) != NULL) {
        int index = uk_catalogue_find(uk_config_catalogue(), word);

        if (index < 0) {
            /* At level info, as the client may influence the expression. */
            ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, r,
                          UKLOGNO(0031) "Require uptime-scope: the expression "
                                        "yields '%.64s', which is no scope",
                          word);
            continue;
        }
        uk_scopes_add(&found.scopes, index);
        append_word(r->pool, &found, word);
    }
    *known = found.words;
    return found.scopes;
}

/* No key: let httpd authenticate the request, unless it has done so. That there
 * is a user does not tell: mod_ssl sets one before. */
static authz_status without_key(request_rec *r)
{
    const uk_request_t *state = uk_request_find(r);

    if (uk_authn_is_free_preflight(r)) {
        return AUTHZ_GRANTED;
    }
    return state && state->is_authenticated ? AUTHZ_DENIED
                                            : AUTHZ_DENIED_NO_USER;
}

static authz_status record_outcome(request_rec *r,
                                   const requirement_t *requirement, int holds,
                                   uk_verdict_e verdict, const char *scopes)
{
    /* Mostly the first line holds. */
    if (holds && !requirement->is_negated && !uk_request_get(r)->denials) {
        return AUTHZ_GRANTED;
    }
    uk_denials_enter(r, requirement->line);
    if (holds && requirement->is_negated) {
        uk_denials_deny(r, requirement->line, UK_DENIED, NULL);
    }
    else if (holds) {
        uk_denials_satisfy(r, requirement->line);
    }
    else if (!requirement->is_negated) {
        uk_denials_deny(r, requirement->line, verdict, scopes);
    }
    return holds ? AUTHZ_GRANTED : AUTHZ_DENIED;
}

static authz_status check_scope(request_rec *r, const char *line,
                                const void *parsed)
{
    const requirement_t *requirement = parsed;
    const uk_request_t *state = uk_request_find(r);
    uk_scopes_t scopes = requirement->scopes;
    const char *words;

    (void)line;
    if (!state || !state->principal) {
        return without_key(r);
    }
    words = words_of(r, requirement);
    if (!words) {
        return AUTHZ_GENERAL_ERROR;
    }
    if (requirement->expression) {
        scopes = scopes_of(r, words, &words);
    }
    return record_outcome(
        r, requirement, uk_scopes_intersect(&scopes, &state->principal->scopes),
        UK_SCOPE_MISSING, words);
}

static int contains_team(request_rec *r, const char *words, const char *team)
{
    const char *word;

    while ((word = next_word(r->pool, &words)) != NULL) {
        if (strcmp(word, team) == 0) {
            return 1;
        }
    }
    return 0;
}

static authz_status check_team(request_rec *r, const char *line,
                               const void *parsed)
{
    const requirement_t *requirement = parsed;
    const uk_request_t *state = uk_request_find(r);
    const char *words;

    (void)line;
    if (!state || !state->principal) {
        return without_key(r);
    }
    words = words_of(r, requirement);
    if (!words) {
        return AUTHZ_GENERAL_ERROR;
    }
    return record_outcome(r, requirement,
                          contains_team(r, words, state->principal->team),
                          UK_OTHER_TEAM, NULL);
}

const authz_provider uk_authz_scope_provider = {check_scope, parse_scope_line};
const authz_provider uk_authz_team_provider = {check_team, parse_team_line};

int uk_authz_begin(request_rec *r)
{
    if (uk_authn_needs_key(r)) {
        uk_request_t *state = uk_request_get(r);

        state->is_authorizing = 1;
        state->subject = "";
    }
    if (r->user && uk_authn_presents_key(r)) {
        uk_request_get(r)->earlier_user = r->user;
        r->user = NULL;
    }
    return DECLINED;
}

/* A key is known, so that another one would have to be asked for: 401 would
 * tell the client that it is not valid. */
static int forbid(request_rec *r)
{
    apr_table_unset(r->err_headers_out, "WWW-Authenticate");
    apr_table_unset(r->err_headers_out, "Proxy-Authenticate");
    return HTTP_FORBIDDEN;
}

static int authorize(request_rec *r, uk_request_t *state)
{
    int status = uk_rate_is_on ? uk_rate_check(r, state->principal) : OK;

    if (status != OK) {
        return status;
    }
    state->is_authorizing = 1;
    state->subject = state->principal->id;
    status = ap_run_auth_checker(r);
    return status == HTTP_UNAUTHORIZED ? forbid(r) : status;
}

int uk_authz_decide(request_rec *r)
{
    uk_request_t *state = uk_request_get(r);

    if (state->is_authenticated) {
        return DECLINED;
    }
    state->is_authenticated = 1;
    return state->principal ? uk_problem_keep(r, authorize(r, state))
                            : DECLINED;
}

void uk_authz_end(request_rec *r)
{
    uk_request_t *state = uk_request_find(r);

    if (!state) {
        return;
    }
    uk_denials_reset(state);
    state->is_authorizing = 0;
    if (!r->user) {
        r->user = state->earlier_user;
    }
}
