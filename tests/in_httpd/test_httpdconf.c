/* SPDX-License-Identifier: Apache-2.0 */
/* The tool reads a configuration file as httpd's own functions do: the same short
 * files are given to both. */
#include "unit.h"

#include <apr_file_io.h>
#include <apr_strings.h>
#include <httpd.h>
#include <http_config.h>
#include <string.h>

#include "cli/httpdconf.h"
#include "in_httpd.h"

#define DIRECTIVE "DBDParams"

static const char *const pieces[] = {
    DIRECTIVE " ", "a", " ", "\t", "\\", "\"", "'", "#", "\n", "\r\n", "\\\n",
};
#define PIECES_MAX 3

/* What stands in front of all of them. */
static const char *const beginnings[] = {
    DIRECTIVE " ", "", "# \\\n", DIRECTIVE " \"b", "\\\r\n" DIRECTIVE " c",
};

/* What a reader makes of a file: an error; or the first value of the directive,
 * and whether there is another one. */
typedef struct {
    int is_error, is_ambiguous;
    const char *value; /* NULL: none */
} outcome_t;

static const char *name;

static void make_name(void)
{
    name = unit_file("httpd.conf");
}

static void write_file(const char *text)
{
    apr_file_t *file;

    ck_assert_int_eq(
        apr_file_open(&file, name,
                      APR_FOPEN_CREATE | APR_FOPEN_WRITE | APR_FOPEN_TRUNCATE,
                      APR_FPROT_OS_DEFAULT, unit_pool),
        APR_SUCCESS);
    apr_file_write_full(file, text, strlen(text), NULL);
    apr_file_close(file);
}

static outcome_t read_by_tool(void)
{
    cli_httpdconf_t conf;
    const char *error = cli_httpdconf_read(
        unit_pool, name, uk_catalogue_create(unit_pool), &conf);

    return (outcome_t){error != NULL, conf.params.other_line != 0,
                       conf.params.value};
}

/* As a directive of the kind TAKE1 takes its argument. */
static void take_argument(const char *args, outcome_t *outcome)
{
    const char *value = ap_getword_conf(unit_pool, &args);

    if (*args) {
        outcome->is_error = 1;
    }
    else if (!outcome->value) {
        outcome->value = value;
    }
    else if (strcmp(outcome->value, value) != 0) {
        outcome->is_ambiguous = 1;
    }
}

static outcome_t read_by_httpd(void)
{
    outcome_t outcome = {0, 0, NULL};
    ap_configfile_t *file;
    char line[200];

    ck_assert_int_eq(ap_pcfg_openfile(&file, unit_pool, name), APR_SUCCESS);
    while (!outcome.is_error
           && ap_cfg_getline(line, sizeof(line), file) == APR_SUCCESS) {
        const char *args = line;

        if (*line == '#' || *line == '\0') {
            continue;
        }
        if (ap_cstr_casecmp(ap_getword_conf(unit_pool, &args), DIRECTIVE)
            == 0) {
            if (*args) {
                take_argument(args, &outcome);
            }
            else {
                outcome.is_error = 1;
            }
        }
    }
    ap_cfg_closefile(file);
    return outcome;
}

static void check_same(const char *text)
{
    outcome_t ours, theirs;

    write_file(text);
    ours = read_by_tool();
    theirs = read_by_httpd();
    ck_assert_msg(ours.is_error == theirs.is_error, "%d in '%s'", ours.is_error,
                  text);
    if (!ours.is_error) {
        ck_assert_msg(
            !ours.value == !theirs.value
                && (!ours.value || strcmp(ours.value, theirs.value) == 0),
            "%s and %s in '%s'", ours.value, theirs.value, text);
        ck_assert_msg(ours.is_ambiguous == theirs.is_ambiguous, "'%s'", text);
    }
}

START_TEST(every_short_file_is_read_as_httpd_does)
{
    int count, number, i, all = 1;

    for (count = 0; count <= PIECES_MAX; count++, all *= UNIT_COUNT(pieces)) {
        for (number = 0; number < all; number++) {
            const char *text = beginnings[_i];
            int rest = number;

            for (i = 0; i < count; i++, rest /= UNIT_COUNT(pieces)) {
                text = apr_pstrcat(unit_pool, text,
                                   pieces[rest % UNIT_COUNT(pieces)], NULL);
            }
            check_same(text);
            if (number % 100 == 99) {
                apr_pool_clear(unit_pool);
                make_name();
            }
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("httpdconf");
    TCase *tcase = unit_case(suite, "httpdconf");

    tcase_add_checked_fixture(tcase, make_name, NULL);
    tcase_add_loop_test(tcase, every_short_file_is_read_as_httpd_does, 0,
                        UNIT_COUNT(beginnings));
    return unit_run(suite);
}
