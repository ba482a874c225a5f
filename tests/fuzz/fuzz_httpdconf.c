/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as a configuration file of httpd, read by the tool. What it says of
 * lines is true, and the same text with one more line in front, or with the ends
 * of lines of other systems, says the same.
 *
 * About: cli/httpdconf.c cli/httpdconf_word.c
 * Options: -max_len=600 */
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#include "cli/httpdconf.h"
#include "fake_file.h"
#include "fuzz.h"

#define NAME "some.conf"
#define PLACE NAME ", line "

typedef struct {
    const char *error;
    cli_httpdconf_t conf;
    int scopes;
} reading_t;

#define SETTING_COUNT 14

static const cli_setting_t *setting_of(const reading_t *reading, int i)
{
    const cli_httpdconf_t *conf = &reading->conf;
    const cli_setting_t *const settings[SETTING_COUNT] = {
        &conf->driver,           &conf->params,           &conf->max_per_team,
        &conf->dbd_min,          &conf->dbd_keep,         &conf->dbd_max,
        &conf->dbd_persist,      &conf->threads,          &conf->allow_standby,
        &conf->max_lifetime,     &conf->default_lifetime, &conf->rotate_overlap,
        &conf->require_checksum, &conf->init_sql};

    return settings[i];
}

static reading_t read_conf(const char *text, size_t len)
{
    uk_catalogue_t *catalogue = uk_catalogue_create(fuzz_pool());
    reading_t reading;

    fake_file(text, len, NULL, 0, APR_EOF);
    reading.error =
        cli_httpdconf_read(fuzz_pool(), NAME, catalogue, &reading.conf);
    reading.scopes = uk_catalogue_size(catalogue);
    return reading;
}

static int line_of(const char *error)
{
    FUZZ_EXPECT(strncmp(error, PLACE, strlen(PLACE)) == 0,
                "an error without its place");
    return (int)apr_atoi64(error + strlen(PLACE));
}

static void expect_line(int line, int lines)
{
    FUZZ_EXPECT(line >= 1 && line <= lines, "no such line");
}

static void expect_truth(const reading_t *reading, const char *text)
{
    int lines = 1, i;

    for (; *text; text++) {
        lines += *text == '\n';
    }
    if (reading->error) {
        expect_line(line_of(reading->error), lines);
    }
    for (i = 0; i < SETTING_COUNT; i++) {
        const cli_setting_t *setting = setting_of(reading, i);

        FUZZ_EXPECT((setting->value != NULL) == (setting->line != 0),
                    "a value without a line");
        if (setting->value) {
            expect_line(setting->line, lines);
            FUZZ_EXPECT(setting == &reading->conf.init_sql
                            || (!strstr(setting->value, "${")
                                && setting->other_line != setting->line),
                        "a variable is taken for a value");
        }
    }
}

/* @param shift how many lines the other one has more in front */
static void expect_same_conf(const reading_t *a, const reading_t *b, int shift)
{
    int i;

    FUZZ_EXPECT((a->error == NULL) == (b->error == NULL), "an error, or none");
    FUZZ_EXPECT(a->scopes == b->scopes, "other scopes");
    FUZZ_EXPECT(!a->error || line_of(a->error) + shift == line_of(b->error),
                "an error on another line");
    for (i = 0; i < SETTING_COUNT; i++) {
        const cli_setting_t *one = setting_of(a, i), *other = setting_of(b, i);

        FUZZ_EXPECT((one->value == NULL) == (other->value == NULL)
                        && (!one->value
                            || (strcmp(one->value, other->value) == 0
                                && one->line + shift == other->line)),
                    "another value");
        FUZZ_EXPECT(one->other_line
                        ? one->other_line + shift == other->other_line
                        : !other->other_line,
                    "another line that differs");
    }
}

static const char *with_carriage_returns(const char *text)
{
    char *copy = apr_palloc(fuzz_pool(), strlen(text) * 2 + 1), *to = copy;

    for (; *text; text++) {
        if (*text == '\n') {
            *to++ = '\r';
        }
        *to++ = *text;
    }
    *to = '\0';
    return copy;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = fuzz_string(data, size), *other;
    reading_t reading = read_conf((const char *)data, size), again;

    expect_truth(&reading, text);
    other = apr_pstrcat(fuzz_pool(), "# A comment.\n", text, NULL);
    again = read_conf(other, strlen(other));
    expect_same_conf(&reading, &again, 1);
    if (!strchr(text, '\r')) {
        other = with_carriage_returns(text);
        again = read_conf(other, strlen(other));
        expect_same_conf(&reading, &again, 0);
    }
    fuzz_clear();
    return 0;
}
