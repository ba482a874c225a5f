/* SPDX-License-Identifier: Apache-2.0 */
/* Authentication: AuthType uptime-key, and the provider for AuthType Basic. */
#include "httpd/authn.h"

#include <string.h>

#include "core/token.h"
#include "httpd/config.h"
#include "httpd/credential.h"
#include "httpd/finding.h"
#include "httpd/identity.h"
#include "httpd/problem.h"

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

/* Authenticate a request by a presented value. @return OK or the status */
static int authenticate_by(request_rec *r, const char *value)
{
    const uk_finding_t *finding = uk_finding_of(r, value);

    if (finding->verdict != UK_ACCEPTED) {
        return uk_problem_note(r, finding->verdict, finding->subject);
    }
    admit(r, finding->principal);
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
    uk_credential_remove_basic(r, r);
    if (status == HTTP_UNAUTHORIZED) {
        ap_note_auth_failure(r);
    }
    return status;
}

/* Which credential a key comes in at the location of a request. */
typedef enum {
    NO_KEYS,
    BY_BEARER,
    BY_BASIC
} keyed_e;

static keyed_e keyed_by(request_rec *r)
{
    const char *type = ap_auth_type(r);

    if (!type) {
        return NO_KEYS;
    }
    /* It is mostly written as it is documented, which strcmp() finds sooner. */
    if (strcmp(type, UK_AUTH_TYPE) == 0
        || ap_cstr_casecmp(type, UK_AUTH_TYPE) == 0) {
        return BY_BEARER;
    }
    return ap_cstr_casecmp(type, "Basic") == 0
                   && uk_config_basic_asks_us(uk_dir_config(r))
               ? BY_BASIC
               : NO_KEYS;
}

static int authenticate_bearer(request_rec *r, const uk_request_t *inherited)
{
    const uk_credential_t credential = uk_credential_find(r);

    /* First, as then the environment contains little to search. */
    uk_credential_remove(r, &credential, r);
    return inherited ? inherit(r, inherited) : authenticate(r, &credential);
}

static int authenticate_request(request_rec *r)
{
    const uk_request_t *inherited = uk_request_inherited(r);
    const uk_request_t *state = uk_request_find(r);

    switch (state && state->is_bearer ? BY_BEARER : keyed_by(r)) {
    case BY_BEARER:
        return authenticate_bearer(r, inherited);
    case BY_BASIC:
        return inherited && inherited->principal ? inherit(r, inherited)
                                                 : authenticate_basic(r);
    default:
        return DECLINED;
    }
}

int uk_authenticate(request_rec *r)
{
    return uk_problem_keep(r, authenticate_request(r));
}

int uk_authn_needs_key(request_rec *r)
{
    keyed_e keyed = keyed_by(r);

    if (keyed == BY_BEARER) {
        uk_request_get(r)->is_bearer = 1;
    }
    return keyed == BY_BEARER
           || (keyed == BY_BASIC
               && !uk_config_basic_asks_others(uk_dir_config(r)));
}

static int has_basic_key(request_rec *r)
{
    const char *user, *password;

    return ap_get_basic_auth_components(r, &user, &password) == OK
           && has_form_of_key(password);
}

int uk_authn_presents_key(request_rec *r)
{
    switch (keyed_by(r)) {
    case BY_BEARER:
        return uk_credential_find(r).verdict != UK_NO_KEY;
    case BY_BASIC:
        return has_basic_key(r);
    default:
        return 0;
    }
}

void uk_authn_remove_unused(request_rec *r, request_rec *seen_by)
{
    keyed_e keyed = keyed_by(r);

    if (keyed == BY_BEARER) {
        const uk_credential_t credential = uk_credential_find(r);

        uk_credential_remove(r, &credential, seen_by);
    }
    else if (keyed == BY_BASIC) {
        uk_credential_remove_key(r, seen_by);
    }
}

void uk_authn_remove_refused(request_rec *r, request_rec *seen_by)
{
    if (ap_is_HTTP_ERROR(r->status)
        && r->per_dir_config == r->server->lookup_defaults) {
        uk_credential_remove_key(r, seen_by);
    }
    else {
        uk_authn_remove_unused(r, seen_by);
    }
}

void uk_authn_adopt(request_rec *r)
{
    const uk_request_t *state = uk_request_find(r);
    const uk_request_t *client = uk_request_find(uk_request_of_client(r));

    if ((state && state->principal) || keyed_by(r) == NO_KEYS) {
        return;
    }
    uk_authn_remove_unused(r, r);
    if (client && client->used && !r->user
        && uk_identity_is_published(r, client->used)) {
        admit(r, client->used);
    }
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
    uk_credential_remove_basic(r, r);
    switch (status) {
    case OK:
        return AUTH_GRANTED;
    case HTTP_UNAUTHORIZED:
    /* No provider can say 403. */
    case HTTP_FORBIDDEN:
        return AUTH_DENIED;
    default:
        return AUTH_GENERAL_ERROR;
    }
}

const authn_provider uk_authn_provider = {check_password, NULL};
