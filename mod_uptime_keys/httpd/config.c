/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration: made, merged, and read with its defaults. */
#include "httpd/config.h"

#include <string.h>

#include "check/check.h"
#include "store/store.h"

#define PROBLEM_BASE "urn:uptime-keys:error:"
#define LAST_USED_INTERVAL 60
#define CACHE_SIZE (4 * 1024 * 1024)
/* mod_dbd's own DBDExptime. */
#define DBD_EXPTIME 300

/* Scopes are one list for the whole server. It is made anew by every pass over
 * the configuration and only read afterwards. */
static uk_catalogue_t *catalogue;

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
        if (ap_cstr_casecmp(directive->directive, UK_SCOPE_DIRECTIVE) == 0) {
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

const char *uk_config_add_scope(const char *name, const char *description,
                                const char *group)
{
    return uk_catalogue_add(catalogue, name, description, group);
}

void *uk_create_dir_config(apr_pool_t *pool, char *dir)
{
    uk_dir_config_t *config = apr_palloc(pool, sizeof(*config));

    (void)dir;
    *config = (uk_dir_config_t){
        .forward_key = UK_UNSET,
        .preflight = UK_UNSET,
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
        .identity_prefix = text_or(add->identity_prefix, base->identity_prefix),
        .problem_base = text_or(add->problem_base, base->problem_base),
        .team = text_or(add->team, base->team),
        .managed_path = text_or(add->managed_path, base->managed_path),
        .forward_key = set_or(add->forward_key, base->forward_key),
        .preflight = set_or(add->preflight, base->preflight),
        .basic_providers = set_or(add->basic_providers, base->basic_providers),
    };
    return merged;
}

void *uk_create_server_config(apr_pool_t *pool, server_rec *server)
{
    uk_server_config_t *config = apr_palloc(pool, sizeof(*config));

    (void)server;
    *config = (uk_server_config_t){
        .dbd_min = UK_UNSET,
        .dbd_keep = UK_UNSET,
        .dbd_max = UK_UNSET,
        .dbd_exptime = UK_UNSET,
        .dbd_persist = UK_UNSET,
        .require_checksum = UK_UNSET,
        .max_per_team = UK_UNSET,
        .last_used_interval = UK_UNSET,
        .cache = UK_UNSET,
        .cache_size = UK_UNSET,
    };
    return config;
}

/* A virtual host's connections run both. */
static const char *joined(apr_pool_t *pool, const char *base, const char *add)
{
    return base && add ? apr_pstrcat(pool, base, "\n", add, NULL)
                       : text_or(add, base);
}

void *uk_merge_server_config(apr_pool_t *pool, void *basev, void *addv)
{
    const uk_server_config_t *base = basev, *add = addv;
    uk_server_config_t *merged = apr_palloc(pool, sizeof(*merged));

    *merged = (uk_server_config_t){
        .dbd_driver = text_or(add->dbd_driver, base->dbd_driver),
        .dbd_params = text_or(add->dbd_params, base->dbd_params),
        .dbd_min = set_or(add->dbd_min, base->dbd_min),
        .dbd_keep = set_or(add->dbd_keep, base->dbd_keep),
        .dbd_max = set_or(add->dbd_max, base->dbd_max),
        .dbd_exptime = set_or(add->dbd_exptime, base->dbd_exptime),
        .dbd_persist = set_or(add->dbd_persist, base->dbd_persist),
        .dbd_init_sql = joined(pool, base->dbd_init_sql, add->dbd_init_sql),
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

uk_pool_size_t uk_config_dbd_pool(const uk_server_config_t *config)
{
    const uk_pool_size_t none = {.max = UK_POOL_UNKNOWN};
    const uk_pool_size_t size = {
        .min = set_or(config->dbd_min, UK_DBD_MIN),
        .keep = set_or(config->dbd_keep, UK_DBD_KEEP),
        .max = set_or(config->dbd_max, UK_DBD_MAX),
    };

    return set_or(config->dbd_persist, 1) ? size : none;
}

int uk_config_caches(const uk_server_config_t *config)
{
    return set_or(config->cache, 0);
}

apr_size_t uk_config_cache_size(const uk_server_config_t *config)
{
    return (apr_size_t)set_or(config->cache_size, CACHE_SIZE);
}

static int is_same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static int has_same_database(server_rec *a, server_rec *b)
{
    const uk_server_config_t *x = uk_server_config(a);
    const uk_server_config_t *y = uk_server_config(b);

    return is_same_text(x->dbd_driver, y->dbd_driver)
           && is_same_text(x->dbd_params, y->dbd_params)
           /* It may choose what the names of tables mean. */
           && is_same_text(x->dbd_init_sql, y->dbd_init_sql);
}

/* Source: dbd_post_config() of mod_dbd.c, which does not look at DBDInitSQL. */
static int has_same_pool(server_rec *a, server_rec *b)
{
    const uk_server_config_t *x = uk_server_config(a);
    const uk_server_config_t *y = uk_server_config(b);
    const uk_pool_size_t p = uk_config_dbd_pool(x), q = uk_config_dbd_pool(y);

    return is_same_text(x->dbd_driver, y->dbd_driver)
           && is_same_text(x->dbd_params, y->dbd_params) && p.min == q.min
           && p.keep == q.keep && p.max == q.max
           && set_or(x->dbd_exptime, DBD_EXPTIME)
                  == set_or(y->dbd_exptime, DBD_EXPTIME);
}

typedef int is_alike_t(server_rec *a, server_rec *b);

static server_rec *first_alike(server_rec *main_server, server_rec *server,
                               is_alike_t *is_alike)
{
    server_rec *first = main_server;

    while (first != server && !is_alike(first, server)) {
        first = first->next;
    }
    return first;
}

server_rec *uk_config_first_with_database(server_rec *main_server,
                                          server_rec *server)
{
    return first_alike(main_server, server, has_same_database);
}

server_rec *uk_config_first_with_pool(server_rec *main_server,
                                      server_rec *server)
{
    return first_alike(main_server, server, has_same_pool);
}

int uk_config_runs_init_sql(server_rec *main_server, server_rec *server)
{
    server_rec *first = uk_config_first_with_pool(main_server, server);

    return uk_config_dbd_pool(uk_server_config(server)).max == UK_POOL_UNKNOWN
           || is_same_text(uk_server_config(first)->dbd_init_sql,
                           uk_server_config(server)->dbd_init_sql);
}

uk_instant_t uk_config_last_used_interval(const uk_server_config_t *config)
{
    return set_or(config->last_used_interval, LAST_USED_INTERVAL)
           * (uk_instant_t)1000;
}
