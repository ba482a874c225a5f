/* SPDX-License-Identifier: Apache-2.0 */
/* Refusals: the table under "Answers" in README.md, for each verdict and in
 * each kind of place. */
#include "unit.h"

#include <apr_strings.h>
#include <http_request.h>
#include <jansson.h>
#include <string.h>
#include <util_filter.h>

#include "httpd/problem.h"
#include "in_httpd.h"

#define PAGE "<html>httpd's own</html>"
#define BASE "urn:uptime-keys:error:"
#define BAD_TOKEN                                                              \
    ", error=\"invalid_token\", error_description=\"The API key is not "       \
    "valid\""
#define TWO                                                                    \
    ", error=\"invalid_request\", error_description=\"More than one "          \
    "credential\""
#define LACKING ", error=\"insufficient_scope\""

static const struct {
    uk_verdict_e verdict;
    int status;
    const char *type;
    const char *challenge; /* what follows the realm; NULL: no challenge */
} refused[] = {
    {UK_NO_KEY, 401, "unauthorized", ""},
    {UK_TWO_CREDENTIALS, 400, "bad-request", TWO},
    {UK_MALFORMED, 401, "unauthorized", BAD_TOKEN},
    {UK_BAD_CHECKSUM, 401, "unauthorized", BAD_TOKEN},
    {UK_UNKNOWN, 401, "unauthorized", BAD_TOKEN},
    {UK_EXPIRED, 401, "unauthorized", BAD_TOKEN},
    {UK_DISABLED, 401, "unauthorized", BAD_TOKEN},
    {UK_ROTATED, 401, "unauthorized", BAD_TOKEN},
    {UK_DATABASE_UNAVAILABLE, 503, "unavailable", NULL},
    {UK_ADDRESS_NOT_ALLOWED, 403, "address-not-allowed", ""},
    {UK_RATE_LIMITED, 429, "rate-limited", NULL},
    {UK_SCOPE_MISSING, 403, "forbidden", LACKING},
    {UK_OTHER_TEAM, 403, "forbidden", LACKING},
    {UK_DENIED, 403, "forbidden", ""},
};

static const struct {
    const char *uri;
    const char *realm; /* NULL: another AuthType has its own challenge */
    const char *base;
} places[] = {
    {"/key", "Uptime", BASE},
    {"/quoted", "a \\\"quoted\\\" name", BASE},
    {"/unnamed", "api", BASE},
    {"/without", "api", BASE},
    {"/basic", NULL, BASE},
    {"/based", "Uptime", "https://errors.example.com/x#"},
};

static void send_piece(request_rec *r, const char *piece, int is_last)
{
    apr_bucket_alloc_t *alloc = r->connection->bucket_alloc;
    apr_bucket_brigade *brigade = apr_brigade_create(r->pool, alloc);

    APR_BRIGADE_INSERT_TAIL(
        brigade, apr_bucket_immortal_create(piece, strlen(piece), alloc));
    if (is_last) {
        APR_BRIGADE_INSERT_TAIL(brigade, apr_bucket_eos_create(alloc));
    }
    ck_assert_int_eq(ap_pass_brigade(r->output_filters, brigade), APR_SUCCESS);
}

/* As httpd does when a request has ended with a status. */
static const char *answer_with(request_rec *r, int status)
{
    r->status = status;
    uk_problem_insert_filter(r);
    send_piece(r, PAGE, 0);
    send_piece(r, PAGE, 1);
    return in_httpd_answer(r, NULL);
}

static request_rec *refuse(const char *uri, uk_verdict_e verdict)
{
    request_rec *r = in_httpd_request(unit_pool, "GET", uri);

    r->user = apr_pstrdup(unit_pool, "");
    ck_assert_int_eq(uk_problem_note(r, verdict, "uptime_12345678"),
                     refused[verdict - 1].status);
    return r;
}

static const char *string_of(const json_t *document, const char *member)
{
    const char *string = json_string_value(json_object_get(document, member));

    ck_assert_ptr_nonnull(string);
    return apr_pstrdup(unit_pool, string);
}

static json_t *parsed(const char *answer)
{
    json_t *document = json_loads(answer, JSON_REJECT_DUPLICATES, NULL);

    ck_assert_ptr_nonnull(document);
    ck_assert_uint_eq(json_object_size(document), 5);
    return document;
}

static void check_document(request_rec *r, const char *answer, const char *base,
                           const char *type)
{
    json_t *document = parsed(answer);
    const char *instance = string_of(document, "instance");

    ck_assert_str_eq(string_of(document, "type"),
                     apr_pstrcat(unit_pool, base, type, NULL));
    ck_assert(*string_of(document, "title") && *string_of(document, "detail"));
    ck_assert_int_eq(
        (int)json_integer_value(json_object_get(document, "status")),
        r->status);
    ck_assert_uint_eq(strlen(instance), strlen("urn:uuid:") + 36);
    ck_assert(strncmp(instance, "urn:uuid:", 9) == 0);
    ck_assert_str_eq(r->content_type, "application/problem+json");
    ck_assert_str_eq(apr_table_get(r->headers_out, "Content-Length"),
                     apr_itoa(unit_pool, (int)strlen(answer)));
    json_decref(document);
}

