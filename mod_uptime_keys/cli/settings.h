/* SPDX-License-Identifier: Apache-2.0 */
/* The settings of the tool, from its options or an httpd configuration file. */
#ifndef UK_CLI_SETTINGS_H
#define UK_CLI_SETTINGS_H

#include "check/check.h"
#include "core/lifetime.h"
#include "core/scope.h"
#include "cli/options.h"

typedef struct {
    const char *file;   /* the configuration file; NULL: none was read */
    const char *driver; /* NULL: no database, see without_database */
    const char *params;
    const char *without_database; /* what to report if one is needed */
    int is_usage_error;           /* 1: report that as a usage error */
    int limit;                    /* keys that a team may have */
    uk_lifetimes_t lifetimes;
    int rotate_overlap;       /* seconds */
    int accepts_any_checksum; /* UptimeKeysRequireChecksum Off */
    uk_dbd_pool_size_t pool;  /* httpd's; unknown without a file */
    int threads;              /* ThreadsPerChild; 0: unknown */
    const char *init_sql;     /* all DBDInitSQL, one a line; NULL: none */
    int init_sql_line;        /* why that is not known; 0: it is */
    int allows_standby;       /* UptimeKeysAllowStandby */
    uk_check_beside_t beside;
    uk_catalogue_t *catalogue; /* with the scopes of the file */
} cli_settings_t;

/* Where packages and "make install" put the configuration of the module; NULL
 * ends them. */
extern const char *const cli_default_config_paths[];

/**
 * Read the settings. Without -c and --driver, the file is the first of
 * cli_default_config_paths that exists. --driver and --params override the
 * database of the file.
 *
 * @return NULL, also if there is no database; or why the configuration file
 *         cannot be used
 */
const char *cli_settings_read(apr_pool_t *pool, const cli_options_t *options,
                              cli_settings_t *settings)
    __attribute__((warn_unused_result));

#endif
