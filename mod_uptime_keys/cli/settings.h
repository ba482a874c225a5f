/* SPDX-License-Identifier: Apache-2.0 */
/* What the tool is told: by its options, or by an httpd configuration file. */
#ifndef UK_CLI_SETTINGS_H
#define UK_CLI_SETTINGS_H

#include "core/dbd_pool.h"
#include "core/scope.h"
#include "cli/options.h"

typedef struct {
    const char *file;   /* the configuration file; NULL if none was read */
    const char *driver; /* NULL where nobody says: see without_database */
    const char *params;
    const char *without_database; /* what to tell the user then */
    int is_usage_error;           /* 1 if that is because of the command line */
    int limit;                    /* keys of one team */
    /* of httpd; unknown where no file says where the database is */
    uk_dbd_pool_size_t pool;
    int threads; /* ThreadsPerChild; 0 where no file says */
    uk_catalogue_t *catalogue;
} cli_settings_t;

/**
 * Find out where the database is, which scopes there are and how many keys a
 * team may have.
 *
 * @return NULL, or why the configuration file cannot be used
 */
const char *cli_settings_read(apr_pool_t *pool, const cli_options_t *options,
                              cli_settings_t *settings)
    __attribute__((warn_unused_result));

#endif
