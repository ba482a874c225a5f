/* SPDX-License-Identifier: Apache-2.0 */
/* The words of a command line, sorted into options and arguments. */
#ifndef UK_CLI_OPTIONS_H
#define UK_CLI_OPTIONS_H

#include <apr_pools.h>
#include <apr_tables.h>

typedef enum {
    CLI_CONFIG,
    CLI_DRIVER,
    CLI_PARAMS,
    CLI_HELP,
    CLI_VERSION,
    CLI_NAME,
    CLI_OWNER,
    CLI_SCOPE,
    CLI_EXPIRES,
    CLI_JSON,
    CLI_OVER_LIMIT,
    CLI_DRY_RUN,
    CLI_OPTION_COUNT
} cli_option_e;

/* A set of options has this bit for each. */
#define CLI_BIT(option) (1u << (option))

/* Options that every command takes. */
#define CLI_EVERYWHERE                                                         \
    (CLI_BIT(CLI_CONFIG) | CLI_BIT(CLI_DRIVER) | CLI_BIT(CLI_PARAMS)           \
     | CLI_BIT(CLI_HELP) | CLI_BIT(CLI_VERSION))

typedef struct {
    unsigned int given;                  /* CLI_BITs */
    const char *value[CLI_OPTION_COUNT]; /* NULL without one */
    apr_array_header_t *scopes;          /* const char *s: --scope's */
    apr_array_header_t *words;           /* const char *s: the rest */
} cli_options_t;

/**
 * Sort a command line. Options may stand anywhere; what follows --scope up to
 * the next option are scopes; what follows "--" are arguments.
 *
 * @return NULL, or what is wrong with it
 */
const char *cli_options_read(apr_pool_t *pool, int argc, char **argv,
                             cli_options_t *options)
    __attribute__((warn_unused_result));

/** An option as it is typed: "--name", "-c". */
const char *cli_option_name(cli_option_e option);

#endif
