/* SPDX-License-Identifier: Apache-2.0 */
/* Command lines: every option in every way to write it. Each test has a process
 * of its own, as getopt needs. */
#include "unit.h"

#include <apr_strings.h>
#include <string.h>

#include "cli/options.h"

#define WORDS_MAX 12

/* What values each option takes, by its number; -c is the first. */
#define VALUES(id, name, values) values,
static const int values_of[] = {CLI_ONE, CLI_OPTIONS(VALUES)};

static cli_options_t options;

/* Words separated by blanks; "_" stands for an empty word. */
static const char *read_line(const char *line)
{
    char *argv[WORDS_MAX + 1] = {apr_pstrdup(unit_pool, "uptime-keys")};
    char *rest = apr_pstrdup(unit_pool, line), *last, *word;
    int argc = 1;

    for (word = apr_strtok(rest, " ", &last); word;
         word = apr_strtok(NULL, " ", &last)) {
        ck_assert_int_lt(argc, WORDS_MAX);
        argv[argc++] =
            strcmp(word, "_") == 0 ? apr_pstrdup(unit_pool, "") : word;
    }
    return cli_options_read(unit_pool, argc, argv, &options);
}

/* A pattern in which @ stands for the name of an option. */
static const char *named(const char *pattern, int option)
{
    const char *line = "";

    for (; *pattern; pattern++) {
        line = *pattern == '@'
                   ? apr_pstrcat(unit_pool, line,
                                 cli_option_name((cli_option_e)option), NULL)
                   : apr_psprintf(unit_pool, "%s%c", line, *pattern);
    }
    return line;
}

static const char *value_of(int option)
{
    return values_of[option] == CLI_MANY ? unit_join(options.list[option])
                                         : options.value[option];
}

/* The option alone was given. */
static void check_given(int option)
{
    int i;

    ck_assert_uint_eq(options.given, CLI_BIT(option));
    for (i = 0; i < CLI_OPTION_COUNT; i++) {
        ck_assert(i == option || !options.value[i]);
        ck_assert(!options.list[i] == (values_of[i] != CLI_MANY));
        ck_assert(i == option || !options.list[i]
                  || options.list[i]->nelts == 0);
    }
}

static const char *const one[] = {"@ x", "a @ x b", "a b @ x", "@ x a b"};

START_TEST(option_without_a_value)
{
    if (values_of[_i] == CLI_NONE) {
        ck_assert_ptr_null(read_line(named("a @ b", _i)));
        check_given(_i);
        ck_assert_str_eq(unit_join(options.words), "a,b");
    }
}
END_TEST

START_TEST(option_with_a_value)
{
    int option = _i / UNIT_COUNT(one);
    const char *pattern = one[_i % UNIT_COUNT(one)];
    int is_last = pattern[strlen(pattern) - 1] == 'x';

    if (values_of[option] == CLI_NONE) {
        return;
    }
    ck_assert_ptr_null(read_line(named(pattern, option)));
    check_given(option);
    ck_assert_str_eq(value_of(option), is_last || values_of[option] == CLI_ONE
                                           ? "x"
                                       : *pattern == 'a' ? "x,b"
                                                         : "x,a,b");
}
END_TEST

/* "--name=value", and a value that looks like an option. */
START_TEST(option_with_an_equals_sign)
{
    if (_i != CLI_CONFIG) {
        const char *error = read_line(named("@=--json a", _i));

        if (values_of[_i] == CLI_NONE) {
            ck_assert_str_eq(error, named("@ takes no value", _i));
            return;
        }
        ck_assert_ptr_null(error);
        ck_assert_str_eq(value_of(_i),
                         values_of[_i] == CLI_ONE ? "--json" : "--json,a");
    }
}
END_TEST

START_TEST(option_that_lacks_its_value)
{
    if (values_of[_i] != CLI_NONE) {
        ck_assert_str_eq(read_line(named("a @", _i)),
                         named("@ needs a value", _i));
    }
}
END_TEST

START_TEST(option_is_no_value)
{
    if (values_of[_i] != CLI_NONE) {
        ck_assert_str_eq(read_line(named("@ --json", _i)),
                         named("@ needs a value, and --json is an option", _i));
    }
}
END_TEST

START_TEST(option_twice)
{
    const char *error =
        read_line(named(values_of[_i] == CLI_NONE ? "@ @" : "@ x @ y", _i));

    if (values_of[_i] == CLI_ONE) {
        ck_assert_str_eq(error, named("@ is given twice", _i));
        return;
    }
    ck_assert_ptr_null(error);
    check_given(_i);
    ck_assert(values_of[_i] == CLI_NONE || strcmp(value_of(_i), "x,y") == 0);
}
END_TEST

static const struct {
    const char *line, *words, *scopes;
} lines[] = {
    {"", "", ""},
    {"a b c", "a,b,c", ""},
    {"--scope a b c --name n d", "d", "a,b,c"},
    {"--scope a --json b", "b", "a"},
    {"--scope a -- b --json", "b,--json", "a"},
    {"-- --scope a", "--scope,a", ""},
    {"a -- -- b", "a,--,b", ""},
    {"--scope a b --scope c", "", "a,b,c"},
    {"--scope _ _", "", ","},
    {"a - b", "a,-,b", ""},
    {"x --scope - y", "x", "-,y"},
    {"-cfile a", "a", ""},
    {"-h a", "a", ""},
};

START_TEST(words_belong_to_what_is_before_them)
{
    ck_assert_ptr_null(read_line(lines[_i].line));
    ck_assert_str_eq(unit_join(options.words), lines[_i].words);
    ck_assert_str_eq(unit_join(options.list[CLI_SCOPE]), lines[_i].scopes);
}
END_TEST

static const struct {
    const char *line, *error;
} wrong[] = {
    {"--nothing", "there is no option --nothing"},
    {"a --nothing=x b", "there is no option --nothing=x"},
    {"-x", "there is no option -x"},
    {"-hx", "there is no option -x"},
    {"--help=x", "--help takes no value"},
    {"-c", "-c needs a value"},
    {"--json a --nothing --also", "there is no option --nothing"},
    {"--name x --name y --nothing", "--name is given twice"},
};

START_TEST(first_error_is_told)
{
    ck_assert_str_eq(read_line(wrong[_i].line), wrong[_i].error);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("options");
    TCase *tcase = unit_case(suite, "options");

    tcase_add_loop_test(tcase, option_without_a_value, 0, CLI_OPTION_COUNT);
    tcase_add_loop_test(tcase, option_with_a_value, 0,
                        CLI_OPTION_COUNT * UNIT_COUNT(one));
    tcase_add_loop_test(tcase, option_with_an_equals_sign, 0, CLI_OPTION_COUNT);
    tcase_add_loop_test(tcase, option_that_lacks_its_value, 0,
                        CLI_OPTION_COUNT);
    tcase_add_loop_test(tcase, option_is_no_value, 0, CLI_OPTION_COUNT);
    tcase_add_loop_test(tcase, option_twice, 0, CLI_OPTION_COUNT);
    tcase_add_loop_test(tcase, words_belong_to_what_is_before_them, 0,
                        UNIT_COUNT(lines));
    tcase_add_loop_test(tcase, first_error_is_told, 0, UNIT_COUNT(wrong));
    return unit_run(suite);
}
