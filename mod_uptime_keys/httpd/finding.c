/* SPDX-License-Identifier: Apache-2.0 */
/* What a presented key turns out to be, by the cache or the database. */
#include "httpd/finding.h"

#include <string.h>

#include "core/networks.h"
#include "core/token.h"
#include "store/verify.h"
#include "httpd/cache.h"
#include "httpd/config.h"
#include "httpd/credential.h"
#include "httpd/dbd.h"
#include "httpd/requirements.h"

/* Of this child. */
static uk_scope_cache_t *scope_cache;

void uk_finding_child_init(apr_pool_t *pchild)
{
    scope_cache = uk_scope_cache_create(pchild);
}

/* What the log may say about a key: its id, or its prefix. */
static const char *subject_of(apr_pool_t *pool, const char *value,
                              const char *id)
{
    char prefix[UK_TOKEN_PREFIX_LEN + 1];

    if (id) {
        return id;
    }
    uk_token_prefix(value, strlen(value), prefix);
    return apr_pstrdup(pool, prefix);
}

/* Verify a presented value by the database. */
static uk_verdict_e verify_uncached(request_rec *r, apr_pool_t *pool,
                                    const char *value,
                                    uk_principal_t **principal)
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
    if (*principal || verdict == UK_UNKNOWN) {
        ap_log_rerror(
            APLOG_MARK, APLOG_DEBUG, 0, r, UKLOGNO(0020) "looked up key %s%s%s",
            subject_of(r->pool, value, *principal ? (*principal)->id : NULL),
            *principal ? " of team " : ", which is unknown",
            *principal ? (*principal)->team : "");
    }
    if (verdict == UK_DATABASE_UNAVAILABLE) {
        uk_dbd_log_unavailable(&db, r->server, APLOG_ERR,
                               "keys cannot be checked");
    }
    return verdict;
}

int uk_finding_is_from(const request_rec *r, const uk_principal_t *principal)
{
    const apr_sockaddr_t *client = r->useragent_addr;
    uk_address_t address;

    /* Most keys have no list. */
    if (!*principal->addresses) {
        return 1;
    }
    address = client ? uk_address_from_bytes(client->ipaddr_ptr,
                                             (size_t)client->ipaddr_len)
                     : uk_address_from_bytes("", 0);
    return uk_networks_contain(principal->addresses, &address);
}

/* @return UK_ADDRESS_NOT_ALLOWED for a key that is accepted from elsewhere */
static uk_verdict_e judge_address(const request_rec *r, uk_verdict_e verdict,
                                  const uk_principal_t *principal)
{
    return verdict == UK_ACCEPTED && !uk_finding_is_from(r, principal)
               ? UK_ADDRESS_NOT_ALLOWED
               : verdict;
}

/* Look a presented value up, in the cache or in the database. A key that is
 * refused for the address is not stored: an entry counts as just used. */
static uk_verdict_e look_up(request_rec *r, apr_pool_t *pool, const char *value,
                            uk_principal_t **principal, const char **id)
{
    uk_look_up_t look_up;
    uk_verdict_e verdict;

    if (uk_cache_find(r, pool, value, &look_up, principal)) {
        *id = *principal ? (*principal)->id : look_up.id;
        return judge_address(r, look_up.verdict, *principal);
    }
    verdict = verify_uncached(r, pool, value, principal);
    *id = *principal ? (*principal)->id : NULL;
    verdict = judge_address(r, verdict, *principal);
    uk_cache_store(r, &look_up, verdict, *principal);
    return verdict;
}

static void make_finding(request_rec *r, apr_pool_t *pool,
                         uk_finding_t *finding)
{
    uk_principal_t *principal = NULL;
    const char *id = NULL;

    finding->verdict = uk_requirements_is_forked(r->server)
                           ? UK_DATABASE_UNAVAILABLE
                           : look_up(r, pool, finding->value, &principal, &id);
    if (finding->verdict == UK_ACCEPTED) {
        finding->principal = principal;
    }
    else {
        finding->subject = subject_of(pool, finding->value, id);
    }
}

static const uk_finding_t *finding_with(request_rec *r,
                                        const uk_principal_t *principal)
{
    const uk_finding_t *finding =
        uk_request_get(uk_request_of_client(r))->findings;

    while (finding && finding->principal != principal) {
        finding = finding->before;
    }
    return finding;
}

uk_verdict_e uk_finding_look_up_again(request_rec *r,
                                      const uk_principal_t *principal,
                                      uk_instant_t *ends_at)
{
    const uk_finding_t *finding = finding_with(r, principal);
    uk_principal_t *found = NULL;
    uk_verdict_e verdict = UK_UNKNOWN;
    apr_pool_t *pool;

    apr_pool_create(&pool, r->pool);
    if (finding) {
        verdict = verify_uncached(r, pool, finding->value, &found);
    }
    if (verdict == UK_ACCEPTED) {
        *ends_at = found->expires_at;
        /* The row may be a new one, of another key with the same secret. */
        verdict =
            strcmp(found->id, principal->id) == 0 ? UK_ACCEPTED : UK_UNKNOWN;
    }
    apr_pool_destroy(pool);
    return verdict;
}

static const uk_finding_t *find_finding(const uk_request_t *client,
                                        const char *value)
{
    const uk_finding_t *finding = client->findings;

    while (finding && !uk_credential_is_same(finding->value, value)) {
        finding = finding->before;
    }
    return finding;
}

const uk_finding_t *uk_finding_of(request_rec *r, const char *value)
{
    request_rec *client = uk_request_of_client(r);
    uk_request_t *state = uk_request_get(client);
    const uk_finding_t *known = find_finding(state, value);
    uk_finding_t *finding;

    if (known) {
        return known;
    }
    finding = apr_pcalloc(client->pool, sizeof(*finding));
    finding->before = state->findings;
    finding->value = r == client ? value : apr_pstrdup(client->pool, value);
    make_finding(r, client->pool, finding);
    state->findings = finding;
    if (finding->principal) {
        state->used = finding->principal;
    }
    return finding;
}
