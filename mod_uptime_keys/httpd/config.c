/* SPDX-License-Identifier: Apache-2.0 */
/* Directives, and the configuration that they make. */
#include "httpd/config.h"

#include <http_vhost.h>
#include <stdlib.h>
#include <string.h>

#include "core/store.h"

#define PROBLEM_BASE "urn:uptime-keys:error:"
#define LAST_USED_INTERVAL 60
#define LAST_USED_INTERVAL_MAX 86400

/* Scopes are one list for the whole server. It is made anew by every pass over
 * the configuration and only read afterwards. */
static uk_catalogue_t *catalogue;

#define SCOPE "UptimeKeysScope"

static void declare_scope(apr_pool_t *ptemp, const char *args)
{
    const char *name = ap_getword_conf(ptemp, &args);
    const char *description = ap_getword_conf(ptemp, &args);
    const char *group = ap_getword_conf(ptemp, &args);

    /* What is wrong with a line is said where httpd comes to it. */
    (void)!uk_catalogue_add(catalogue, name, description,
                            *group ? group : NULL);
}

static void declare_scopes(apr_pool_t *ptemp, const ap_directive_t *directive)
{
    for (; directive; directive = directive->next) {
        if (ap_cstr_casecmp(directive->directive, SCOPE) == 0) {
            declare_scope(ptemp, directive->args);
        }
        declare_scopes(ptemp, directive->first_child);
    }
}

void uk_config_start(apr_pool_t *pconf, apr_pool_t *ptemp)
{
    catalogue = uk_catalogue_create(pconf);
    declare_scopes(ptemp, ap_conftree);
}

const uk_catalogue_t *uk_config_catalogue(void)
{
    return catalogue;
}

void *uk_create_dir_config(apr_pool_t *pool, char *dir)
{
    uk_dir_config_t *config = apr_palloc(pool, sizeof(*config));

    (void)dir;
    *config = (uk_dir_config_t){
        .forward_key = UK_UNSET,
        .preflight = UK_UNSET,
        .forbidden_on_failure = UK_UNSET,
        .basic_providers = UK_UNSET,
    };
    return config;
}

static int set_or(int add, int base)
{
    return add == UK_UNSET ? base : add;
}

static const char *text_or(const char *add, const char *base)
{
    return add ? add : base;
}

void *uk_merge_dir_config(apr_pool_t *pool, void *basev, void *addv)
{
    const uk_dir_config_t *base = basev, *add = addv;
    uk_dir_config_t *merged = apr_palloc(pool, sizeof(*merged));

    *merged = (uk_dir_config_t){
        .header = text_or(add->header, base->header),
        .identity_prefix =
            text_or(add->identity_prefix, base->identity_prefix),
        .problem_base = text_or(add->problem_base, base->problem_base),
        .team = text_or(add->team, base->team),
        .managed_path = text_or(add->managed_path, base->managed_path),
        .forward_key = set_or(add->forward_key, base->forward_key),
        .preflight = set_or(add->preflight, base->preflight),
        .forbidden_on_failure =
            set_or(add->forbidden_on_failure, base->forbidden_on_failure),
        .basic_providers =
            set_or(add->basic_providers, base->basic_providers),
    };
    return merged;
}

void *uk_create_server_config(apr_pool_t *pool, server_rec *server)
{
    uk_server_config_t *config = apr_palloc(pool, sizeof(*config));

    (void)server;
    *config = (uk_server_config_t){
        .require_checksum = UK_UNSET,
        .max_per_team = UK_UNSET,
        .last_used_interval = UK_UNSET,
    };
    return config;
}

void *uk_merge_server_config(apr_pool_t *pool, void *basev, void *addv)
{
    const uk_server_config_t *base = basev, *add = addv;
    uk_server_config_t *merged = apr_palloc(pool, sizeof(*merged));

    *merged = (uk_server_config_t){
        .dbd_driver = text_or(add->dbd_driver, base->dbd_driver),
        .dbd_params = text_or(add->dbd_params, base->dbd_params),
        .require_checksum =
            set_or(add->require_checksum, base->require_checksum),
        .max_per_team = set_or(add->max_per_team, base->max_per_team),
        .last_used_interval =
            set_or(add->last_used_interval, base->last_used_interval),
    };
    return merged;
}

