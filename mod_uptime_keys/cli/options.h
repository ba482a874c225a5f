/* SPDX-License-Identifier: Apache-2.0 */
/* Parses a command line into options and other words. */
#ifndef UK_CLI_OPTIONS_H
#define UK_CLI_OPTIONS_H

#include <apr_pools.h>
#include <apr_tables.h>

/*
 * One row for each option, besides -c:
 *
 *     OPTION(id, name, values)
 *
 * values: how many follow: CLI_NONE, CLI_ONE or CLI_MANY
 */
/* clang-format off */
#define CLI_OPTIONS(OPTION)                       \
    OPTION(DRIVER,        "driver",        CLI_ONE)\
    OPTION(PARAMS,        "params",        CLI_ONE)\
    OPTION(TIMEOUT,       "timeout",       CLI_ONE)\
    OPTION(HELP,          "help",          CLI_NONE)\
    OPTION(VERSION,       "version",       CLI_NONE)\
    OPTION(NAME,          "name",          CLI_ONE)\
    OPTION(OWNER,         "owner",         CLI_ONE)\
    OPTION(SCOPE,         "scope",         CLI_MANY)\
    OPTION(EXPIRES,       "expires",       CLI_ONE)\
    OPTION(ADDRESS,       "address",       CLI_MANY)\
    OPTION(OVERLAP,       "overlap",       CLI_ONE)\
    OPTION(IF_PREFIX,     "if-prefix",     CLI_ONE)\
    OPTION(EXPIRING,      "expiring",      CLI_ONE)\
    OPTION(UNUSED,        "unused",        CLI_ONE)\
    OPTION(DISABLED,      "disabled",      CLI_NONE)\
    OPTION(JSON,          "json",          CLI_NONE)\
    OPTION(OVER_LIMIT,    "over-limit",    CLI_NONE)\
    OPTION(OVER_LIFETIME, "over-lifetime", CLI_NONE)\
    OPTION(DRY_RUN,       "dry-run",       CLI_NONE)\
    OPTION(KEY,           "key",           CLI_ONE)\
    OPTION(SINCE,         "since",         CLI_ONE)\
    OPTION(UNTIL,         "until",         CLI_ONE)\
    OPTION(BEFORE,        "before",        CLI_ONE)\
    OPTION(ACTOR,         "actor",         CLI_ONE)\
    OPTION(ACTION,        "action",        CLI_ONE)\
    OPTION(FORMAT,        "format",        CLI_ONE)
/* clang-format on */

#define CLI_NONE 0
#define CLI_ONE 1
#define CLI_MANY 2

#define CLI_OPTION_ID(id, name, values) CLI_##id,

/* CLI_CONFIG is -c. */
typedef enum {
    CLI_CONFIG,
    CLI_OPTIONS(CLI_OPTION_ID) CLI_OPTION_COUNT
} cli_option_e;

/* The bit of an option in a set of options. */
#define CLI_BIT(option) (1U << (option))

/* Options that every command accepts. */
#define CLI_EVERYWHERE                                                         \
    (CLI_BIT(CLI_CONFIG) | CLI_BIT(CLI_DRIVER) | CLI_BIT(CLI_PARAMS)           \
     | CLI_BIT(CLI_TIMEOUT) | CLI_BIT(CLI_HELP) | CLI_BIT(CLI_VERSION))

typedef struct {
    unsigned int given;                  /* CLI_BITs */
    const char *value[CLI_OPTION_COUNT]; /* of CLI_ONE; NULL: not given */
    /* const char *s: all values of CLI_MANY; NULL for other options */
    apr_array_header_t *list[CLI_OPTION_COUNT];
    apr_array_header_t *words; /* const char *s: all other words */
} cli_options_t;

/**
 * Parse a command line, once in a process, as getopt has global state. Options
 * may be anywhere. All words after one of CLI_MANY, up to the next option, are
 * its values. All words after "--" are arguments.
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
