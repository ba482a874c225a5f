/* SPDX-License-Identifier: Apache-2.0 */
/* Any text in a problem document and in HTML: the first is JSON with that text,
 * and a reader of HTML finds it again, and no tag of its own.
 *
 * About: manage/html.c core/problem_document.c
 * Options: -max_len=400 */
#include "in_httpd.h"

#include <apr_strings.h>
#include <jansson.h>
#include <string.h>
#include <unistr.h>

#include "core/key_spec.h"
#include "core/problem_document.h"
#include "manage/html.h"
#include "fuzz.h"

#define FIELDS 6
#define ERRORS 3

static void expect_text(const json_t *value, const char *text)
{
    if (u8_check((const uint8_t *)text, strlen(text))) {
        FUZZ_EXPECT(json_is_null(value), "what is no UTF-8 is shown");
    }
    else {
        FUZZ_EXPECT(json_is_string(value)
                        && strcmp(json_string_value(value), text) == 0,
                    "the text is another one");
    }
}

static void try_problem(const char *const texts[FIELDS])
{
    apr_array_header_t *errors =
        apr_array_make(fuzz_pool(), ERRORS, sizeof(uk_field_error_t));
    uk_problem_document_t problem = {.type = texts[0],
                                     .title = texts[1],
                                     .status = 400,
                                     .detail = texts[2],
                                     .instance = texts[3],
                                     .errors = errors};
    json_t *document, *array;
    const char *written;
    size_t i;

    for (i = 0; i < ERRORS; i++) {
        uk_field_error_add(errors, texts[i], texts[i + 1], texts[i + 2]);
    }
    written = uk_problem_document_write(fuzz_pool(), &problem);
    FUZZ_EXPECT(written, "there is no document");
    document = json_loads(written, JSON_REJECT_DUPLICATES, NULL);
    FUZZ_EXPECT(document, "the document is no JSON");
    expect_text(json_object_get(document, "type"), texts[0]);
    expect_text(json_object_get(document, "title"), texts[1]);
    expect_text(json_object_get(document, "detail"), texts[2]);
    expect_text(json_object_get(document, "instance"), texts[3]);
    array = json_object_get(document, "errors");
    FUZZ_EXPECT(json_array_size(array) == ERRORS, "an error is lost");
    for (i = 0; i < ERRORS; i++) {
        const json_t *error = json_array_get(array, i);

        expect_text(json_object_get(error, "pointer"), texts[i]);
        expect_text(json_object_get(error, "code"), texts[i + 1]);
        expect_text(json_object_get(error, "message"), texts[i + 2]);
    }
    json_decref(document);
}

/* What a reader of HTML sees: one line for each tag, attribute and text. */
typedef struct {
    char *lines;
    size_t len;
} seen_t;

static void see(seen_t *seen, char kind, const char *text, size_t len)
{
    seen->lines[seen->len++] = kind;
    memcpy(seen->lines + seen->len, text, len);
    seen->len += len;
    seen->lines[seen->len++] = '\1';
}

static void see_string(seen_t *seen, char kind, const char *text)
{
    see(seen, kind, text, strlen(text));
}

/* References are those of ap_escape_html(). @return the text, decoded */
static const char *decode_text(const char *from, size_t len)
{
    static const struct {
        const char *reference;
        char c;
    } known[] = {{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}};
    char *decoded = apr_pcalloc(fuzz_pool(), len + 1), *to = decoded;
    const char *end = from + len;
    size_t i;

    while (from < end) {
        FUZZ_EXPECT(!strchr("<>\"", *from), "a character is not escaped");
        for (i = 0; *from == '&' && i < 4; i++) {
            if (strncmp(from, known[i].reference, strlen(known[i].reference))
                == 0) {
                break;
            }
        }
        FUZZ_EXPECT(i < 4, "an ampersand is not escaped");
        *to++ = *from == '&' ? known[i].c : *from;
        from += *from == '&' ? strlen(known[i].reference) : 1;
    }
    return decoded;
}

static const char *read_attribute(const char *at, seen_t *seen)
{
    size_t len = strcspn(++at, " =>");

    see(seen, 'n', at, len);
    at += len;
    if (*at == '=') {
        const char *end;

        FUZZ_EXPECT(at[1] == '"', "a value has no quotes");
        at += 2;
        end = strchr(at, '"');
        FUZZ_EXPECT(end, "a value does not end");
        see_string(seen, 'v', decode_text(at, (size_t)(end - at)));
        at = end + 1;
    }
    return at;
}

static const char *read_html_tag(const char *at, seen_t *seen)
{
    size_t len = strcspn(++at, " >");

    see(seen, 't', at, len);
    at += len;
    while (*at == ' ') {
        at = read_attribute(at, seen);
    }
    FUZZ_EXPECT(*at == '>', "a tag does not end");
    return at + 1;
}

static void read_html(const char *html, seen_t *seen)
{
    while (*html) {
        if (*html == '<') {
            html = read_html_tag(html, seen);
        }
        else {
            size_t len = strcspn(html, "<");

            see_string(seen, 'x', decode_text(html, len));
            html += len;
        }
    }
}

static void expect_value(seen_t *wanted, const char *name, const char *value)
{
    see_string(wanted, 'n', name);
    if (*value) {
        see_string(wanted, 'v', value);
    }
}

static void try_html(const char *const texts[FIELDS])
{
    uk_html_t *html = uk_html_create(fuzz_pool());
    seen_t wanted = {apr_palloc(fuzz_pool(), 4000), 0};
    seen_t seen = {apr_palloc(fuzz_pool(), 4000), 0};

    uk_html_open(html, "div", "title", texts[0], "hidden", "", "lang",
                 (char *)NULL, NULL);
    see_string(&wanted, 't', "div");
    expect_value(&wanted, "title", texts[0]);
    expect_value(&wanted, "hidden", "");
    uk_html_text(html, texts[1]);
    if (*texts[1]) {
        see_string(&wanted, 'x', texts[1]);
    }
    uk_html_element(html, "input", NULL, "value", texts[2], NULL);
    see_string(&wanted, 't', "input");
    expect_value(&wanted, "value", texts[2]);
    uk_html_element(html, "p", texts[3], "class", texts[4], NULL);
    see_string(&wanted, 't', "p");
    expect_value(&wanted, "class", texts[4]);
    if (*texts[3]) {
        see_string(&wanted, 'x', texts[3]);
    }
    see_string(&wanted, 't', "/p");
    see_string(&wanted, 't', "/div");
    read_html(uk_html_finish(html) + strlen("<!DOCTYPE html>\n"), &seen);
    FUZZ_EXPECT(seen.len == wanted.len
                    && memcmp(seen.lines, wanted.lines, seen.len) == 0,
                "a reader of HTML sees something else");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input_t input = {data, size};
    const char *texts[FIELDS];
    int i;

    for (i = 0; i < FIELDS; i++) {
        texts[i] = fuzz_take_string(&input, '\n');
    }
    try_problem(texts);
    try_html(texts);
    fuzz_clear();
    return 0;
}
