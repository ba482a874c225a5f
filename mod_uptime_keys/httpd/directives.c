/* SPDX-License-Identifier: Apache-2.0 */
/* The command table: what each directive takes, and its error messages. */
#include "httpd/directives.h"

#include <stdlib.h>
#include <string.h>

#include "core/team.h"
#include "httpd/config.h"
#include "httpd/rate.h"
#include "httpd/verify_handler.h"

/* Directives of a directory. */

static int is_none(const char *arg)
{
    return ap_cstr_casecmp(arg, "None") == 0;
}

static int is_token(const char *arg)
{
    return *arg && *ap_scan_http_token(arg) == '\0';
}

/* Headers that have another meaning already. */
static int is_reserved(const char *header)
{
    static const char *const reserved[] = {
        "Authorization",  "Proxy-Authorization", "Host",       "Cookie",
        "Content-Length", "Transfer-Encoding",   "Connection",
    };
    size_t i;

    for (i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
        if (ap_cstr_casecmp(header, reserved[i]) == 0) {
            return 1;
        }
    }
    return 0;
}

static const char *set_header(cmd_parms *cmd, void *configv, const char *arg)
{
    uk_dir_config_t *config = configv;

    if (!is_token(arg) || is_reserved(arg)) {
        return apr_psprintf(cmd->pool,
                            "UptimeKeysHeader takes the name of a request "
                            "header, like X-API-Key, or None; '%s' is not "
                            "allowed (Authorization is always read)",
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

static const char *set_recheck(cmd_parms *cmd, void *configv, const char *arg)
{
    uk_dir_config_t *config = configv;
    char *end;
    apr_int64_t seconds = apr_strtoi64(arg, &end, 10);

    if (ap_cstr_casecmp(arg, "Off") == 0) {
        config->recheck = 0;
        return NULL;
    }
    if (!apr_isdigit(*arg) || *end || seconds < 1 || seconds > UK_RECHECK_MAX) {
        return apr_psprintf(cmd->pool,
                            "UptimeKeysRecheck takes a number of seconds from "
                            "1 to %d, or Off; not '%s'",
                            UK_RECHECK_MAX, arg);
    }
    config->recheck = (int)seconds;
    return NULL;
}

/* Directives of a server. */

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

/* cmd_data of a directive that sets a field of a server. */
typedef struct {
    apr_size_t offset; /* of the field in uk_server_config_t */
    int min;
    int max;
    unsigned int context; /* for ap_check_cmd_context() */
} server_setting_t;

static int *server_field(cmd_parms *cmd, apr_size_t offset)
{
    return (int *)((char *)uk_server_config(cmd->server) + offset);
}

static const char *set_server_flag(cmd_parms *cmd, void *config, int on)
{
    const server_setting_t *setting = cmd->info;
    const char *problem = ap_check_cmd_context(cmd, setting->context);

    (void)config;
    if (!problem) {
        *server_field(cmd, setting->offset) = on;
    }
    return problem;
}

static const char *set_server_number(cmd_parms *cmd, void *config,
                                     const char *arg)
{
    const server_setting_t *setting = cmd->info;
    const char *problem = ap_check_cmd_context(cmd, setting->context);
    char *end;
    apr_int64_t value = apr_strtoi64(arg, &end, 10);

    (void)config;
    if (problem) {
        return problem;
    }
    if (!apr_isdigit(*arg) || *end || value < setting->min
        || value > setting->max) {
        return apr_psprintf(cmd->pool,
                            "%s takes a whole number from %d to %d, not '%s'",
                            cmd->cmd->name, setting->min, setting->max, arg);
    }
    *server_field(cmd, setting->offset) = (int)value;
    return NULL;
}

static const char *set_server_days(cmd_parms *cmd, void *config,
                                   const char *arg)
{
    const server_setting_t *setting = cmd->info;
    const char *problem;

    if (is_none(arg)) {
        problem = ap_check_cmd_context(cmd, setting->context);
        if (!problem) {
            *server_field(cmd, setting->offset) = 0;
        }
        return problem;
    }
    problem = set_server_number(cmd, config, arg);
    return problem ? apr_pstrcat(cmd->pool, problem, ", or None", NULL) : NULL;
}

/* Bytes, or KiB or MiB with the suffix K or M; -1 for anything else. The limit
 * is checked before the shift, which cannot overflow then. */
static apr_int64_t read_size(const char *arg, apr_int64_t max)
{
    char *end;
    apr_int64_t number = apr_strtoi64(arg, &end, 10);
    int shift = apr_toupper(*end) == 'K'   ? 10
                : apr_toupper(*end) == 'M' ? 20
                                           : 0;

    if (!apr_isdigit(*arg) || end[shift > 0] || number > max) {
        return -1;
    }
    return number << shift;
}

static const char *set_server_size(cmd_parms *cmd, void *config,
                                   const char *arg)
{
    const server_setting_t *setting = cmd->info;
    const char *problem = ap_check_cmd_context(cmd, setting->context);
    apr_int64_t size = read_size(arg, setting->max);

    (void)config;
    if (problem) {
        return problem;
    }
    if (size < setting->min || size > setting->max) {
        return apr_psprintf(cmd->pool,
                            "%s takes bytes, or a number with K or M, from %dM "
                            "to %dM, not '%s'",
                            cmd->cmd->name, setting->min / UK_MIB,
                            setting->max / UK_MIB, arg);
    }
    *server_field(cmd, setting->offset) = (int)size;
    return NULL;
}

/* Directives of other modules, which are only observed: httpd passes a
 * directive to every module that declares it. Without the module that it
 * belongs to it remains an error. */

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

static const char *observe_dbd_string(cmd_parms *cmd, void *config,
                                      const char *arg)
{
    const server_setting_t *setting = cmd->info;

    (void)config;
    *(const char **)((char *)uk_server_config(cmd->server) + setting->offset) =
        arg;
    return need_dbd(cmd);
}

static const char *observe_dbd_number(cmd_parms *cmd, void *config,
                                      const char *arg)
{
    const server_setting_t *setting = cmd->info;

    (void)config;
    *server_field(cmd, setting->offset) = atoi(arg);
    return need_dbd(cmd);
}

static const char *observe_dbd_flag(cmd_parms *cmd, void *config, int flag)
{
    const server_setting_t *setting = cmd->info;

    (void)config;
    *server_field(cmd, setting->offset) = flag;
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
    int manages = ap_cstr_casecmp(name, UK_HANDLER) == 0;

    config->verifies = ap_cstr_casecmp(name, UK_VERIFY_HANDLER) == 0;
    config->takes_leaks = ap_cstr_casecmp(name, UK_LEAKED_HANDLER) == 0;
    config->managed_path = manages ? cmd->path ? cmd->path : "/" : "";
    if (config->verifies) {
        return uk_verify_check_section(cmd);
    }
    /* Whoever configures authentication can claim any user name, so .htaccess
     * must not enable these handlers. */
    return (manages || config->takes_leaks)
                   && !(cmd->override & (RSRC_CONF | ACCESS_CONF))
               ? apr_psprintf(cmd->pool,
                              "SetHandler %s is for the server's "
                              "configuration, not for .htaccess",
                              name)
               : NULL;
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

/* The entries for the rows of settings.h. */
#define DIR_FLAG(field, fallback, name, where, help)                           \
    AP_INIT_FLAG(name, ap_set_flag_slot,                                       \
                 (void *)APR_OFFSETOF(uk_dir_config_t, field), where, help),
#define DIR_STRING(field, fallback, name, arg, function, where, help)          \
    AP_INIT_TAKE1(name, function, NULL, where, help),
#define DIR_PERIOD(field, fallback, name, arg, function, where, help)          \
    AP_INIT_TAKE1(name, function, NULL, where, help),
#define DIR_LIMIT(field, fallback, name, arg, function, where, help)           \
    AP_INIT_TAKE1(name, function, NULL, where, help),
#define SERVER_SETTING(field, min, max, context)                               \
    (void *)&(const server_setting_t)                                          \
    {                                                                          \
        APR_OFFSETOF(uk_server_config_t, field), min, max, context             \
    }
#define SERVER_FLAG(field, fallback, name, context, help)                      \
    AP_INIT_FLAG(name, set_server_flag, SERVER_SETTING(field, 0, 1, context),  \
                 RSRC_CONF, help),
#define SERVER_NUMBER(field, fallback, min, max, name, arg, context, help)     \
    AP_INIT_TAKE1(name, set_server_number,                                     \
                  SERVER_SETTING(field, min, max, context), RSRC_CONF, help),
#define SERVER_SIZE(field, fallback, min, max, name, arg, context, help)       \
    AP_INIT_TAKE1(name, set_server_size,                                       \
                  SERVER_SETTING(field, min, max, context), RSRC_CONF, help),
#define SERVER_DAYS(field, fallback, min, max, name, arg, context, help)       \
    AP_INIT_TAKE1(name, set_server_days,                                       \
                  SERVER_SETTING(field, min, max, context), RSRC_CONF, help),
#define DBD_FLAG(field, fallback, name, help)                                  \
    AP_INIT_FLAG(name, observe_dbd_flag, SERVER_SETTING(field, 0, 0, 0),       \
                 RSRC_CONF, help),
#define DBD_NUMBER(field, fallback, name, help)                                \
    AP_INIT_TAKE1(name, observe_dbd_number, SERVER_SETTING(field, 0, 0, 0),    \
                  RSRC_CONF, help),
#define DBD_STRING(field, fallback, name, help)                                \
    AP_INIT_TAKE1(name, observe_dbd_string, SERVER_SETTING(field, 0, 0, 0),    \
                  RSRC_CONF, help),

/* clang-format off */
const command_rec uk_commands[] = {
    UK_DIR_DIRECTIVES(DIR_FLAG, DIR_STRING, DIR_PERIOD, DIR_LIMIT)
    UK_SERVER_DIRECTIVES(SERVER_FLAG, SERVER_NUMBER, SERVER_SIZE, SERVER_DAYS)
    AP_INIT_TAKE23(UK_SCOPE_DIRECTIVE, set_scope, NULL, RSRC_CONF,
                   "a scope of your own: name, description and group"),
    UK_DBD_DIRECTIVES(DBD_FLAG, DBD_NUMBER, DBD_STRING)
    AP_INIT_TAKE1("DBDInitSQL", observe_dbd_init_sql, NULL, RSRC_CONF,
                  "SQL for each new connection, see mod_dbd"),
    AP_INIT_TAKE1("SetHandler", observe_handler, NULL, OR_FILEINFO,
                  "see httpd's core"),
    AP_INIT_ITERATE("AuthBasicProvider", observe_basic_provider, NULL,
                    OR_AUTHCFG, "see mod_auth_basic"),
    {NULL}
};
/* clang-format on */
