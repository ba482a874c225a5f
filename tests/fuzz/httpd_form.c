/* SPDX-License-Identifier: Apache-2.0 */
/* Any body of a form that creates, edits or rotates a key, checked against another
 * reader of application/x-www-form-urlencoded.
 *
 * About: manage/form.c
 * Options: -max_len=600 */
#include "in_httpd.h"

#include <apr_strings.h>
#include <string.h>

#include "core/keyid.h"
#include "manage/form.h"
#include "fuzz.h"

#define NOW ((uk_instant_t)1800000000000)

static int digit_of(char c)
{
    const char *digits = "0123456789abcdef0123456789ABCDEF";
    const char *at = c ? strchr(digits, c) : NULL;

    return at ? (int)((at - digits) % 16) : -1;
}

/* @return NULL: it is no valid encoding, or of a NUL */
static char *decode(const char *from, size_t len)
{
    char *decoded = apr_pcalloc(fuzz_pool(), len + 1);
    size_t i, n = 0;

    for (i = 0; i < len; i++) {
        int c = from[i] == '+' ? ' ' : (unsigned char)from[i];

        if (c == '%') {
            if (i + 2 >= len || digit_of(from[i + 1]) < 0
                || digit_of(from[i + 2]) < 0) {
                return NULL;
            }
            c = digit_of(from[i + 1]) * 16 + digit_of(from[i + 2]);
            i += 2;
        }
        if (!c) {
            return NULL;
        }
        decoded[n++] = (char)c;
    }
    return decoded;
}

typedef struct {
    const char *name, *value;
} field_t;

/* @return field_ts; NULL: it is no form */
static apr_array_header_t *read_form(const char *body)
{
    apr_array_header_t *fields =
        apr_array_make(fuzz_pool(), 8, sizeof(field_t));

    while (*body) {
        size_t len = strcspn(body, "&");
        const char *equals = memchr(body, '=', len);
        field_t field;

        if (len) {
            if (!equals) {
                return NULL;
            }
            field.name = decode(body, (size_t)(equals - body));
            field.value = decode(equals + 1, len - (size_t)(equals - body) - 1);
            if (!field.name || !field.value) {
                return NULL;
            }
            APR_ARRAY_PUSH(fields, field_t) = field;
        }
        body += len + (body[len] == '&');
    }
    return fields;
}

/* The last one counts. */
static const char *value_of(const apr_array_header_t *fields, const char *name)
{
    const char *value = NULL;
    int i;

    for (i = 0; i < fields->nelts; i++) {
        const field_t *field = &APR_ARRAY_IDX(fields, i, field_t);

        if (strcmp(field->name, name) == 0) {
            value = field->value;
        }
    }
    return value;
}

static void expect_value(const apr_array_header_t *fields, const char *name,
                         const char *value)
{
    const char *sent = value_of(fields, name);

    FUZZ_EXPECT(strcmp(sent ? sent : "", value) == 0,
                "a field has another value");
}

static void expect_scopes(const apr_array_header_t *fields,
                          const apr_array_header_t *scopes)
{
    int i, n = 0;

    for (i = 0; i < fields->nelts; i++) {
        const field_t *field = &APR_ARRAY_IDX(fields, i, field_t);

        if (strcmp(field->name, "scope") == 0) {
            FUZZ_EXPECT(n < scopes->nelts
                            && strcmp(APR_ARRAY_IDX(scopes, n, const char *),
                                      field->value)
                                   == 0,
                        "a scope is another one");
            n++;
        }
    }
    FUZZ_EXPECT(n == scopes->nelts, "there are more scopes");
}

static void try_create(const uk_context_t *ctx, const char *body)
{
    const apr_array_header_t *fields = read_form(body);
    const char *id = fields ? value_of(fields, "id") : NULL;
    const char *choice = fields ? value_of(fields, "expires") : NULL;
    const char *date = fields ? value_of(fields, "date") : NULL;
    apr_array_header_t *errors;
    uk_form_t *form;
    int is_good =
        uk_form_read(ctx, apr_pstrdup(fuzz_pool(), body), &form, &errors) == 0;

    FUZZ_EXPECT(is_good == (fields && (!id || uk_keyid_is_valid(id))),
                "the form is judged otherwise");
    if (!is_good) {
        return;
    }
    expect_value(fields, "name", form->spec.name);
    expect_value(fields, "addresses", form->addresses);
    expect_scopes(fields, form->scopes);
    FUZZ_EXPECT(uk_keyid_is_valid(form->id), "a form has no id");
    FUZZ_EXPECT(!choice || !*choice || form->spec.expires, "an expiry is lost");
    FUZZ_EXPECT(!date || !*date || form->spec.expires || errors->nelts,
                "a date is lost");
}

static void try_edit(const uk_context_t *ctx, const char *body)
{
    const apr_array_header_t *fields = read_form(body);
    apr_array_header_t *errors;
    uk_form_t *form;
    int is_good =
        uk_form_read_edit(ctx, apr_pstrdup(fuzz_pool(), body), &form, &errors)
        == 0;
    unsigned sent = form->spec.sent;

    FUZZ_EXPECT(!is_good || (fields && value_of(fields, "etag")),
                "a form without its tag is accepted");
    if (is_good && sent != UK_SPEC_DISABLED) {
        FUZZ_EXPECT(value_of(fields, "name") && value_of(fields, "expires")
                        && value_of(fields, "addresses"),
                    "a part of a form is accepted");
        FUZZ_EXPECT(!(sent & UK_SPEC_DISABLED), "a form does both");
        FUZZ_EXPECT(sent & UK_SPEC_SCOPES, "no scope is as many as before");
    }
}

/* @return -1: it is no number of seconds, or too large */
static int judge_overlap(const char *text)
{
    int number = 0;

    if (!*text || strspn(text, "0123456789") != strlen(text)) {
        return -1;
    }
    for (; *text && number >= 0; text++) {
        number = number * 10 + (*text - '0');
        number = number > UK_OVERLAP_MAX ? -1 : number;
    }
    return number;
}

static void try_rotation(const char *body)
{
    const apr_array_header_t *fields = read_form(body);
    const char *prefix = fields ? value_of(fields, "ifPrefix") : NULL;
    const char *overlap = fields ? value_of(fields, "overlap") : NULL;
    uk_rotation_t rotation = {.overlap = 77};
    apr_array_header_t *errors;
    int is_good =
        uk_form_read_rotation(fuzz_pool(), apr_pstrdup(fuzz_pool(), body),
                              &rotation, &errors)
        == 0;
    int judged = overlap ? judge_overlap(overlap) : 77;

    FUZZ_EXPECT(is_good == (prefix != NULL), "the form is judged otherwise");
    if (is_good) {
        FUZZ_EXPECT(strcmp(rotation.if_prefix, prefix) == 0,
                    "the prefix is another one");
        FUZZ_EXPECT((errors->nelts > 0) == (judged < 0),
                    "an overlap is judged otherwise");
        FUZZ_EXPECT(judged < 0 || rotation.overlap == judged,
                    "an overlap is another one");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *body = fuzz_string(data, size);
    uk_context_t ctx = {.r = in_httpd_request(fuzz_pool(), "POST", "/keys"),
                        .now = NOW};

    try_create(&ctx, body);
    try_edit(&ctx, body);
    try_rotation(body);
    fuzz_clear();
    return 0;
}
