/* SPDX-License-Identifier: Apache-2.0 */
/* The same values of a new key as JSON, as a form and as options of the tool: the
 * verdict is the same, the same fields are named, and the key is the same.
 *
 * What differs on purpose: a date alone is for the form and the tool, days from
 * now are for the tool, and an empty expiry is a form's "never"; in a form an
 * address ends at white space and commas.
 *
 * About: core/key_spec.c
 * Options: -max_len=300 */
#include "in_httpd.h"

#include <apr_strings.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

#include "httpd/config.h"
#include "manage/form.h"
#include "manage/json.h"
#include "cli/key_options.h"
#include "fuzz.h"

#define NOW ((uk_instant_t)1800000000000)
#define SCOPES_MAX 5
#define ADDRESSES_MAX 52

typedef struct {
    const char *name;
    const char *expires; /* NULL: not sent */
    apr_array_header_t *scopes, *addresses;
    uk_key_rules_t rules;
} values_t;

/* What a door makes of them, in one string. */
typedef struct {
    const char *errors; /* "": accepted */
    const char *key;
} outcome_t;

static apr_array_header_t *split(const char *list, int most)
{
    apr_array_header_t *items = apr_array_make(fuzz_pool(), 4, sizeof(char *));

    while (*list && items->nelts < most) {
        size_t len = strcspn(list, "|");

        APR_ARRAY_PUSH(items, const char *) =
            apr_pstrmemdup(fuzz_pool(), list, len);
        list += len + (list[len] == '|');
    }
    return items;
}

#define EACH(items, i, item)                                                   \
    for ((i) = 0; (i) < (items)->nelts                                         \
                  && ((item) = APR_ARRAY_IDX((items), (i), const char *));     \
         (i)++)

static values_t read_values(fuzz_input_t *input)
{
    unsigned flags = fuzz_take_byte(input);
    values_t values = {
        .rules = {.catalogue = uk_config_catalogue(), .now = NOW}};

    values.rules.lifetimes.maximum = flags & 2 ? 400 : 0;
    values.rules.lifetimes.preset = flags & 4 ? 90 : 0;
    values.name = fuzz_take_string(input, '\n');
    values.expires = fuzz_take_string(input, '\n');
    if (!(flags & 1)) {
        values.expires = NULL;
    }
    values.scopes = split(fuzz_take_string(input, '\n'), SCOPES_MAX);
    values.addresses = split(fuzz_take_string(input, '\n'), ADDRESSES_MAX);
    return values;
}

static const char *list_errors(const apr_array_header_t *errors)
{
    const char *all = "";
    int i;

    for (i = 0; i < errors->nelts; i++) {
        const uk_field_error_t *error =
            &APR_ARRAY_IDX(errors, i, uk_field_error_t);

        all = apr_pstrcat(fuzz_pool(), all, error->pointer, " ", error->code,
                          "\n", NULL);
    }
    return all;
}

static outcome_t judge(const values_t *values, const uk_key_spec_t *spec,
                       const apr_array_header_t *earlier)
{
    apr_pool_t *pool = fuzz_pool();
    apr_array_header_t *errors;
    outcome_t outcome;
    uk_key_t key;

    uk_key_spec_validate(pool, &values->rules, spec, &key, &errors);
    outcome.errors =
        apr_pstrcat(pool, list_errors(earlier), list_errors(errors), NULL);
    outcome.key =
        *outcome.errors
            ? ""
            : apr_psprintf(
                pool, "%s\n%" APR_INT64_T_FMT "\n%s\n%s", key.name,
                key.expires_at, apr_array_pstrcat(pool, key.scopes, ' '),
                key.addresses ? apr_array_pstrcat(pool, key.addresses, ' ')
                              : "");
    return outcome;
}

static json_t *array_of(const apr_array_header_t *strings)
{
    json_t *array = json_array();
    const char *string;
    int i;

    EACH(strings, i, string)
    {
        json_array_append_new(array, json_string(string));
    }
    return array;
}

static outcome_t as_json(const values_t *values)
{
    json_t *object = json_pack("{s:s, s:o, s:o}", "name", values->name,
                               "scopes", array_of(values->scopes), "addresses",
                               array_of(values->addresses));
    apr_array_header_t *errors;
    const char *error;
    uk_key_spec_t spec;
    char *body;

    if (values->expires) {
        json_object_set_new(object, "expiresAt", json_string(values->expires));
    }
    body = json_dumps(object, 0);
    json_decref(object);
    FUZZ_EXPECT(body
                    && uk_json_read_spec(fuzz_pool(), body, strlen(body), &spec,
                                         &errors, &error)
                           == 0,
                "the JSON cannot be read");
    free(body);
    return judge(values, &spec, errors);
}

/* All bytes but letters and digits as "%XX". */
static const char *encode(const char *text)
{
    char *encoded = apr_palloc(fuzz_pool(), strlen(text) * 3 + 1);
    char *to = encoded;

    for (; *text; text++) {
        to += apr_snprintf(to, 4, "%%%02X", (unsigned char)*text);
    }
    *to = '\0';
    return encoded;
}

