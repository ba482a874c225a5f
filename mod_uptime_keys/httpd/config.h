/* SPDX-License-Identifier: Apache-2.0 */
/* Directives, and the configuration that they make. */
#ifndef UK_HTTPD_CONFIG_H
#define UK_HTTPD_CONFIG_H

#include "check/check.h"
#include "core/instant.h"
#include "core/scope.h"
#include "httpd/module.h"

/* What a directory says; read it with the getters below where there is one. */
typedef struct {
    const char *header;          /* request header with a key; "" for none,
                                     * NULL unset */
    const char *identity_prefix; /* of the identity headers; likewise */
    const char *problem_base;    /* before a problem's name; NULL unset */
    const char *team;            /* UptimeKeysTeam; NULL unset */
    const char *managed_path;    /* where SetHandler uptime-keys stands; ""
                                     * where another one does; NULL unset */
    int forward_key;             /* On, Off or UK_UNSET */
    int preflight;               /* On, Off or UK_UNSET */
    /* whom mod_auth_basic was told to ask: UK_BASIC_… bits; UK_UNSET */
    int basic_providers;
} uk_dir_config_t;

/* What a server says. */
typedef struct {
    const char *dbd_driver;   /* what mod_dbd was told; NULL unset */
    const char *dbd_params;   /* likewise */
    int dbd_min;              /* likewise, connections; UK_UNSET */
    int dbd_keep;             /* likewise */
    int dbd_max;              /* likewise */
    int dbd_exptime;          /* likewise, seconds */
    int dbd_persist;          /* likewise, On or Off */
    const char *dbd_init_sql; /* likewise, all of it */
    int require_checksum;     /* On, Off or UK_UNSET */
    int max_per_team;         /* keys; UK_UNSET */
    int last_used_interval;   /* seconds; UK_UNSET */
    int cache;                /* On, Off or UK_UNSET; the main server's */
    int cache_size;           /* bytes; UK_UNSET; likewise */
    /* dbd.c's, of its pool; NULL: not in a child */
    struct uk_health_t *health;
    struct uk_cache_t *keys;  /* of its database; NULL: no cache */
    struct uk_lease_t *lease; /* on it; NULL likewise */
} uk_server_config_t;

#define UK_UNSET (-1)
#define UK_BASIC_US 1
#define UK_BASIC_OTHERS 2

/* directives.c's */
extern const command_rec uk_commands[];

#define UK_SCOPE_DIRECTIVE "UptimeKeysScope"

void *uk_create_dir_config(apr_pool_t *pool, char *dir);
void *uk_merge_dir_config(apr_pool_t *pool, void *base, void *add);
void *uk_create_server_config(apr_pool_t *pool, server_rec *server);
void *uk_merge_server_config(apr_pool_t *pool, void *base, void *add);

/** Start a pass over the configuration: know every scope that is declared
 *  anywhere, before any Require line names one. */
void uk_config_start(apr_pool_t *pconf, apr_pool_t *ptemp);

/** Add a scope, or describe a known one anew. @return NULL, or why not */
const char *uk_config_add_scope(const char *name, const char *description,
                                const char *group)
    __attribute__((warn_unused_result));

/** The scopes of this server, the admin's own included. */
const uk_catalogue_t *uk_config_catalogue(void);

uk_dir_config_t *uk_dir_config(request_rec *r);

/* The values in effect, defaults included. */
const char *uk_config_header(const uk_dir_config_t *config);
const char *uk_config_identity_prefix(const uk_dir_config_t *config);
const char *uk_config_problem_base(const uk_dir_config_t *config);
const char *uk_config_managed_path(const uk_dir_config_t *config);
int uk_config_forwards_key(const uk_dir_config_t *config);
int uk_config_lets_preflight(const uk_dir_config_t *config);
int uk_config_basic_asks_us(const uk_dir_config_t *config);
int uk_config_basic_asks_others(const uk_dir_config_t *config);

/** The size of mod_dbd's pool in each process. */
uk_pool_size_t uk_config_dbd_pool(const uk_server_config_t *config);

uk_server_config_t *uk_server_config(server_rec *server);
int uk_config_max_per_team(const uk_server_config_t *config);
int uk_config_requires_checksum(const uk_server_config_t *config);
int uk_config_caches(const uk_server_config_t *config);
apr_size_t uk_config_cache_size(const uk_server_config_t *config);
uk_instant_t uk_config_last_used_interval(const uk_server_config_t *config);

/** The first server with the same database as this one, which may be itself:
 *  what mod_dbd was told for both is the same text. */
server_rec *uk_config_first_with_database(server_rec *main_server,
                                          server_rec *server);

/** The first server whose pool of connections mod_dbd gives to this one, which
 *  may be itself. */
server_rec *uk_config_first_with_pool(server_rec *main_server,
                                      server_rec *server);

/** @return 1 if its own DBDInitSQL is run on its connections, else 0: they are
 *  another server's, which has other SQL */
int uk_config_runs_init_sql(server_rec *main_server, server_rec *server);

#endif
