/* SPDX-License-Identifier: Apache-2.0 */
/* The module record, and the hooks with their reasons. */
#include "httpd/module.h"

#include <mod_auth.h>
#include <string.h>

#include "core/secret.h"
#include "core/token.h"
#include "httpd/authn.h"
#include "httpd/authz.h"
#include "httpd/cache.h"
#include "httpd/cache_shared.h"
#include "httpd/config.h"
#include "httpd/credential.h"
#include "httpd/dbd.h"
#include "httpd/directives.h"
#include "httpd/figures.h"
#include "httpd/finding.h"
#include "httpd/identity.h"
#include "httpd/metrics.h"
#include "httpd/privacy.h"
#include "httpd/problem.h"
#include "httpd/rate.h"
#include "httpd/recheck.h"
#include "httpd/requirements.h"
#include "httpd/startup.h"
#include "httpd/status.h"
#include "httpd/usage.h"
#include "httpd/verify_handler.h"
#include "manage/assets.h"
#include "manage/handler.h"

static int pre_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp)
{
    (void)plog;
    uk_config_start(pconf, ptemp);
    uk_cache_shared_register(pconf);
    return OK;
}

static int post_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                       server_rec *server)
{
    const char *problem = uk_requirements_check(ptemp, server);

    (void)plog;
    if (problem || uk_secret_init() != 0) {
        ap_log_error(APLOG_MARK, APLOG_CRIT, 0, server,
                     UKLOGNO(0001) "cannot start: %s",
                     problem ? problem
                             : "libsodium cannot initialize its random "
                               "generator");
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    uk_credential_init();
    uk_privacy_init();
    uk_assets_init();
    if (ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG) {
        return OK;
    }
    if (!uk_dbd_init(ptemp, server)) {
        ap_log_error(
            APLOG_MARK, APLOG_ERR, 0, server,
            UKLOGNO(0002) "mod_dbd is not loaded, no key can be "
                          "checked: add LoadModule dbd_module …/mod_dbd.so");
    }
    uk_startup_init(pconf, server);
    uk_figures_init(pconf, server);
    uk_rate_init(server);
    if (uk_dbd_is_there()) {
        uk_cache_init(pconf, server);
    }
    return OK;
}

/* Our threads use mod_dbd's pools while requests do. These are subpools of
 * pchild and share its allocator, which has no mutex in a child of prefork. APR
 * unsets the mutex when it destroys the pool. */
static void guard_pools(apr_pool_t *pchild)
{
    apr_allocator_t *allocator = apr_pool_allocator_get(pchild);
    apr_thread_mutex_t *lock;

    if (!apr_allocator_mutex_get(allocator)
        && apr_thread_mutex_create(&lock, APR_THREAD_MUTEX_DEFAULT, pchild)
               == APR_SUCCESS) {
        apr_allocator_mutex_set(allocator, lock);
    }
}

static void child_init(apr_pool_t *pchild, server_rec *main_server)
{
    guard_pools(pchild);
    uk_requirements_child_init(pchild);
    uk_dbd_child_init(pchild, main_server);
    uk_finding_child_init(pchild);
    uk_usage_child_init(pchild);
    uk_cache_child_init(pchild, main_server);
    if (uk_dbd_is_there()) {
        uk_startup_child_init(pchild, main_server);
    }
}

static int remove_spoofed(request_rec *r)
{
    uk_identity_remove_spoofed(r);
    return DECLINED;
}

static int hide_credentials(request_rec *r)
{
    uk_credential_hide(r);
    return DECLINED;
}

static int show_credentials(request_rec *r, int is_lookup)
{
    (void)is_lookup;
    uk_credential_show(r);
    return DECLINED;
}

/* For a request that needs no key: a part of its answer, from a sub-request,
 * may need the key. */
static int has_key(const uk_credential_t *credential)
{
    return credential->verdict == UK_ACCEPTED
           && uk_token_check(credential->value, strlen(credential->value))
                  != UK_TOKEN_MALFORMED;
}

/* A request that was not authenticated by a key of its own: no Require line
 * needed one, or it inherits the outcome of the request that it comes from,
 * together with the configuration. */
static void fixup_without_own_key(request_rec *r)
{
    const uk_request_t *authenticated = uk_request_authenticated(r);
    const uk_credential_t credential = uk_credential_find(r);

    if (authenticated) {
        uk_identity_publish(r, authenticated->principal);
    }
    else {
        uk_identity_remove_spoofed(r);
    }
    /* Now, because the header may be sent before the sub-request is run. */
    if (!authenticated && has_key(&credential)) {
        uk_privacy_keep(r);
    }
    uk_authn_remove_unused(r, r);
}

static int fixup(request_rec *r)
{
    const uk_request_t *state = uk_request_find(r);

    uk_authz_end(r);
    if (!state || !state->principal) {
        fixup_without_own_key(r);
    }
    /* This is an ErrorDocument. It is the body; the refusal still needs its
     * challenge and its log line, and it may have come before the key was
     * looked at. */
    if (r->prev) {
        uk_problem_respond(r->prev);
        uk_authn_remove_refused(r->prev, r);
    }
    return DECLINED;
}

static void insert_filter(request_rec *r)
{
    uk_authn_adopt(r);
    uk_privacy_insert_filter(r);
    uk_recheck_insert_filter(r);
    if (uk_rate_is_on) {
        uk_rate_insert_filter(r);
    }
}

/* Most requests are for other handlers, and are to find that out soon. */
static int handle(request_rec *r)
{
    int result;

    if (!r->handler
        || strncmp(r->handler, UK_HANDLER, sizeof(UK_HANDLER) - 1) != 0) {
        return DECLINED;
    }
    result = uk_metrics_handle(r);
    if (result == DECLINED) {
        result = uk_verify_handle(r);
    }
    return result == DECLINED ? uk_manage_handle(r) : result;
}

static int log_transaction(request_rec *r)
{
    uk_figures_count_request(r);
    return uk_usage_note(r);
}

/* Authentication and authorization. */
static void register_authentication(apr_pool_t *pool)
{
    static const char *const before_others[] = {"mod_ssl.c", "mod_auth_basic.c",
                                                NULL};

    /* Before mod_ssl, which may replace Authorization by a client certificate's
     * name, and mod_auth_basic, which would answer for us. */
    ap_hook_check_authn(uk_authenticate, NULL, before_others, APR_HOOK_FIRST,
                        AP_AUTH_INTERNAL_PER_CONF);
    ap_hook_check_access_ex(uk_authz_begin, NULL, NULL, APR_HOOK_REALLY_FIRST,
                            AP_AUTH_INTERNAL_PER_CONF);
    ap_hook_check_authz(uk_authz_decide, NULL, NULL, APR_HOOK_REALLY_FIRST,
                        AP_AUTH_INTERNAL_PER_CONF);
    ap_register_auth_provider(pool, AUTHN_PROVIDER_GROUP, UK_AUTH_TYPE,
                              AUTHN_PROVIDER_VERSION, &uk_authn_provider,
                              AP_AUTH_INTERNAL_PER_CONF);
    ap_register_auth_provider(pool, AUTHZ_PROVIDER_GROUP, "uptime-scope",
                              AUTHZ_PROVIDER_VERSION, &uk_authz_scope_provider,
                              AP_AUTH_INTERNAL_PER_CONF);
    ap_register_auth_provider(pool, AUTHZ_PROVIDER_GROUP, "uptime-team",
                              AUTHZ_PROVIDER_VERSION, &uk_authz_team_provider,
                              AP_AUTH_INTERNAL_PER_CONF);
}

static void register_hooks(apr_pool_t *pool)
{
    static const char *const after_dbd[] = {"mod_dbd.c", NULL};
    static const char *const before_watchdog[] = {"mod_watchdog.c", NULL};

    /* Configuration and start. */
    ap_hook_pre_config(pre_config, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_post_config(post_config, NULL, NULL, APR_HOOK_MIDDLE);
    /* After mod_dbd has created its pools, before mod_watchdog starts the
     * threads that poll. */
    ap_hook_child_init(child_init, after_dbd, before_watchdog, APR_HOOK_MIDDLE);

    /* Identity headers that a client sends go before anybody can believe them:
     * by the server's configuration, then by the directory's, then those in
     * trailers. */
    ap_hook_post_read_request(remove_spoofed, NULL, NULL,
                              APR_HOOK_REALLY_FIRST);
    ap_hook_header_parser(remove_spoofed, NULL, NULL, APR_HOOK_REALLY_FIRST);
    ap_hook_header_parser(uk_identity_guard_trailers, NULL, NULL,
                          APR_HOOK_FIRST);
    uk_identity_register();
    /* httpd traces headers between these two. */
    ap_hook_post_read_request(hide_credentials, NULL, NULL,
                              APR_HOOK_REALLY_LAST);
    ap_hook_quick_handler(show_credentials, NULL, NULL, APR_HOOK_REALLY_FIRST);

    register_authentication(pool);

    /* Before the fixups that read the environment or make sub-requests. */
    ap_hook_fixups(fixup, NULL, NULL, APR_HOOK_REALLY_FIRST);

    /* Before mod_http2, which runs the request once more. */
    ap_hook_protocol_switch(uk_rate_switch, NULL, NULL, APR_HOOK_REALLY_FIRST);
    ap_hook_protocol_switch(uk_credential_switch, NULL, NULL,
                            APR_HOOK_REALLY_FIRST);

    ap_hook_handler(handle, NULL, NULL, APR_HOOK_MIDDLE);
    /* Before httpd answers TRACE, in the next hook, when it has forgotten the
     * location for a while. */
    ap_hook_translate_name(uk_verify_refuse_trace, NULL, NULL,
                           APR_HOOK_REALLY_FIRST);
    ap_hook_insert_error_filter(uk_manage_insert_error_filter, NULL, NULL,
                                APR_HOOK_LAST);

    /* The refusal, and what is left to do when it has been sent. */
    ap_hook_insert_filter(insert_filter, NULL, NULL, APR_HOOK_LAST);
    ap_hook_insert_error_filter(uk_privacy_insert_filter, NULL, NULL,
                                APR_HOOK_LAST);
    ap_hook_insert_error_filter(uk_rate_insert_filter, NULL, NULL,
                                APR_HOOK_LAST);
    ap_hook_insert_error_filter(uk_problem_insert_filter, NULL, NULL,
                                APR_HOOK_MIDDLE);
    uk_problem_register();
    uk_privacy_register();
    uk_rate_register();
    uk_recheck_register();
    ap_hook_log_transaction(log_transaction, NULL, NULL, APR_HOOK_MIDDLE);
    uk_status_register();
}

module AP_MODULE_DECLARE_DATA uptime_keys_module = {
    STANDARD20_MODULE_STUFF, uk_create_dir_config,   uk_merge_dir_config,
    uk_create_server_config, uk_merge_server_config, uk_commands,
    register_hooks,
};