static void check_string(const char *string, const char *expected)
{
    ck_assert_str_eq(string ? string : "(none)",
                     expected ? expected : "(none)");
}

static const char *challenge_of(const char *realm, const char *rest)
{
    return realm && rest ? apr_pstrcat(unit_pool, "Bearer realm=\"", realm,
                                       "\"", rest, NULL)
                         : NULL;
}

START_TEST(every_verdict_is_answered_in_every_place)
{
    int place;

    for (place = 0; place < UNIT_COUNT(places); place++) {
        request_rec *r = refuse(places[place].uri, refused[_i].verdict);
        const char *answer = answer_with(r, refused[_i].status);

        check_document(r, answer, places[place].base, refused[_i].type);
        check_string(apr_table_get(r->err_headers_out, "WWW-Authenticate"),
                     challenge_of(places[place].realm, refused[_i].challenge));
        check_string(apr_table_get(r->err_headers_out, "Cache-Control"),
                     "no-store");
        check_string(apr_table_get(r->err_headers_out, "Retry-After"),
                     refused[_i].status == 503 ? "1" : NULL);
    }
}
END_TEST

START_TEST(every_verdict_has_a_row)
{
    int i;

    ck_assert_int_eq(UNIT_COUNT(refused), UK_VERDICTS - 1);
    for (i = 0; i < UNIT_COUNT(refused); i++) {
        ck_assert_int_eq(refused[i].verdict, i + 1);
        ck_assert(*uk_problem_reason(refused[i].verdict));
    }
}
END_TEST

START_TEST(error_document_of_the_administrator_wins)
{
    request_rec *r = refuse("/documents", refused[_i].verdict);
    const char *answer = answer_with(r, refused[_i].status);

    ck_assert_str_eq(answer, PAGE PAGE);
    check_string(apr_table_get(r->err_headers_out, "WWW-Authenticate"),
                 challenge_of("Uptime", refused[_i].challenge));
    check_string(apr_table_get(r->err_headers_out, "Cache-Control"),
                 "no-store");
}
END_TEST

/* What is the same in the answers to all bad keys. */
static const char *without_instance(request_rec *r, const char *answer)
{
    const char *instance = strstr(answer, "urn:uuid:");

    return apr_psprintf(unit_pool, "%s %.*s %s",
                        apr_table_get(r->err_headers_out, "WWW-Authenticate"),
                        (int)(instance - answer), answer,
                        instance + strlen("urn:uuid:") + 36);
}

START_TEST(bad_keys_are_not_told_apart)
{
    request_rec *one = refuse("/key", UK_MALFORMED);
    request_rec *other = refuse("/key", refused[_i].verdict);
    const char *first = answer_with(one, 401);
    const char *second = answer_with(other, 401);

    ck_assert_str_ne(first, second);
    ck_assert_str_eq(without_instance(one, first),
                     without_instance(other, second));
}
END_TEST

static const struct {
    const char *missing, *challenge, *detail;
} scopes[] = {
    {"monitors:read", LACKING ", scope=\"monitors:read\"",
     "The API key needs the scope monitors:read."},
    {"a:b c:d", LACKING ", scope=\"a:b c:d\"",
     "The API key needs one of these scopes: a:b c:d."},
};

START_TEST(missing_scopes_are_named)
{
    request_rec *r = refuse("/key", UK_SCOPE_MISSING);
    json_t *document;

    uk_request_get(r)->missing = scopes[_i].missing;
    document = parsed(answer_with(r, 403));
    ck_assert_str_eq(string_of(document, "detail"), scopes[_i].detail);
    check_string(apr_table_get(r->err_headers_out, "WWW-Authenticate"),
                 challenge_of("Uptime", scopes[_i].challenge));
    json_decref(document);
}
END_TEST

/* Another module may have refused the request, or let it in. */
START_TEST(other_status_is_not_ours)
{
    static const int statuses[] = {200, 302, 400, 401, 403, 404, 429, 500, 503};
    int i;

    for (i = 0; i < UNIT_COUNT(statuses); i++) {
        if (statuses[i] != refused[_i].status) {
            request_rec *r = refuse("/key", refused[_i].verdict);

            ck_assert_str_eq(answer_with(r, statuses[i]), PAGE PAGE);
            ck_assert_int_eq(apr_table_elts(r->err_headers_out)->nelts, 0);
        }
    }
}
END_TEST

