/* SPDX-License-Identifier: Apache-2.0 */
/* Authentication: AuthType uptime-key, and the provider for AuthType Basic. */
#include "httpd/authn.h"

#include <string.h>

#include "core/token.h"
#include "httpd/cache.h"
#include "httpd/config.h"
#include "httpd/credential.h"
#include "httpd/dbd.h"
#include "httpd/identity.h"
#include "httpd/problem.h"

/* Of this child. */
static uk_scope_cache_t *scope_cache;

void uk_authn_child_init(apr_pool_t *pchild)
{
    scope_cache = uk_scope_cache_create(pchild);
}

/* Source: Fetch standard, "CORS-preflight request". */
static int is_preflight(request_rec *r)
{
    return r->method_number == M_OPTIONS
           && apr_table_get(r->headers_in, "Origin")
           && apr_table_get(r->headers_in, "Access-Control-Request-Method");
}

int uk_authn_is_free_preflight(request_rec *r)
{
    return uk_config_preflight(uk_dir_config(r)) && is_preflight(r);
}

static void admit(request_rec *r, const uk_principal_t *principal)
{
    uk_request_t *state = uk_request_get(r);

    state->principal = principal;
    state->refusal = UK_ACCEPTED;
    uk_identity_publish(r, principal);
}

/* What the log may say about a key: its id, or its prefix. */
static const char *subject_of(request_rec *r, const char *value,
                              const uk_principal_t *principal)
{
    char prefix[UK_TOKEN_PREFIX_LEN + 1];

    if (principal) {
        return principal->id;
    }
    uk_token_prefix(value, strlen(value), prefix);
    return apr_pstrdup(r->pool, prefix);
}

/* Verify a presented value by the database. @param subject for the log, set
 * unless the verdict is UK_ACCEPTED */
static uk_verdict_e verify_uncached(request_rec *r, apr_pool_t *pool,
                                    const char *value,
                                    uk_principal_t **principal,
                                    const char **subject)
{
    const uk_rules_t rules = {
        .catalogue = uk_config_catalogue(),
        .scope_cache = scope_cache,
        .require_checksum =
            uk_config_require_checksum(uk_server_config(r->server)),
        .now = uk_instant_from_apr(apr_time_now()),
    };
    uk_verdict_e verdict;
    uk_database_t db;

    uk_dbd_open(&db, r->server, pool);
    verdict = uk_verify(&db, value, strlen(value), &rules, principal);
    if (*principal) {
        ap_log_rerror(APLOG_MARK, APLOG_DEBUG, 0, r,
                      UKLOGNO(0020) "looked up key %s of team %s",
                      (*principal)->id, (*principal)->team);
    }
    if (verdict == UK_DATABASE_UNAVAILABLE) {
        uk_dbd_log_unavailable(&db, r->server, APLOG_ERR,
                               "keys cannot be checked");
    }
    if (verdict != UK_ACCEPTED) {
        *subject = subject_of(r, value, *principal);
    }
    return verdict;
}

/* Find the principal of a presented value. It is remembered on the client's
 * request, which outlives sub-requests. */
static uk_verdict_e look_up(request_rec *r, const char *value,
                            const char **subject)
{
    request_rec *client = uk_request_of_client(r);
    uk_request_t *known = uk_request_get(client);
    uk_look_up_t look_up;
    uk_principal_t *principal;

    if (!uk_cache_find(r, client->pool, value, &look_up, &principal)) {
        uk_verdict_e verdict =
            verify_uncached(r, client->pool, value, &principal, subject);

        if (verdict != UK_ACCEPTED) {
            return verdict;
        }
        uk_cache_store(r, &look_up, principal);
    }
    known->used = principal;
    known->used_value = r == client ? value : apr_pstrdup(client->pool, value);
    return UK_ACCEPTED;
}