static const char *add_field(const char *body, const char *name,
                             const char *value)
{
    return apr_pstrcat(fuzz_pool(), body, "&", name, "=", encode(value), NULL);
}

static outcome_t as_form(const values_t *values, request_rec *r)
{
    const uk_context_t ctx = {.r = r, .now = NOW};
    const char *body = add_field("", "name", values->name);
    apr_array_header_t *errors;
    const char *item;
    uk_form_t *form;
    int i;

    EACH(values->scopes, i, item)
    {
        body = add_field(body, "scope", item);
    }
    body = add_field(body, "addresses",
                     apr_array_pstrcat(fuzz_pool(), values->addresses, '\n'));
    if (values->expires) {
        body = add_field(body, "expires", values->expires);
    }
    FUZZ_EXPECT(
        uk_form_read(&ctx, apr_pstrdup(fuzz_pool(), body), &form, &errors) == 0,
        "the form cannot be read");
    return judge(values, &form->spec, errors);
}

static void add_option(apr_array_header_t *argv, const char *name,
                       const char *value)
{
    APR_ARRAY_PUSH(argv, char *) =
        apr_pstrcat(fuzz_pool(), name, "=", value, NULL);
}

static outcome_t as_options(const values_t *values)
{
    apr_array_header_t *argv = apr_array_make(fuzz_pool(), 8, sizeof(char *));
    cli_options_t options;
    cli_t cli = {
        .pool = fuzz_pool(), .options = &options, .actor = {.now = NOW}};
    uk_key_spec_t spec;
    const char *item;
    int i;

    APR_ARRAY_PUSH(argv, char *) = apr_pstrdup(fuzz_pool(), "uptime-keys");
    add_option(argv, "--name", values->name);
    EACH(values->scopes, i, item)
    {
        add_option(argv, "--scope", item);
    }
    EACH(values->addresses, i, item)
    {
        add_option(argv, "--address", item);
    }
    if (values->expires) {
        add_option(argv, "--expires", values->expires);
    }
    *(char **)apr_array_push(argv) = NULL;
    optind = 0;
    FUZZ_EXPECT(!cli_options_read(fuzz_pool(), argv->nelts - 1,
                                  (char **)argv->elts, &options),
                "the options cannot be read");
    spec = cli_key_spec(&cli);
    return judge(values, &spec,
                 apr_array_make(fuzz_pool(), 1, sizeof(uk_field_error_t)));
}

static void expect_same(const outcome_t *one, const outcome_t *other,
                        const char *what)
{
    FUZZ_EXPECT(strcmp(one->errors, other->errors) == 0, what);
    FUZZ_EXPECT(strcmp(one->key, other->key) == 0, what);
}

static int is_text(const values_t *values)
{
    const char *all =
        apr_pstrcat(fuzz_pool(), values->name, "|",
                    apr_array_pstrcat(fuzz_pool(), values->scopes, '|'), "|",
                    apr_array_pstrcat(fuzz_pool(), values->addresses, '|'), "|",
                    values->expires ? values->expires : "", NULL);

    return !u8_check((const uint8_t *)all, strlen(all));
}

/* Up to the addresses, which a form may split. */
static int is_clear_in_form(const values_t *values)
{
    const char *address;
    int i;

    EACH(values->addresses, i, address)
    {
        if (!*address || strpbrk(address, ", \t\r\n")) {
            return 0;
        }
    }
    return !values->expires || *values->expires;
}

static int is_date(const char *text)
{
    static const char form[] = "0000-00-00";
    size_t i;

    for (i = 0; form[i]; i++) {
        if (form[i] == '-' ? text[i] != '-' : text[i] < '0' || text[i] > '9') {
            return 0;
        }
    }
    return !text[i];
}

static int is_days(const char *text)
{
    return *text == '+' && strlen(text) > 2 && text[strlen(text) - 1] == 'd';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    request_rec *r = in_httpd_request(fuzz_pool(), "POST", "/keys");
    fuzz_input_t input = {data, size};
    const values_t values = read_values(&input);
    const outcome_t form = as_form(&values, r), tool = as_options(&values);
    int date = values.expires && is_date(values.expires);
    int days = values.expires && is_days(values.expires);

    if (is_clear_in_form(&values) && !days) {
        expect_same(&form, &tool, "the form and the tool differ");
    }
    if (is_text(&values)) {
        const outcome_t json = as_json(&values);

        if (!date && !days) {
            expect_same(&json, &tool, "JSON and the tool differ");
        }
        else {
            FUZZ_EXPECT(strstr(json.errors, "/expiresAt invalid-date-time"),
                        "JSON takes what is no instant");
        }
        FUZZ_EXPECT(!days || !is_clear_in_form(&values)
                        || !strcmp(json.errors, form.errors),
                    "JSON and the form differ");
    }
    else {
        FUZZ_EXPECT(*tool.errors, "what is no UTF-8 is accepted");
    }
    fuzz_clear();
    return 0;
}
