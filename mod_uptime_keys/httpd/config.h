/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration: what the directives set, and the values in effect. */
#ifndef UK_HTTPD_CONFIG_H
#define UK_HTTPD_CONFIG_H

#include "core/dbd_pool.h"
#include "core/scope.h"
#include "core/top.h"
#include "store/rotate.h"
#include "httpd/module.h"
#include "httpd/settings.h"

#define UK_INT_FIELD(field, ...) int field;
#define UK_STRING_FIELD(field, ...) const char *field;
#define UK_LIMIT_FIELD(field, ...) const struct uk_rate_limit_t *field;

/* What AuthBasicProvider names: this module, others, or both, as bits. */
#define UK_BASIC_US 1
#define UK_BASIC_OTHERS 2

/* Per directory. Read it with the getters below: a field may be unset. */
typedef struct {
    UK_DIR_DIRECTIVES(UK_INT_FIELD, UK_STRING_FIELD, UK_INT_FIELD,
                      UK_LIMIT_FIELD)
    /* path of the section with SetHandler uptime-keys; "": another handler is
     * set; NULL: unset */
    const char *managed_path;
    int takes_leaks;     /* SetHandler uptime-keys-leaked; or UK_UNSET */
    int verifies;        /* SetHandler uptime-keys-verify; or UK_UNSET */
    int basic_providers; /* UK_BASIC_… bits; or UK_UNSET */
} uk_dir_config_t;

/* Per server. The strings dbd_… are read as they are, NULL if unset; for the
 * rest there are getters. */
typedef struct {
    UK_SERVER_DIRECTIVES(UK_INT_FIELD, UK_INT_FIELD, UK_INT_FIELD, UK_INT_FIELD)
    UK_DBD_DIRECTIVES(UK_INT_FIELD, UK_INT_FIELD, UK_STRING_FIELD)
    const char *dbd_init_sql; /* all DBDInitSQL, one a line; NULL: unset */
    /* not a setting: the run-time state, see httpd/state.h; it is not merged: a
     * server with settings of its own has a state of its own */
    struct uk_server_state_t *state;
} uk_server_config_t;

/* For the module record. */
void *uk_create_dir_config(apr_pool_t *pool, char *dir);
void *uk_merge_dir_config(apr_pool_t *pool, void *base, void *add);
void *uk_create_server_config(apr_pool_t *pool, server_rec *server);
void *uk_merge_server_config(apr_pool_t *pool, void *base, void *add);

/** The configuration of this module for a request, or for a server; never
 *  NULL. */
static inline uk_dir_config_t *uk_dir_config(request_rec *r)
{
    return ap_get_module_config(r->per_dir_config, &uptime_keys_module);
}

static inline uk_server_config_t *uk_server_config(server_rec *server)
{
    return ap_get_module_config(server->module_config, &uptime_keys_module);
}

/* What is set, or else the default. */
static inline int uk_config_int(int value, int fallback)
{
    return value == UK_UNSET ? fallback : value;
}

static inline const char *uk_config_string(const char *value,
                                           const char *fallback)
{
    const char *string = value ? value : fallback;

    return string && *string ? string : NULL;
}

#define UK_DIR_INT_GETTER(field, fallback, ...)                                \
    static inline int uk_config_##field(const uk_dir_config_t *config)         \
    {                                                                          \
        return uk_config_int(config->field, fallback);                         \
    }
#define UK_DIR_STRING_GETTER(field, fallback, ...)                             \
    static inline const char *uk_config_##field(const uk_dir_config_t *config) \
    {                                                                          \
        return uk_config_string(config->field, fallback);                      \
    }
#define UK_DIR_LIMIT_GETTER(field, ...)                                        \
    const struct uk_rate_limit_t *uk_config_##field(                           \
        const uk_dir_config_t *config);
#define UK_SERVER_GETTER(field, fallback, ...)                                 \
    static inline int uk_config_##field(const uk_server_config_t *config)      \
    {                                                                          \
        return uk_config_int(config->field, fallback);                         \
    }

/* uk_config_FIELD() returns the value in effect: what is set, or the default. A
 * string or a limit is NULL for None. */
UK_DIR_DIRECTIVES(UK_DIR_INT_GETTER, UK_DIR_STRING_GETTER, UK_DIR_INT_GETTER,
                  UK_DIR_LIMIT_GETTER)
UK_SERVER_DIRECTIVES(UK_SERVER_GETTER, UK_SERVER_GETTER, UK_SERVER_GETTER,
                     UK_SERVER_GETTER)

/** UptimeKeysMaxLifetime and UptimeKeysDefaultLifetime. */
uk_lifetimes_t uk_config_lifetimes(const uk_server_config_t *config);

/** The path of the section that has SetHandler uptime-keys, as cmd->path has
 *  it ("/" outside of sections); NULL if that handler is not in effect. */
static inline const char *uk_config_managed_path(const uk_dir_config_t *config)
{
    return uk_config_string(config->managed_path, NULL);
}

/** 1 if SetHandler uptime-keys-leaked is in effect, else 0. */
static inline int uk_config_takes_leaks(const uk_dir_config_t *config)
{
    return uk_config_int(config->takes_leaks, 0);
}

/** 1 if SetHandler uptime-keys-verify is in effect, else 0. */
static inline int uk_config_verifies(const uk_dir_config_t *config)
{
    return uk_config_int(config->verifies, 0);
}

/** Not 0 if AuthBasicProvider names this module, or names others. */
static inline int uk_config_basic_asks_us(const uk_dir_config_t *config)
{
    return uk_config_int(config->basic_providers, 0) & UK_BASIC_US;
}

static inline int uk_config_basic_asks_others(const uk_dir_config_t *config)
{
    return uk_config_int(config->basic_providers, 0) & UK_BASIC_OTHERS;
}

/** The size of mod_dbd's pool in each process; unknown with DBDPersist Off. */
uk_dbd_pool_size_t uk_config_dbd_pool(const uk_server_config_t *config);

/** DBDExptime, in seconds. */
int uk_config_dbd_exptime(const uk_server_config_t *config);

/** In pre_config: look through the configuration, and create the catalogue of
 *  scopes, with all that UptimeKeysScope declares anywhere, so that a Require
 *  line may name a scope that is declared further down. */
void uk_config_start(apr_pool_t *pconf, apr_pool_t *ptemp);

/** 1 if a line of the configuration names this module to authenticate or to
 *  handle requests, else 0; .htaccess files are not known. */
int uk_config_is_in_use(void);

/** Add a scope to the catalogue, or change the description of a known one; the
 *  strings are copied. Only while the configuration is read.
 *  @param group NULL: "Other", or the one it has
 *  @return NULL, or what is wrong with it */
const char *uk_config_add_scope(const char *name, const char *description,
                                const char *group)
    __attribute__((warn_unused_result));

/** The scopes that all servers know: the built-in ones and those of
 *  UptimeKeysScope. */
const uk_catalogue_t *uk_config_catalogue(void);

#endif