uk_dir_config_t *uk_dir_config(request_rec *r)
{
    return ap_get_module_config(r->per_dir_config, &uptime_keys_module);
}

static const char *text_if_any(const char *text)
{
    return text && *text ? text : NULL;
}

const char *uk_config_header(const uk_dir_config_t *config)
{
    return text_if_any(config->header);
}

const char *uk_config_identity_prefix(const uk_dir_config_t *config)
{
    return text_if_any(config->identity_prefix);
}

const char *uk_config_problem_base(const uk_dir_config_t *config)
{
    return text_or(config->problem_base, PROBLEM_BASE);
}

const char *uk_config_managed_path(const uk_dir_config_t *config)
{
    return text_if_any(config->managed_path);
}

int uk_config_forwards_key(const uk_dir_config_t *config)
{
    return set_or(config->forward_key, 0);
}

int uk_config_lets_preflight(const uk_dir_config_t *config)
{
    return set_or(config->preflight, 0);
}

int uk_config_sends_forbidden(const uk_dir_config_t *config)
{
    return set_or(config->forbidden_on_failure, 0);
}

int uk_config_basic_asks_us(const uk_dir_config_t *config)
{
    return set_or(config->basic_providers, 0) & UK_BASIC_US;
}

int uk_config_basic_asks_others(const uk_dir_config_t *config)
{
    return set_or(config->basic_providers, 0) & UK_BASIC_OTHERS;
}

uk_server_config_t *uk_server_config(server_rec *server)
{
    return ap_get_module_config(server->module_config, &uptime_keys_module);
}

int uk_config_max_per_team(const uk_server_config_t *config)
{
    return set_or(config->max_per_team, UK_KEYS_PER_TEAM);
}

int uk_config_requires_checksum(const uk_server_config_t *config)
{
    return set_or(config->require_checksum, 1);
}

uk_instant_t uk_config_last_used_interval(const uk_server_config_t *config)
{
    return set_or(config->last_used_interval, LAST_USED_INTERVAL)
           * (uk_instant_t)1000;
}

/* Directives that a directory takes. */

static int is_none(const char *arg)
{
    return ap_cstr_casecmp(arg, "None") == 0;
}

static int is_token(const char *arg)
{
    return *arg && *ap_scan_http_token(arg) == '\0';
}

/* Headers that mean something else already. */
static int is_taken(const char *header)
{
    static const char *const taken[] = {
        "Authorization", "Proxy-Authorization", "Host", "Cookie",
        "Content-Length", "Transfer-Encoding", "Connection",
    };
    size_t i;

    for (i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
        if (ap_cstr_casecmp(header, taken[i]) == 0) {
            return 1;
        }
    }
    return 0;
}

static const char *set_header(cmd_parms *cmd, void *configv, const char *arg)
{
    uk_dir_config_t *config = configv;

    if (!is_token(arg) || is_taken(arg)) {
        return apr_psprintf(cmd->pool,
                            "UptimeKeysHeader takes the name of a request "
                            "header of its own, like X-API-Key, or None; "
                            "'%s' is none (Authorization is always read)",
                            arg);
    }
    config->header = is_none(arg) ? "" : arg;
    return NULL;
}

static const char *set_identity_headers(cmd_parms *cmd, void *configv,
                                        const char *arg)
{
    uk_dir_config_t *config = configv;

    if (!is_token(arg)) {
        return apr_psprintf(cmd->pool,
                            "UptimeKeysIdentityHeaders takes the beginning of "
                            "header names, like X-Uptime, or None; not '%s'",
                            arg);
    }
    config->identity_prefix = is_none(arg) ? "" : arg;
    return NULL;
}

static const char *set_problem_base(cmd_parms *cmd, void *configv,
                                    const char *arg)
{
    uk_dir_config_t *config = configv;
    const char *c;

    for (c = arg; *c > ' ' && *c < 0x7f && !strchr("\"<>\\^`{|}", *c); c++) {
    }
    if (c == arg || *c) {
        return apr_psprintf(cmd->pool,
                            "UptimeKeysProblemBase takes the beginning of a "
                            "URI, like https://example.com/problems/; "
                            "not '%s'",
                            arg);
    }
    config->problem_base = arg;
    return NULL;
}

