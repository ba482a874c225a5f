/* SPDX-License-Identifier: Apache-2.0 */
/* The few directives that the tool shares with httpd, from its configuration
 * file. */
#ifndef UK_CLI_HTTPDCONF_H
#define UK_CLI_HTTPDCONF_H

#include "core/scope.h"

/* Bytes of a configuration file. */
#define CLI_HTTPDCONF_MAX (1024 * 1024)

/* A directive that may stand in several places as long as it says the same. */
typedef struct {
    const char *value; /* NULL: not there */
    int line;
    int other_line; /* where it says something else; 0: nowhere */
} cli_setting_t;

typedef struct {
    cli_setting_t driver;       /* DBDriver */
    cli_setting_t params;       /* DBDParams */
    cli_setting_t max_per_team; /* UptimeKeysMaxPerTeam */
    cli_setting_t dbd_min;      /* DBDMin */
    cli_setting_t dbd_keep;     /* DBDKeep */
    cli_setting_t dbd_max;      /* DBDMax */
    cli_setting_t dbd_persist;  /* DBDPersist */
    cli_setting_t threads;      /* ThreadsPerChild */
} cli_httpdconf_t;

/**
 * Read the directives above and UptimeKeysScope wherever they stand in a file,
 * as httpd reads words, quotes, comments, continued lines, Define and ${...}.
 * Include is not followed, and no <If...> decided.
 *
 * @param catalogue receives the scopes
 * @return NULL, or why the file cannot be used
 */
const char *cli_httpdconf_read(apr_pool_t *pool, const char *file,
                               uk_catalogue_t *catalogue, cli_httpdconf_t *conf)
    __attribute__((warn_unused_result));

#endif
