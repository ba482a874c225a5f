/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration: created, merged, and read with its defaults. */
#include "httpd/config.h"

#include "httpd/directives.h"
#include "httpd/rate.h"
#include "httpd/state.h"

/* One catalogue for all servers. Each pass over the configuration creates it
 * again; after that it is only read. */
static uk_catalogue_t *catalogue;

/* 1 if the configuration asks for keys somewhere; .htaccess files are not read
 * then. */
static int is_in_use;

static void declare_scope(apr_pool_t *ptemp, const char *args)
{
    const char *name = ap_getword_conf(ptemp, &args);
    const char *description = ap_getword_conf(ptemp, &args);
    const char *group = ap_getword_conf(ptemp, &args);

    /* Errors are reported when httpd reaches the line. */
    (void)!uk_catalogue_add(catalogue, name, description,
                            *group ? group : NULL);
}

/* AuthType uptime-key, SetHandler uptime-keys-verify and the like. */
static int asks_for_keys(const ap_directive_t *directive)
{
    static const char *const names[] = {"AuthType", "AuthBasicProvider",
                                        "SetHandler"};
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (ap_cstr_casecmp(directive->directive, names[i]) == 0) {
            return ap_strcasestr(directive->args, UK_AUTH_TYPE) != NULL;
        }
    }
    return 0;
}

static void read_ahead(apr_pool_t *ptemp, const ap_directive_t *directive)
{
    for (; directive; directive = directive->next) {
        if (ap_cstr_casecmp(directive->directive, UK_SCOPE_DIRECTIVE) == 0) {
            declare_scope(ptemp, directive->args);
        }
        is_in_use |= asks_for_keys(directive);
        read_ahead(ptemp, directive->first_child);
    }
}

void uk_config_start(apr_pool_t *pconf, apr_pool_t *ptemp)
{
    catalogue = uk_catalogue_create(pconf);
    is_in_use = 0;
    read_ahead(ptemp, ap_conftree);
}

int uk_config_is_in_use(void)
{
    return is_in_use;
}

const uk_catalogue_t *uk_config_catalogue(void)
{
    return catalogue;
}

const char *uk_config_add_scope(const char *name, const char *description,
                                const char *group)
{
    return uk_catalogue_add(catalogue, name, description, group);
}

/* Create and merge. */

static const char *string_or(const char *add, const char *base)
{
    return add ? add : base;
}

static const uk_rate_limit_t *limit_or(const uk_rate_limit_t *add,
                                       const uk_rate_limit_t *base)
{
    return add ? add : base;
}

#define UNSET_INT(field, ...) .field = UK_UNSET,
#define UNSET_STRING(field, ...) .field = NULL,
#define UNSET_LIMIT(field, ...) .field = NULL,
#define MERGE_INT(field, ...) .field = uk_config_int(add->field, base->field),
#define MERGE_STRING(field, ...) .field = string_or(add->field, base->field),
#define MERGE_LIMIT(field, ...) .field = limit_or(add->field, base->field),

void *uk_create_dir_config(apr_pool_t *pool, char *dir)
{
    uk_dir_config_t *config = apr_palloc(pool, sizeof(*config));

    (void)dir;
    *config = (uk_dir_config_t){
        UK_DIR_DIRECTIVES(UNSET_INT, UNSET_STRING, UNSET_INT, UNSET_LIMIT)
            .takes_leaks = UK_UNSET,
        .verifies = UK_UNSET, .basic_providers = UK_UNSET};
    return config;
}

void *uk_merge_dir_config(apr_pool_t *pool, void *basev, void *addv)
{
    const uk_dir_config_t *base = basev, *add = addv;
    uk_dir_config_t *merged = apr_palloc(pool, sizeof(*merged));

    *merged = (uk_dir_config_t){
        UK_DIR_DIRECTIVES(MERGE_INT, MERGE_STRING, MERGE_INT, MERGE_LIMIT)
            MERGE_STRING(managed_path, NULL) MERGE_INT(takes_leaks, 0)
                MERGE_INT(verifies, 0) MERGE_INT(basic_providers, 0)};
    return merged;
}

void *uk_create_server_config(apr_pool_t *pool, server_rec *server)
{
    uk_server_config_t *config = apr_palloc(pool, sizeof(*config));

    (void)server;
    *config = (uk_server_config_t){
        UK_SERVER_DIRECTIVES(UNSET_INT, UNSET_INT, UNSET_INT, UNSET_INT)
            UK_DBD_DIRECTIVES(UNSET_INT, UNSET_INT, UNSET_STRING)
                .state = uk_server_state_create(pool)};
    return config;
}

/* mod_dbd executes the main server's SQL, then that of the virtual host. */
static const char *joined(apr_pool_t *pool, const char *base, const char *add)
{
    return base && add ? apr_pstrcat(pool, base, "\n", add, NULL)
                       : string_or(add, base);
}

void *uk_merge_server_config(apr_pool_t *pool, void *basev, void *addv)
{
    const uk_server_config_t *base = basev, *add = addv;
    uk_server_config_t *merged = apr_palloc(pool, sizeof(*merged));

    *merged = (uk_server_config_t){
        UK_SERVER_DIRECTIVES(MERGE_INT, MERGE_INT, MERGE_INT, MERGE_INT)
            UK_DBD_DIRECTIVES(MERGE_INT, MERGE_INT, MERGE_STRING)
                .dbd_init_sql =
            joined(pool, base->dbd_init_sql, add->dbd_init_sql),
        .state = uk_server_state_create(pool)};
    return merged;
}

/* Values in effect. */

static const uk_rate_limit_t *null_if_none(const uk_rate_limit_t *limit)
{
    return limit && limit->policy.requests > 0 ? limit : NULL;
}

#define NOTHING(...)
#define GET_DIR_LIMIT(field, fallback, ...)                                    \
    const uk_rate_limit_t *uk_config_##field(const uk_dir_config_t *config)    \
    {                                                                          \
        return null_if_none(config->field);                                    \
    }

UK_DIR_DIRECTIVES(NOTHING, NOTHING, NOTHING, GET_DIR_LIMIT)

uk_lifetimes_t uk_config_lifetimes(const uk_server_config_t *config)
{
    return (uk_lifetimes_t){uk_config_max_lifetime(config),
                            uk_config_default_lifetime(config)};
}

uk_dbd_pool_size_t uk_config_dbd_pool(const uk_server_config_t *config)
{
    return (uk_dbd_pool_size_t){
        .is_known = uk_config_int(config->dbd_persist, 1),
        .min = uk_config_int(config->dbd_min, UK_DBD_MIN),
        .keep = uk_config_int(config->dbd_keep, UK_DBD_KEEP),
        .max = uk_config_int(config->dbd_max, UK_DBD_MAX),
    };
}

int uk_config_dbd_exptime(const uk_server_config_t *config)
{
    return uk_config_int(config->dbd_exptime, UK_DBD_EXPTIME);
}
