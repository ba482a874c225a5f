/* SPDX-License-Identifier: Apache-2.0 */
/* Any body in pieces of any size, with any Content-Type, -Length and -Encoding.
 * The body is what follows the third line; a short one can be repeated up to the
 * limit and beyond.
 *
 * About: manage/body.c
 * Options: -max_len=300 */
#include "in_httpd.h"

#include <apr_strings.h>
#include <string.h>
#include <strings.h>

#include "httpd/request.h"
#include "manage/body.h"
#include "manage/json.h"
#include "fuzz.h"

#define MAX 2000
#define TYPE "application/json"

static int has_type(const char *sent)
{
    return strncasecmp(sent, TYPE, strlen(TYPE)) == 0
           && strchr("; \t", sent[strlen(TYPE)]);
}

/* @return 0: a Content-Length that is announced is too large, or none */
static int is_small(const char *announced)
{
    apr_off_t number = 0;

    if (!*announced || strspn(announced, "0123456789") != strlen(announced)) {
        return 0;
    }
    for (; *announced; announced++) {
        number = number * 10 + (*announced - '0');
        number = number > MAX ? MAX + 1 : number;
    }
    return number <= MAX;
}

static int judge(const char *type, const char *announced, const char *coding,
                 size_t len)
{
    if (!has_type(type) || (*coding && strcasecmp(coding, "identity") != 0)) {
        return HTTP_UNSUPPORTED_MEDIA_TYPE;
    }
    return (*announced && !is_small(announced)) || len > MAX
               ? HTTP_REQUEST_ENTITY_TOO_LARGE
               : OK;
}

static void set_header(request_rec *r, const char *name, const char *value)
{
    if (*value) {
        apr_table_setn(r->headers_in, name, value);
    }
}

static const char *repeat(fuzz_input_t *rest, unsigned times, size_t *len)
{
    char *body = apr_palloc(fuzz_pool(), rest->left * times + 1);
    unsigned i;

    for (i = 0; i < times && rest->left; i++) {
        memcpy(body + i * rest->left, rest->at, rest->left);
    }
    *len = rest->left * times;
    return fuzz_bytes(body, *len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input_t input = {data, size};
    unsigned piece = fuzz_take_byte(&input);
    unsigned times = fuzz_take_byte(&input) % 64 + 1;
    const char *type = fuzz_take_string(&input, '\n');
    const char *announced = fuzz_take_string(&input, '\n');
    const char *coding = fuzz_take_string(&input, '\n');
    request_rec *r = in_httpd_request(fuzz_pool(), "POST", "/keys");
    uk_context_t ctx = {.r = r, .view = &uk_json_view, .request_id = "x"};
    apr_size_t len, read = 0;
    const char *body = repeat(&input, times, &len);
    char *received = NULL;
    int judged = judge(type, announced, coding, len), result;

    set_header(r, "Content-Type", type);
    set_header(r, "Content-Length", announced);
    set_header(r, "Content-Encoding", coding);
    in_httpd_set_body(r, body, len, piece);
    result = uk_body_read_up_to(&ctx, TYPE, MAX, &received, &read);
    FUZZ_EXPECT(result == (judged == OK ? OK : DONE)
                    && (result == OK || r->status == judged),
                "the body is judged otherwise");
    if (result == OK) {
        FUZZ_EXPECT(read == len && memcmp(received, body, len) == 0
                        && !received[len],
                    "the body is another one");
        FUZZ_EXPECT(uk_request_get(r)->body_limit == 0, "a limit is left");
    }
    fuzz_clear();
    return 0;
}
