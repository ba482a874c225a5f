/* SPDX-License-Identifier: Apache-2.0 */
/* Any lines as the words of a command line: each word is somewhere in what is
 * read of them, and nothing else is.
 *
 * About: cli/options.c
 * Options: -max_len=300 */
#include <apr_strings.h>
#include <getopt.h>
#include <string.h>

#include "cli/options.h"
#include "fuzz.h"

#define WORDS_MAX 40

/* Whether a string is a word, or the end of one: "--name=CI", "-cFILE". */
static int is_in_words(int argc, char **argv, const char *string)
{
    int i;

    for (i = 1; i < argc; i++) {
        if (string >= argv[i] && string <= argv[i] + strlen(argv[i])) {
            return 1;
        }
    }
    return 0;
}

static int count_strings(int argc, char **argv,
                         const apr_array_header_t *strings)
{
    int i;

    for (i = 0; strings && i < strings->nelts; i++) {
        FUZZ_EXPECT(
            is_in_words(argc, argv, APR_ARRAY_IDX(strings, i, const char *)),
            "a string that is no word of the command line");
    }
    return strings ? strings->nelts : 0;
}

static void expect_options(int argc, char **argv, const cli_options_t *options)
{
    int count = count_strings(argc, argv, options->words), i;

    for (i = 0; i < CLI_OPTION_COUNT; i++) {
        int given = (options->given & CLI_BIT(i)) != 0;
        int many = count_strings(argc, argv, options->list[i]);

        FUZZ_EXPECT(given || (!options->value[i] && !many),
                    "a value of an option that was not given");
        FUZZ_EXPECT(!options->value[i]
                        || is_in_words(argc, argv, options->value[i]),
                    "a value that is no word of the command line");
        count += many + (options->value[i] != NULL);
    }
    FUZZ_EXPECT(count <= argc - 1, "more values than words");
}

/* Without anything that looks like an option, all words are as they are. */
static void expect_words_alone(int argc, char **argv,
                               const cli_options_t *options)
{
    int i;

    for (i = 1; i < argc; i++) {
        if (argv[i][0] == '-') {
            return;
        }
    }
    FUZZ_EXPECT(!options->given && options->words->nelts == argc - 1,
                "words are taken for options");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input_t input = {data, size};
    char *argv[WORDS_MAX + 2] = {apr_pstrdup(fuzz_pool(), "uptime-keys")};
    cli_options_t options;
    const char *error;
    int argc = 1;

    while (input.left && argc <= WORDS_MAX) {
        argv[argc++] = apr_pstrdup(fuzz_pool(), fuzz_take_string(&input, '\n'));
    }
    /* glibc's getopt begins anew. */
    optind = 0;
    error = cli_options_read(fuzz_pool(), argc, argv, &options);
    if (error) {
        FUZZ_EXPECT(*error, "an error that says nothing");
    }
    else {
        expect_options(argc, argv, &options);
        expect_words_alone(argc, argv, &options);
    }
    fuzz_clear();
    return 0;
}
