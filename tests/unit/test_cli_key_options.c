/* SPDX-License-Identifier: Apache-2.0 */
/* What the options say about a key, how its errors are told, and where its secret
 * is printed to. */
#include "unit.h"

#include <apr_strings.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/instant.h"
#include "cli/duration.h"
#include "cli/key_options.h"

/* 2026-11-23T06:15:00Z */
#define NOW APR_INT64_C(1795414500000)
#define ID "key_01h455vb4pex5vsknk084sn02q"
#define TOKEN                                                                  \
    "uptime_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa12345678"

static cli_options_t options;
static cli_t cli;

static void begin(void)
{
    memset(&options, 0, sizeof(options));
    memset(&cli, 0, sizeof(cli));
    cli.pool = unit_pool;
    cli.options = &options;
    cli.actor.now = NOW;
    options.list[CLI_SCOPE] = unit_strings("monitors:read", "a:b", NULL);
    options.list[CLI_ADDRESS] = unit_strings("10.0.0.1", "x", NULL);
    cli.settings.catalogue = uk_catalogue_create(unit_pool);
    cli.settings.lifetimes = (uk_lifetimes_t){30, 7};
}

static void give(cli_option_e option, const char *value)
{
    options.given |= CLI_BIT(option);
    options.value[option] = value;
}

/* From here on stderr is a file, of which the test has one end. */
static int capture_stderr(void)
{
    int file = open(unit_file("stderr"), O_CREAT | O_RDWR, 0600);

    ck_assert_int_ge(file, 0);
    fflush(stderr);
    dup2(file, STDERR_FILENO);
    return file;
}

static const char *captured(int file)
{
    char text[4096] = "";

    fflush(stderr);
    ck_assert_int_ge(pread(file, text, sizeof(text) - 1, 0), 0);
    return apr_pstrdup(unit_pool, text);
}

/* Each of the four options, given or not. */
START_TEST(what_was_given_is_sent)
{
    static const cli_option_e given[] = {CLI_NAME, CLI_SCOPE, CLI_EXPIRES,
                                         CLI_ADDRESS};
    static const unsigned bits[] = {UK_SPEC_NAME, UK_SPEC_SCOPES,
                                    UK_SPEC_EXPIRY, UK_SPEC_ADDRESSES};
    unsigned sent = 0;
    uk_key_spec_t spec;
    int i;

    for (i = 0; i < UNIT_COUNT(given); i++) {
        if (_i & 1 << i) {
            options.given |= CLI_BIT(given[i]);
            sent |= bits[i];
        }
    }
    options.value[CLI_NAME] = _i & 1 ? "n" : NULL;
    options.value[CLI_EXPIRES] = _i & 4 ? "+1d" : NULL;
    spec = cli_key_spec(&cli);
    ck_assert_uint_eq(spec.sent, sent);
    ck_assert_ptr_eq(spec.name, options.value[CLI_NAME]);
    ck_assert_ptr_eq(spec.scopes, options.list[CLI_SCOPE]);
    ck_assert_ptr_eq(spec.addresses, options.list[CLI_ADDRESS]);
    ck_assert_int_eq(spec.disabled, 0);
    if (_i & 4) {
        ck_assert_str_eq(spec.expires, "2026-11-24T23:59:59.999Z");
    }
    else {
        ck_assert_ptr_null(spec.expires);
    }
}
END_TEST

START_TEST(rules_are_those_of_the_settings)
{
    uk_key_rules_t rules = cli_key_rules(&cli);

    ck_assert_ptr_eq(rules.catalogue, cli.settings.catalogue);
    ck_assert_int_eq(rules.now, NOW);
    ck_assert_int_eq(rules.lifetimes.maximum, 30);
    ck_assert_int_eq(rules.lifetimes.preset, 7);
    ck_assert_int_eq(rules.maker_expires_at, UK_INSTANT_NONE);
}
END_TEST

static const struct {
    const char *pointer, *code, *message;
    int expires; /* 1: --expires was given */
    const char *told;
} errors[] = {
    {"/name", "c", "bad", 0, "--name: bad"},
    {"/scopes", "c", "bad", 0, "--scope: bad"},
    {"/scopes/0", "c", "bad", 0, "--scope monitors:read: bad"},
    {"/scopes/1", "c", "bad", 0, "--scope a:b: bad"},
    {"/addresses", "c", "bad", 0, "--address: bad"},
    {"/addresses/1", "c", "bad", 0, "--address x: bad"},
    {"/expiresAt", "c", "bad", 1, "--expires: bad"},
    {"/expiresAt", "c", "bad", 0, "--expires: bad, and it was not given"},
    {"/expiresAt", UK_CODE_NOT_A_DATE, "bad", 1,
     "--expires: this takes " CLI_EXPIRY_FORMS},
};