/* Authenticate a request by a presented value. @return OK or the status */
static int authenticate_by(request_rec *r, const char *value)
{
    const uk_request_t *known = uk_request_get(uk_request_of_client(r));
    uk_verdict_e verdict = UK_ACCEPTED;
    const char *subject;

    if (!known->used || !uk_credential_is_same(known->used_value, value)) {
        verdict = look_up(r, value, &subject);
    }
    if (verdict != UK_ACCEPTED) {
        return uk_problem_note(r, verdict, subject);
    }
    admit(r, known->used);
    return OK;
}

static int authenticate(request_rec *r, const uk_credential_t *credential)
{
    uk_verdict_e verdict = credential->verdict;

    if (verdict == UK_NO_KEY && uk_authn_is_free_preflight(r)) {
        /* Other Require lines may still refuse it. */
        uk_problem_note(r, verdict, "");
        r->user = apr_pstrdup(r->pool, "");
        return OK;
    }
    return verdict == UK_ACCEPTED ? authenticate_by(r, credential->value)
                                  : uk_problem_note(r, verdict, "");
}

/* A redirect or a sub-request gets the outcome of the request that it comes
 * from. */
static int inherit(request_rec *r, const uk_request_t *inherited)
{
    if (!inherited->principal) {
        return uk_problem_note(r, inherited->refusal, inherited->subject);
    }
    admit(r, inherited->principal);
    return OK;
}

static int has_form_of_key(const char *value)
{
    return uk_token_check(value, strlen(value)) != UK_TOKEN_MALFORMED;
}

/* A key as the password. It is checked here and not by our provider, because
 * mod_auth_basic turns a provider's results into 401 or 500 and a line at level
 * error. */
static int authenticate_basic(request_rec *r)
{
    int asks_others = uk_config_basic_asks_others(uk_dir_config(r));
    const char *user, *password = NULL;
    int status;

    if (ap_get_basic_auth_components(r, &user, &password) != OK) {
        password = NULL;
    }
    if (password && has_form_of_key(password)) {
        status = authenticate_by(r, password);
    }
    else if (asks_others) {
        return DECLINED;
    }
    else {
        status = uk_problem_note(r, password ? UK_MALFORMED : UK_NO_KEY, "");
    }
    uk_credential_remove_basic(r);
    if (status == HTTP_UNAUTHORIZED) {
        ap_note_auth_failure(r);
    }
    return status;
}

int uk_authenticate(request_rec *r)
{
    const uk_request_t *inherited = uk_request_inherited(r);
    const char *type = ap_auth_type(r);

    if (type && ap_cstr_casecmp(type, UK_AUTH_TYPE) == 0) {
        const uk_credential_t credential = uk_credential_find(r);
        int result =
            inherited ? inherit(r, inherited) : authenticate(r, &credential);

        uk_credential_remove(r, &credential);
        return result;
    }
    if (type && ap_cstr_casecmp(type, "Basic") == 0
        && uk_config_basic_asks_us(uk_dir_config(r))) {
        return inherited && inherited->principal ? inherit(r, inherited)
                                                 : authenticate_basic(r);
    }
    return DECLINED;
}

/* A key that was sent as the user name by mistake must not get into a log, and
 * mod_auth_basic logs this string: so it is truncated in place. */
static void truncate_key(char *user)
{
    char *key = strstr(user, UK_TOKEN_SCHEME);

    if (key && strlen(key) > UK_TOKEN_PREFIX_LEN) {
        key[UK_TOKEN_PREFIX_LEN] = '\0';
    }
}

/* Called for what uk_authenticate() leaves to mod_auth_basic: users of other
 * providers, and an <AuthnProviderAlias> of this one. */
static authn_status check_password(request_rec *r, const char *user,
                                   const char *password)
{
    int status;

    (void)user;
    if (r->user) {
        truncate_key(r->user);
    }
    if (!has_form_of_key(password)) {
        return AUTH_USER_NOT_FOUND;
    }
    status = authenticate_by(r, password);
    uk_credential_remove_basic(r);
    switch (status) {
    case OK:
        return AUTH_GRANTED;
    case HTTP_UNAUTHORIZED:
        return AUTH_DENIED;
    default:
        return AUTH_GENERAL_ERROR;
    }
}

const authn_provider uk_authn_provider = {check_password, NULL};
