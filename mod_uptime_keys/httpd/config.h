/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration that the directives make, and the values in effect. */
#ifndef UK_HTTPD_CONFIG_H
#define UK_HTTPD_CONFIG_H

#include "core/dbd_pool.h"
#include "core/scope.h"
#include "store/keys.h"
#include "httpd/module.h"
#include "httpd/settings.h"

#define UK_INT_FIELD(field, ...) int field;
#define UK_STRING_FIELD(field, ...) const char *field;

/* What AuthBasicProvider names: this module, others, or both. */
#define UK_BASIC_US 1
#define UK_BASIC_OTHERS 2

/* Of a directory. Read it with the getters below. */
typedef struct {
    UK_DIR_DIRECTIVES(UK_INT_FIELD, UK_STRING_FIELD)
    /* where SetHandler uptime-keys stands; "" where another handler does; NULL
     * unset */
    const char *managed_path;
    int basic_providers; /* UK_BASIC_… bits; UK_UNSET */
} uk_dir_config_t;

/* Of a server. */
typedef struct {
    UK_SERVER_DIRECTIVES(UK_INT_FIELD, UK_INT_FIELD, UK_INT_FIELD)
    UK_DBD_DIRECTIVES(UK_INT_FIELD, UK_INT_FIELD, UK_STRING_FIELD)
    const char *dbd_init_sql; /* all of DBDInitSQL, a line each; NULL unset */
    /* not a setting: what runs with these settings, see httpd/state.h */
    struct uk_server_state_t *state;
} uk_server_config_t;

void *uk_create_dir_config(apr_pool_t *pool, char *dir);
void *uk_merge_dir_config(apr_pool_t *pool, void *base, void *add);
void *uk_create_server_config(apr_pool_t *pool, server_rec *server);
void *uk_merge_server_config(apr_pool_t *pool, void *base, void *add);

static inline uk_dir_config_t *uk_dir_config(request_rec *r)
{
    return ap_get_module_config(r->per_dir_config, &uptime_keys_module);
}

static inline uk_server_config_t *uk_server_config(server_rec *server)
{
    return ap_get_module_config(server->module_config, &uptime_keys_module);
}

#define UK_DIR_INT_GETTER(field, ...)                                          \
    int uk_config_##field(const uk_dir_config_t *config);
#define UK_DIR_STRING_GETTER(field, ...)                                       \
    const char *uk_config_##field(const uk_dir_config_t *config);
#define UK_SERVER_GETTER(field, ...)                                           \
    int uk_config_##field(const uk_server_config_t *config);

/* uk_config_FIELD(): the value in effect, the default included. A string is
 * NULL for None. */
UK_DIR_DIRECTIVES(UK_DIR_INT_GETTER, UK_DIR_STRING_GETTER)
UK_SERVER_DIRECTIVES(UK_SERVER_GETTER, UK_SERVER_GETTER, UK_SERVER_GETTER)

/** The path where SetHandler uptime-keys is in effect; NULL: it is not. */
const char *uk_config_managed_path(const uk_dir_config_t *config);

/** 1 if AuthBasicProvider names this module, or others, else 0. */
int uk_config_basic_asks_us(const uk_dir_config_t *config);
int uk_config_basic_asks_others(const uk_dir_config_t *config);

/** The size of mod_dbd's pool in each process; unknown with DBDPersist Off. */
uk_dbd_pool_size_t uk_config_dbd_pool(const uk_server_config_t *config);

/** DBDExptime, seconds. */
int uk_config_dbd_exptime(const uk_server_config_t *config);

/** Start a pass over the configuration: learn all scopes that it declares
 *  anywhere, before a Require line names one. */
void uk_config_start(apr_pool_t *pconf, apr_pool_t *ptemp);

/** Add a scope, or describe a known one anew. @return NULL, or why not */
const char *uk_config_add_scope(const char *name, const char *description,
                                const char *group)
    __attribute__((warn_unused_result));

/** The scopes of this server, those of UptimeKeysScope included. */
const uk_catalogue_t *uk_config_catalogue(void);

#endif
