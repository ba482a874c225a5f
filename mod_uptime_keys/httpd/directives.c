/* SPDX-License-Identifier: Apache-2.0 */
/* Directives: what the admin may write, and what he is told otherwise. */
#include <stdlib.h>
#include <string.h>

#include "store/store.h"
#include "httpd/config.h"

#define LAST_USED_INTERVAL_MAX 86400
#define CACHE_SIZE_MIN (1024 * 1024)
#define CACHE_SIZE_MAX (1024 * 1024 * 1024)

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
        "Authorization",  "Proxy-Authorization", "Host",       "Cookie",
        "Content-Length", "Transfer-Encoding",   "Connection",
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
        problem = uk_config_add_scope(name, description, group);
    }
    return problem ? apr_psprintf(cmd->pool, UK_SCOPE_DIRECTIVE " %s: %s", name,
                                  problem)
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

/* Directives that the whole server takes. */

static const char *set_cache(cmd_parms *cmd, void *config, int on)
{
    (void)config;
    uk_server_config(cmd->server)->cache = on;
    return ap_check_cmd_context(cmd, GLOBAL_ONLY);
}

/* Bytes, or with a letter behind them KiB or MiB. */
static apr_int64_t read_size(const char *arg)
{
    char *end;
    apr_int64_t number = apr_strtoi64(arg, &end, 10);
    int shift = apr_toupper(*end) == 'K'   ? 10
                : apr_toupper(*end) == 'M' ? 20
                                           : 0;

    if (!apr_isdigit(*arg) || end[shift > 0] || number > CACHE_SIZE_MAX) {
        return -1;
    }
    return number << shift;
}

static const char *set_cache_size(cmd_parms *cmd, void *config, const char *arg)
{
    apr_int64_t size = read_size(arg);

    (void)config;
    if (size < CACHE_SIZE_MIN || size > CACHE_SIZE_MAX) {
        return apr_psprintf(cmd->pool,
                            "%s takes bytes, or a number with K or M, from 1M "
                            "to 1024M, not '%s'",
                            cmd->cmd->name, arg);
    }
    uk_server_config(cmd->server)->cache_size = (int)size;
    return ap_check_cmd_context(cmd, GLOBAL_ONLY);
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

static const char *need_dbd(cmd_parms *cmd)
{
    return need_module(cmd, "mod_dbd.c", "mod_dbd");
}

static const char *observe_dbd_driver(cmd_parms *cmd, void *config,
                                      const char *arg)
{
    (void)config;
    uk_server_config(cmd->server)->dbd_driver = arg;
    return need_dbd(cmd);
}

/* At which offset of the server's configuration, cmd->info says. */
static int *dbd_number(cmd_parms *cmd)
{
    return (int *)((char *)uk_server_config(cmd->server)
                   + (apr_size_t)cmd->info);
}

static const char *observe_dbd_number(cmd_parms *cmd, void *config,
                                      const char *arg)
{
    (void)config;
    *dbd_number(cmd) = atoi(arg);
    return need_dbd(cmd);
}

static const char *observe_dbd_flag(cmd_parms *cmd, void *config, int flag)
{
    (void)config;
    *dbd_number(cmd) = flag;
    return need_dbd(cmd);
}

static const char *observe_dbd_params(cmd_parms *cmd, void *config,
                                      const char *arg)
{
    (void)config;
    uk_server_config(cmd->server)->dbd_params = arg;
    return need_dbd(cmd);
}

static const char *observe_dbd_init_sql(cmd_parms *cmd, void *config,
                                        const char *arg)
{
    uk_server_config_t *server = uk_server_config(cmd->server);

    (void)config;
    server->dbd_init_sql =
        server->dbd_init_sql
            ? apr_pstrcat(cmd->pool, server->dbd_init_sql, "\n", arg, NULL)
            : arg;
    return need_dbd(cmd);
}

static const char *observe_handler(cmd_parms *cmd, void *configv,
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

static const char *observe_basic_provider(cmd_parms *cmd, void *configv,
                                          const char *name)
{
    uk_dir_config_t *config = configv;

    if (config->basic_providers == UK_UNSET) {
        config->basic_providers = 0;
    }
    config->basic_providers |= ap_cstr_casecmp(name, UK_AUTH_TYPE) == 0
                                   ? UK_BASIC_US
                                   : UK_BASIC_OTHERS;
    return need_module(cmd, "mod_auth_basic.c", "mod_auth_basic");
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
    AP_INIT_TAKE23(UK_SCOPE_DIRECTIVE, set_scope, NULL, RSRC_CONF,
                   "a scope of your own: name, description and group"),
    AP_INIT_FLAG("UptimeKeysRequireChecksum", set_require_checksum, NULL,
                 RSRC_CONF, "Off to accept imported keys without a checksum"),
    AP_INIT_TAKE1("UptimeKeysMaxPerTeam", set_max_per_team, NULL, RSRC_CONF,
                  "how many keys a team may have"),
    AP_INIT_TAKE1("UptimeKeysLastUsedInterval", set_last_used_interval, NULL,
                  RSRC_CONF, "seconds between two notes of a key's last use"),
    AP_INIT_FLAG("UptimeKeysCache", set_cache, NULL, RSRC_CONF,
                 "On to keep accepted keys in memory"),
    AP_INIT_TAKE1("UptimeKeysCacheSize", set_cache_size, NULL, RSRC_CONF,
                  "bytes of memory for accepted keys, like 4M"),
    AP_INIT_TAKE1("UptimeKeysTeam", set_team, NULL, ACCESS_CONF,
                  "the one team that is managed here"),
    AP_INIT_TAKE1("SetHandler", observe_handler, NULL, OR_FILEINFO,
                  "see httpd's core"),
    AP_INIT_TAKE1("DBDriver", observe_dbd_driver, NULL, RSRC_CONF,
                  "the database driver, see mod_dbd"),
    AP_INIT_TAKE1("DBDParams", observe_dbd_params, NULL, RSRC_CONF,
                  "the database's parameters, see mod_dbd"),
    AP_INIT_TAKE1("DBDMin", observe_dbd_number,
                  (void *)APR_OFFSETOF(uk_server_config_t, dbd_min), RSRC_CONF,
                  "the fewest connections, see mod_dbd"),
    AP_INIT_TAKE1("DBDKeep", observe_dbd_number,
                  (void *)APR_OFFSETOF(uk_server_config_t, dbd_keep), RSRC_CONF,
                  "the most connections that are kept, see mod_dbd"),
    AP_INIT_TAKE1("DBDMax", observe_dbd_number,
                  (void *)APR_OFFSETOF(uk_server_config_t, dbd_max), RSRC_CONF,
                  "the most connections, see mod_dbd"),
    AP_INIT_TAKE1("DBDExptime", observe_dbd_number,
                  (void *)APR_OFFSETOF(uk_server_config_t, dbd_exptime),
                  RSRC_CONF, "seconds of an idle connection, see mod_dbd"),
    AP_INIT_FLAG("DBDPersist", observe_dbd_flag,
                 (void *)APR_OFFSETOF(uk_server_config_t, dbd_persist),
                 RSRC_CONF, "whether there is a pool, see mod_dbd"),
    AP_INIT_TAKE1("DBDInitSQL", observe_dbd_init_sql, NULL, RSRC_CONF,
                  "SQL for each new connection, see mod_dbd"),
    AP_INIT_ITERATE("AuthBasicProvider", observe_basic_provider, NULL,
                    OR_AUTHCFG, "see mod_auth_basic"),
    {NULL}};
