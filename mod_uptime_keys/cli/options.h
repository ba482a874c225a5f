/* SPDX-License-Identifier: Apache-2.0 */
/* Parses a command line into options and other words. */
#ifndef UK_CLI_OPTIONS_H
#define UK_CLI_OPTIONS_H

#include <apr_pools.h>
#include <apr_tables.h>

/*
 * One row for each option, besides -c:
 *
 *     OPTION(id, name, has_value)
 *
 * has_value: 1 if a value follows, else 0
 */
/* clang-format off */
#define CLI_OPTIONS(OPTION)            \
    OPTION(DRIVER,     "driver",     1) \
    OPTION(PARAMS,     "params",     1) \
    OPTION(TIMEOUT,    "timeout",    1) \
    OPTION(HELP,       "help",       0) \
    OPTION(VERSION,    "version",    0) \
    OPTION(NAME,       "name",       1) \
    OPTION(OWNER,      "owner",      1) \
    OPTION(SCOPE,      "scope",      1) \
    OPTION(EXPIRES,    "expires",    1) \
    OPTION(JSON,       "json",       0) \
    OPTION(OVER_LIMIT, "over-limit", 0) \
    OPTION(DRY_RUN,    "dry-run",    0)
/* clang-format on */

#define CLI_OPTION_ID(id, name, has_value) CLI_##id,

/* CLI_CONFIG is -c. */
typedef enum {
    CLI_CONFIG,
    CLI_OPTIONS(CLI_OPTION_ID) CLI_OPTION_COUNT
} cli_option_e;

/* The bit of an option in a set of options. */
#define CLI_BIT(option) (1u << (option))

/* Options that every command accepts. */
#define CLI_EVERYWHERE                                                         \
    (CLI_BIT(CLI_CONFIG) | CLI_BIT(CLI_DRIVER) | CLI_BIT(CLI_PARAMS)           \
     | CLI_BIT(CLI_TIMEOUT) | CLI_BIT(CLI_HELP) | CLI_BIT(CLI_VERSION))

typedef struct {
    unsigned int given;                  /* CLI_BITs */
    const char *value[CLI_OPTION_COUNT]; /* NULL: none, or CLI_SCOPE */
    apr_array_header_t *scopes;          /* const char *s: all of --scope */
    apr_array_header_t *words;           /* const char *s: all other words */
} cli_options_t;

/**
 * Parse a command line, once in a process, as getopt has global state. Options
 * may be anywhere. All words after --scope, up to the next option, are scopes.
 * All words after "--" are arguments.
 *
 * @param argv    as main() has it
 * @param options receives the options, with the strings of argv
 * @return NULL, or what is wrong with the command line
 */
const char *cli_options_read(apr_pool_t *pool, int argc, char **argv,
                             cli_options_t *options)
    __attribute__((warn_unused_result));

/** The name of an option as users type it: "--name", "-c". */
const char *cli_option_name(cli_option_e option);

#endif