START_TEST(withdrawn_refusal_is_none)
{
    request_rec *r = refuse("/key", refused[_i].verdict);

    ck_assert_int_eq(uk_problem_note(r, UK_ACCEPTED, ""), OK);
    ck_assert_str_eq(answer_with(r, refused[_i].status), PAGE PAGE);
    ck_assert_int_eq(apr_table_elts(r->err_headers_out)->nelts, 0);
}
END_TEST

START_TEST(forbidden_by_another_module_while_httpd_authorizes)
{
    request_rec *r = in_httpd_request(unit_pool, "GET", "/key");

    uk_request_get(r)->is_authorizing = 1;
    uk_request_get(r)->subject = "";
    check_document(r, answer_with(r, 403), BASE, "forbidden");
    check_string(apr_table_get(r->err_headers_out, "WWW-Authenticate"),
                 challenge_of("Uptime", ""));
}
END_TEST

START_TEST(forward_proxy_is_answered_as_one)
{
    request_rec *r = refuse("/key", UK_UNKNOWN);

    r->proxyreq = PROXYREQ_PROXY;
    check_document(r, answer_with(r, 407), BASE, "unauthorized");
    check_string(apr_table_get(r->err_headers_out, "Proxy-Authenticate"),
                 challenge_of("Uptime", BAD_TOKEN));
    ck_assert_ptr_null(apr_table_get(r->err_headers_out, "WWW-Authenticate"));
}
END_TEST

START_TEST(it_is_answered_once)
{
    request_rec *r = refuse("/key", UK_UNKNOWN);
    const char *instance;

    r->status = 401;
    uk_problem_respond(r);
    instance = uk_request_get(r)->instance;
    ck_assert_ptr_nonnull(strstr(answer_with(r, 401), instance));
    ck_assert_ptr_eq(uk_request_get(r)->instance, instance);
}
END_TEST

/* A thread has a pool of random bytes. */
START_TEST(instances_differ)
{
    const char *ids[300];
    int i, j;

    for (i = 0; i < UNIT_COUNT(ids); i++) {
        ids[i] = uk_problem_make_id(unit_pool);
        ck_assert_uint_eq(strlen(ids[i]), 36);
        for (j = 0; j < i; j++) {
            ck_assert_str_ne(ids[i], ids[j]);
        }
    }
}
END_TEST

/* mod_dir answers a directory as its index was. */
START_TEST(refusal_of_a_sub_request_is_that_of_its_client)
{
    request_rec *r = in_httpd_request(unit_pool, "GET", "/without");
    request_rec *part = refuse("/quoted", refused[_i].verdict);

    part->main = r;
    ck_assert_int_eq(uk_problem_keep(part, refused[_i].status),
                     refused[_i].status);
    check_document(r, answer_with(r, refused[_i].status), BASE,
                   refused[_i].type);
    check_string(apr_table_get(r->err_headers_out, "WWW-Authenticate"),
                 challenge_of(places[1].realm, refused[_i].challenge));
}
END_TEST

START_TEST(sub_request_that_was_let_in_is_no_refusal)
{
    request_rec *r = in_httpd_request(unit_pool, "GET", "/without");
    request_rec *part = refuse("/key", refused[_i].verdict);

    part->main = r;
    ck_assert_int_eq(uk_problem_keep(part, OK), OK);
    ck_assert_str_eq(answer_with(r, refused[_i].status), PAGE PAGE);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("problem");
    TCase *tcase = unit_case(suite, "problem");
    int all = UNIT_COUNT(refused);

    tcase_add_test(tcase, every_verdict_has_a_row);
    tcase_add_loop_test(tcase, every_verdict_is_answered_in_every_place, 0,
                        all);
    tcase_add_loop_test(tcase, error_document_of_the_administrator_wins, 0,
                        all);
    tcase_add_loop_test(tcase, bad_keys_are_not_told_apart, UK_MALFORMED - 1,
                        UK_ROTATED);
    tcase_add_loop_test(tcase, missing_scopes_are_named, 0, UNIT_COUNT(scopes));
    tcase_add_loop_test(tcase, other_status_is_not_ours, 0, all);
    tcase_add_loop_test(tcase, withdrawn_refusal_is_none, 0, all);
    tcase_add_test(tcase, forbidden_by_another_module_while_httpd_authorizes);
    tcase_add_test(tcase, forward_proxy_is_answered_as_one);
    tcase_add_test(tcase, it_is_answered_once);
    tcase_add_test(tcase, instances_differ);
    tcase_add_loop_test(tcase, refusal_of_a_sub_request_is_that_of_its_client,
                        0, all);
    tcase_add_loop_test(tcase, sub_request_that_was_let_in_is_no_refusal, 0,
                        all);
    return unit_run(suite);
}