START_TEST(error_names_the_option)
{
    apr_array_header_t *list =
        apr_array_make(unit_pool, 1, sizeof(uk_field_error_t));
    int file = capture_stderr();

    if (errors[_i].expires) {
        give(CLI_EXPIRES, "x");
    }
    uk_field_error_add(list, errors[_i].pointer, errors[_i].code,
                       errors[_i].message);
    ck_assert_int_eq(cli_fail_validation(&cli, list), CLI_FAILED);
    ck_assert_str_eq(captured(file), apr_pstrcat(unit_pool, "uptime-keys: ",
                                                 errors[_i].told, "\n", NULL));
}
END_TEST

/* On one line, in their order. */
START_TEST(no_error_is_lost)
{
    apr_array_header_t *list =
        apr_array_make(unit_pool, 1, sizeof(uk_field_error_t));
    const char *all = "uptime-keys: ";
    int file = capture_stderr(), i;

    give(CLI_EXPIRES, "x");
    for (i = 0; i < 7; i++) {
        uk_field_error_add(list, errors[i].pointer, errors[i].code,
                           errors[i].message);
        all = apr_pstrcat(unit_pool, all, i ? "; " : "", errors[i].told, NULL);
    }
    ck_assert_int_eq(cli_fail_validation(&cli, list), CLI_FAILED);
    ck_assert_str_eq(captured(file), apr_pstrcat(unit_pool, all, "\n", NULL));
}
END_TEST

/* told: a part of the report; NULL: it is an id. */
static const struct {
    const char *id, *told;
} ids[] = {
    {ID, NULL},
    {"", "is not the id of a key"},
    {"key_", "is not the id of a key"},
    {ID "x", "is not the id of a key"},
    {"KEY_01h455vb4pex5vsknk084sn02q", "is not the id of a key"},
    {TOKEN, "this takes the id of a key, not the key"},
    {"uptime_1a2b3c4d", "this takes the id of a key, not the key"},
};

START_TEST(id_of_a_key_is_required)
{
    const char *args[] = {ids[_i].id, NULL};
    int file = capture_stderr();
    const char *told;

    cli.args = args;
    ck_assert_int_eq(cli_require_key_id(&cli),
                     ids[_i].told ? CLI_FAILED : CLI_DONE);
    told = captured(file);
    if (!ids[_i].told) {
        ck_assert_str_eq(told, "");
        return;
    }
    ck_assert_ptr_nonnull(strstr(told, ids[_i].told));
    ck_assert_ptr_nonnull(strstr(told, "key list TEAM"));
    ck_assert_ptr_null(strstr(told, TOKEN));
}
END_TEST

static void make_stdout(int file)
{
    ck_assert_int_ge(file, 0);
    dup2(file, STDOUT_FILENO);
}

START_TEST(secret_is_a_line_of_its_own)
{
    char line[100] = "";
    int ends[2];

    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    make_stdout(ends[1]);
    close(ends[1]);
    ck_assert_int_eq(cli_output_error(), 0);
    ck_assert_int_eq(cli_print_token(TOKEN), 0);
    ck_assert_int_eq(read(ends[0], line, sizeof(line) - 1), UK_TOKEN_LEN + 1);
    ck_assert_str_eq(line, TOKEN "\n");
    /* It was closed. */
    ck_assert_int_eq(read(ends[0], line, sizeof(line)), 0);
}
END_TEST

START_TEST(reader_that_is_gone_is_an_error)
{
    int ends[2];

    ck_assert_int_eq(pipe(ends), 0);
    make_stdout(ends[1]);
    close(ends[0]);
    ck_assert_int_eq(cli_output_error(), EPIPE);
    ck_assert_int_eq(cli_print_token(TOKEN), EPIPE);
}
END_TEST

START_TEST(full_device_is_an_error)
{
    make_stdout(open("/dev/full", O_WRONLY));
    ck_assert_int_eq(cli_output_error(), 0);
    ck_assert_int_eq(cli_print_token(TOKEN), ENOSPC);
}
END_TEST

START_TEST(output_that_cannot_be_written_is_an_error)
{
    make_stdout(open("/dev/null", O_RDONLY));
    ck_assert_int_eq(cli_output_error(), EBADF);
    close(STDOUT_FILENO);
    ck_assert_int_eq(cli_output_error(), EBADF);
    ck_assert_int_eq(cli_print_token(TOKEN), EBADF);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("key options");
    TCase *tcase = unit_case(suite, "key options");

    tcase_add_checked_fixture(tcase, begin, NULL);
    tcase_add_loop_test(tcase, what_was_given_is_sent, 0, 16);
    tcase_add_test(tcase, rules_are_those_of_the_settings);
    tcase_add_loop_test(tcase, error_names_the_option, 0, UNIT_COUNT(errors));
    tcase_add_test(tcase, no_error_is_lost);
    tcase_add_loop_test(tcase, id_of_a_key_is_required, 0, UNIT_COUNT(ids));
    tcase_add_test(tcase, secret_is_a_line_of_its_own);
    tcase_add_test(tcase, reader_that_is_gone_is_an_error);
    tcase_add_test(tcase, full_device_is_an_error);
    tcase_add_test(tcase, output_that_cannot_be_written_is_an_error);
    return unit_run(suite);
}