static const char *set_team(cmd_parms *cmd, void *configv, const char *arg)
{
    uk_dir_config_t *config = configv;

    if (!uk_team_id_is_valid(arg)) {
        return apr_psprintf(cmd->pool,
                            "UptimeKeysTeam takes the id of a team, a short "
                            "lower-case name like acme, not '%s'",
                            arg);
    }
    config->team = arg;
    return NULL;
}

/* Directives that a server takes. */

static const char *set_scope(cmd_parms *cmd, void *config, const char *name,
                             const char *description, const char *group)
{
    const char *problem = ap_check_cmd_context(cmd, NOT_IN_DIR_LOC_FILE);

    (void)config;
    if (!problem) {
        problem = uk_catalogue_add(catalogue, name, description, group);
    }
    return problem ? apr_psprintf(cmd->pool, SCOPE " %s: %s", name, problem)
                   : NULL;
}

static const char *set_require_checksum(cmd_parms *cmd, void *config, int on)
{
    (void)config;
    uk_server_config(cmd->server)->require_checksum = on;
    return NULL;
}

static const char *set_number(cmd_parms *cmd, const char *arg, int max,
                              int *number)
{
    char *end;
    apr_int64_t value = apr_strtoi64(arg, &end, 10);

    if (!apr_isdigit(*arg) || *end || value < 1 || value > max) {
        return apr_psprintf(cmd->pool,
                            "%s takes a whole number from 1 to %d, not '%s'",
                            cmd->cmd->name, max, arg);
    }
    *number = (int)value;
    return NULL;
}

static const char *set_max_per_team(cmd_parms *cmd, void *config,
                                    const char *arg)
{
    (void)config;
    return set_number(cmd, arg, UK_KEYS_PER_TEAM_MAX,
                      &uk_server_config(cmd->server)->max_per_team);
}

static const char *set_last_used_interval(cmd_parms *cmd, void *config,
                                          const char *arg)
{
    (void)config;
    return set_number(cmd, arg, LAST_USED_INTERVAL_MAX,
                      &uk_server_config(cmd->server)->last_used_interval);
}

/* Directives of other modules that we listen to: httpd gives a directive to
 * every module that declares it. Each stays unknown without its owner. */

static const char *need_module(cmd_parms *cmd, const char *source,
                               const char *name)
{
    return ap_find_linked_module(source)
               ? NULL
               : apr_psprintf(cmd->pool, "%s needs %s to be loaded first",
                              cmd->cmd->name, name);
}

static const char *hear_dbd_driver(cmd_parms *cmd, void *config,
                                   const char *arg)
{
    (void)config;
    uk_server_config(cmd->server)->dbd_driver = arg;
    return need_module(cmd, "mod_dbd.c", "mod_dbd");
}

static const char *hear_dbd_params(cmd_parms *cmd, void *config,
                                   const char *arg)
{
    (void)config;
    uk_server_config(cmd->server)->dbd_params = arg;
    return need_module(cmd, "mod_dbd.c", "mod_dbd");
}

static const char *hear_handler(cmd_parms *cmd, void *configv,
                                const char *name)
{
    uk_dir_config_t *config = configv;

    if (ap_cstr_casecmp(name, UK_HANDLER) != 0) {
        config->managed_path = "";
        return NULL;
    }
    /* Who may say who people are may say that they own a team. */
    if (!(cmd->override & (RSRC_CONF | ACCESS_CONF))) {
        return "SetHandler " UK_HANDLER " is for the server's configuration, "
               "not for .htaccess";
    }
    config->managed_path = cmd->path ? cmd->path : "/";
    return NULL;
}

#define FORBIDDEN_ON_FAILURE "AuthzSendForbiddenOnFailure"

static const char *hear_forbidden_on_failure(cmd_parms *cmd, void *configv,
                                             int on)
{
    uk_dir_config_t *config = configv;

    config->forbidden_on_failure = on;
    return need_module(cmd, "mod_authz_core.c", "mod_authz_core");
}

