/* SPDX-License-Identifier: Apache-2.0 */
/* Parses a command line into options and other words. */
#include "cli/options.h"

#include <apr_strings.h>
#include <getopt.h>
#include <string.h>

/* What getopt returns for an option that has no letter. */
#define CODE(option) (256 + (option))
/* ... and for any other word, because letters begin with "-". */
#define WORD 1

static const char letters[] = "-:c:h";

#define LONG_OPTION(id, name, values)                                          \
    {name, (values) != CLI_NONE, NULL, CODE(CLI_##id)},
#define OPTION_NAME(id, name, values) [CLI_##id] = "--" name,
#define OPTION_VALUES(id, name, values) [CLI_##id] = (values),

static const struct option known[] = {
    CLI_OPTIONS(LONG_OPTION){NULL, 0, NULL, 0},
};

const char *cli_option_name(cli_option_e option)
{
    static const char *const names[CLI_OPTION_COUNT] = {
        [CLI_CONFIG] = "-c", CLI_OPTIONS(OPTION_NAME)};

    return names[option];
}

static int takes_many(cli_option_e option)
{
    static const int values[CLI_OPTION_COUNT] = {CLI_OPTIONS(OPTION_VALUES)};

    return values[option] == CLI_MANY;
}

static cli_option_e option_of(int code)
{
    switch (code) {
    case 'c':
        return CLI_CONFIG;
    case 'h':
        return CLI_HELP;
    default:
        return (cli_option_e)(code - CODE(0));
    }
}

/* What getopt found wrong. */
static const char *option_error(apr_pool_t *pool, int code, char **argv)
{
    if (code == ':') {
        return apr_pstrcat(pool, cli_option_name(option_of(optopt)),
                           " needs a value", NULL);
    }
    if (optopt >= CODE(0)) {
        return apr_pstrcat(pool, cli_option_name(option_of(optopt)),
                           " takes no value", NULL);
    }
    if (optopt) {
        return apr_psprintf(pool, "there is no option -%c", optopt);
    }
    return apr_psprintf(pool, "there is no option %s", argv[optind - 1]);
}

static const char *take_value(apr_pool_t *pool, char **argv,
                              cli_option_e option, cli_options_t *options)
{
    const char *name = cli_option_name(option);

    /* If a value was forgotten, the next option must not become the value.
     * "--name=--x" is accepted. */
    if (optarg == argv[optind - 1] && strncmp(optarg, "--", 2) == 0) {
        return apr_psprintf(pool, "%s needs a value, and %s is an option", name,
                            optarg);
    }
    if (takes_many(option)) {
        APR_ARRAY_PUSH(options->list[option], const char *) = optarg;
        return NULL;
    }
    if (options->given & CLI_BIT(option)) {
        return apr_pstrcat(pool, name, " is given twice", NULL);
    }
    options->value[option] = optarg;
    return NULL;
}

static void take_rest(int argc, char **argv, cli_options_t *options)
{
    while (optind < argc) {
        APR_ARRAY_PUSH(options->words, const char *) = argv[optind++];
    }
}

static void make_lists(apr_pool_t *pool, cli_options_t *options)
{
    cli_option_e option;

    memset(options, 0, sizeof(*options));
    options->words = apr_array_make(pool, 4, sizeof(char *));
    for (option = 0; option < CLI_OPTION_COUNT; option++) {
        if (takes_many(option)) {
            options->list[option] = apr_array_make(pool, 4, sizeof(char *));
        }
    }
}

/* Where a word belongs that follows an option. */
static apr_array_header_t *list_after(int code, const cli_options_t *options)
{
    return code && takes_many(option_of(code)) ? options->list[option_of(code)]
                                               : options->words;
}

const char *cli_options_read(apr_pool_t *pool, int argc, char **argv,
                             cli_options_t *options)
{
    const char *error = NULL;
    int code, last = 0;

    make_lists(pool, options);
    while (!error
           && (code = getopt_long(argc, argv, letters, known, NULL)) != -1) {
        if (code == '?' || code == ':') {
            return option_error(pool, code, argv);
        }
        if (code == WORD) {
            APR_ARRAY_PUSH(list_after(last, options), const char *) = optarg;
            continue;
        }
        if (optarg) {
            error = take_value(pool, argv, option_of(code), options);
        }
        options->given |= CLI_BIT(option_of(code));
        last = code;
    }
    take_rest(argc, argv, options);
    return error;
}
