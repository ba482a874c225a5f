/* SPDX-License-Identifier: Apache-2.0 */
/* The directives that the tool shares with httpd, from a configuration file. */
#ifndef UK_CLI_HTTPDCONF_H
#define UK_CLI_HTTPDCONF_H

#include "core/scope.h"

/* Bytes of a configuration file. */
#define CLI_HTTPDCONF_MAX (1024 * 1024)

/* A directive, which may occur repeatedly as long as its value is the same. */
typedef struct {
    const char *value; /* where it occurs first; NULL: nowhere */
    int line;          /* of that value */
    int other_line;    /* of the first different value; 0: none */
} cli_setting_t;

typedef struct {
    cli_setting_t driver;           /* DBDriver */
    cli_setting_t params;           /* DBDParams */
    cli_setting_t max_per_team;     /* UptimeKeysMaxPerTeam */
    cli_setting_t dbd_min;          /* DBDMin */
    cli_setting_t dbd_keep;         /* DBDKeep */
    cli_setting_t dbd_max;          /* DBDMax */
    cli_setting_t dbd_persist;      /* DBDPersist */
    cli_setting_t threads;          /* ThreadsPerChild */
    cli_setting_t allow_standby;    /* UptimeKeysAllowStandby */
    cli_setting_t max_lifetime;     /* UptimeKeysMaxLifetime */
    cli_setting_t default_lifetime; /* UptimeKeysDefaultLifetime */
    cli_setting_t rotate_overlap;   /* UptimeKeysRotateOverlap */
    cli_setting_t require_checksum; /* UptimeKeysRequireChecksum */
    /* All DBDInitSQL of one server, one a line; other_line: of one that makes
     * them unknown, because it is another server's or has a variable in it */
    cli_setting_t init_sql;
    int init_selects_schema; /* 1: a DBDInitSQL of any server may do so */
    cli_setting_t remoteip; /* the first proxy list of mod_remoteip in a virtual
                               host: its name */
    cli_setting_t mpm_itk;  /* LoadModule of it: its name */
} cli_httpdconf_t;

/**
 * Read the directives above and UptimeKeysScope from a file in httpd's syntax:
 * words, quotes, comments, continuation lines, Define and ${...}. Include is
 * not followed. Directives in sections count, whatever <If...> would decide.
 *
 * @param file      at most CLI_HTTPDCONF_MAX bytes
 * @param catalogue the scopes are added to it
 * @param conf      receives the directives, with strings in the pool
 * @return NULL, or why the file cannot be used, with its name and the line
 */
const char *cli_httpdconf_read(apr_pool_t *pool, const char *file,
                               uk_catalogue_t *catalogue, cli_httpdconf_t *conf)
    __attribute__((warn_unused_result));

#endif
