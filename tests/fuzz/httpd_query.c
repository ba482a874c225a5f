/* SPDX-License-Identifier: Apache-2.0 */
/* Any method, path, query and Accept at a management place that nobody has logged
 * in to: what is answered is a problem, whole and not stored. And any query of the
 * list of events.
 *
 * About: manage/handler.c manage/routes.c manage/response.c manage/event_page.c
 * Options: -max_len=300 */
#include "in_httpd.h"

#include <apr_strings.h>
#include <http_config.h>
#include <jansson.h>
#include <string.h>
#include <util_script.h>

#include "manage/event_page.h"
#include "manage/handler.h"
#include "fuzz.h"

static int is_in(const char *names, const char *name)
{
    const char *marked = apr_pstrcat(fuzz_pool(), " ", name, " ", NULL);

    return strstr(names, marked) != NULL;
}

static void expect_problem(request_rec *r)
{
    json_t *document = json_loads(in_httpd_answer(r, NULL), 0, NULL);

    FUZZ_EXPECT(document, "the problem is no JSON");
    FUZZ_EXPECT(json_integer_value(json_object_get(document, "status"))
                    == r->status,
                "the problem has another status");
    FUZZ_EXPECT(json_is_string(json_object_get(document, "detail")),
                "the problem has no detail");
    json_decref(document);
}

static void expect_answer(request_rec *r)
{
    const char *type = r->content_type ? r->content_type : "";
    const char *stored = apr_table_get(r->err_headers_out, "Cache-Control");

    FUZZ_EXPECT(r->status >= 200 && r->status < 600, "there is no status");
    /* What is embedded, and shown to anybody. */
    if (r->status < 400) {
        return;
    }
    FUZZ_EXPECT(stored && !strcmp(stored, "no-store"),
                "a refusal may be stored");
    if (strncmp(type, "application/problem+json", 24) == 0) {
        expect_problem(r);
    }
    else {
        FUZZ_EXPECT(strncmp(type, "text/html", 9) == 0,
                    "a refusal has another type");
        FUZZ_EXPECT(r->header_only
                        || strstr(in_httpd_answer(r, NULL), "</html>"),
                    "the page has no end");
    }
}

static void try_handler(const char *method, const char *uri, const char *accept)
{
    request_rec *r = in_httpd_request(
        fuzz_pool(), method, apr_pstrcat(fuzz_pool(), "/keys", uri, NULL));
    int result;

    r->handler = "uptime-keys";
    if (*accept) {
        apr_table_setn(r->headers_in, "Accept", accept);
    }
    if (r->args) {
        r->args = apr_pstrdup(r->pool, r->args);
    }
    result = uk_manage_handle(r);
    FUZZ_EXPECT(result == OK || result == DONE || result == DECLINED
                    || (result >= 300 && result < 600),
                "the handler returns something else");
    if (result == OK || result == DONE) {
        expect_answer(r);
    }
}

static void try_events(const char *uri)
{
    request_rec *r = in_httpd_request(
        fuzz_pool(), "GET", apr_pstrcat(fuzz_pool(), "/keys", uri, NULL));
    uk_context_t ctx = {.r = r, .team = "acme", .now = 1800000000000};
    const char *error, *per_page, *action;
    uk_event_page_t page;

    ap_args_to_table(r, &ctx.query);
    error = uk_event_page_read(&ctx, &page);
    per_page = apr_table_get(ctx.query, "perPage");
    if (error) {
        return;
    }
    action = page.filter.action;
    FUZZ_EXPECT(!per_page
                    || (strspn(per_page, "0123456789") == strlen(per_page)
                        && apr_atoi64(per_page) == page.per_page),
                "perPage is another number");
    FUZZ_EXPECT(page.per_page >= 1 && page.per_page <= 200,
                "a page has another size");
    FUZZ_EXPECT(!action
                    || is_in(" key.create key.import key.change key.disable "
                             "key.enable key.rotate key.leak key.delete ",
                             action),
                "an action is accepted that there is not");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const methods[] = {"GET",  "POST", "PATCH",   "DELETE",
                                          "HEAD", "PUT",  "OPTIONS", "STRANGE"};
    fuzz_input_t input = {data, size};
    const char *method = methods[fuzz_take_byte(&input) % 8];
    const char *uri = fuzz_take_string(&input, '\n');
    const char *accept = fuzz_take_string(&input, '\n');

    try_handler(method, uri, accept);
    try_events(uri);
    fuzz_clear();
    return 0;
}