static const char *hear_basic_provider(cmd_parms *cmd, void *configv,
                                       const char *name)
{
    uk_dir_config_t *config = configv;

    config->basic_providers =
        set_or(config->basic_providers, 0)
        | (ap_cstr_casecmp(name, UK_AUTH_TYPE) == 0 ? UK_BASIC_US
                                                    : UK_BASIC_OTHERS);
    return need_module(cmd, "mod_auth_basic.c", "mod_auth_basic");
}

const char *uk_config_send_forbidden(cmd_parms *cmd, ap_conf_vector_t *config)
{
    ap_directive_t directive = {
        .directive = FORBIDDEN_ON_FAILURE,
        .args = "On",
        .filename = cmd->directive ? cmd->directive->filename : NULL,
        .line_num = cmd->directive ? cmd->directive->line_num : 0,
    };
    cmd_parms ours = *cmd;

    /* Not the admin's line, so what he may write here does not matter. */
    ours.override = OR_AUTHCFG;
    ours.override_list = NULL;
    return ap_walk_config(&directive, &ours, config);
}

#define SERVER_OR_DIRECTORY (RSRC_CONF | ACCESS_CONF)

const command_rec uk_commands[] = {
    AP_INIT_TAKE1("UptimeKeysHeader", set_header, NULL, SERVER_OR_DIRECTORY,
                  "a request header that may hold a key too, or None"),
    AP_INIT_FLAG("UptimeKeysForwardKey", ap_set_flag_slot,
                 (void *)APR_OFFSETOF(uk_dir_config_t, forward_key),
                 SERVER_OR_DIRECTORY,
                 "On to let backends, CGI and sub-requests see the key"),
    AP_INIT_TAKE1("UptimeKeysIdentityHeaders", set_identity_headers, NULL,
                  SERVER_OR_DIRECTORY,
                  "prefix of request headers that tell who called, or None"),
    AP_INIT_FLAG("UptimeKeysPreflight", ap_set_flag_slot,
                 (void *)APR_OFFSETOF(uk_dir_config_t, preflight),
                 SERVER_OR_DIRECTORY,
                 "On to let CORS preflight requests pass without a key"),
    AP_INIT_TAKE1("UptimeKeysProblemBase", set_problem_base, NULL,
                  SERVER_OR_DIRECTORY,
                  "what stands before the name in a problem's type"),
    AP_INIT_TAKE23(SCOPE, set_scope, NULL, RSRC_CONF,
                   "a scope of your own: name, description and group"),
    AP_INIT_FLAG("UptimeKeysRequireChecksum", set_require_checksum, NULL,
                 RSRC_CONF, "Off to accept imported keys without a checksum"),
    AP_INIT_TAKE1("UptimeKeysMaxPerTeam", set_max_per_team, NULL, RSRC_CONF,
                  "how many keys a team may have"),
    AP_INIT_TAKE1("UptimeKeysLastUsedInterval", set_last_used_interval, NULL,
                  RSRC_CONF,
                  "seconds between two notes of a key's last use"),
    AP_INIT_TAKE1("UptimeKeysTeam", set_team, NULL, ACCESS_CONF,
                  "the one team that is managed here"),
    AP_INIT_TAKE1("SetHandler", hear_handler, NULL, OR_FILEINFO,
                  "see httpd's core"),
    AP_INIT_TAKE1("DBDriver", hear_dbd_driver, NULL, RSRC_CONF,
                  "the database driver, see mod_dbd"),
    AP_INIT_TAKE1("DBDParams", hear_dbd_params, NULL, RSRC_CONF,
                  "the database's parameters, see mod_dbd"),
    AP_INIT_FLAG(FORBIDDEN_ON_FAILURE, hear_forbidden_on_failure, NULL,
                 OR_AUTHCFG, "see mod_authz_core"),
    AP_INIT_ITERATE("AuthBasicProvider", hear_basic_provider, NULL, OR_AUTHCFG,
                    "see mod_auth_basic"),
    {NULL}
};
