/* SPDX-License-Identifier: Apache-2.0 */
/* What a request presents as a key, and what is left of it: every shape of
 * Authorization beside every shape of the other header. */
#include "unit.h"

#include <apr_strings.h>
#include <string.h>

#include "core/token.h"
#include "httpd/credential.h"
#include "in_httpd.h"

#define OTHER_HEADER "X-API-Key"
#define KEY_A                                                                  \
    "uptime_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa12345678"
#define KEY_B                                                                  \
    "uptime_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb12345678"

static const struct {
    const char *text;
    int is_bearer;
} schemes[] = {
    {"Bearer", 1},  {"bearer", 1}, {"BEARER", 1}, {"Bearers", 0},
    {"Bearer:", 0}, {"Basic", 0},  {"Digest", 0}, {"", 0},
};

static const char *const spaces[] = {" ", "\t", "  \t ", ""};

static const struct {
    const char *text;
    int is_key; /* begins like one */
} values[] = {
    {KEY_A, 1},          {KEY_B, 1},    {"uptime_x", 1},
    {"dXNlcjpwYXNz", 0}, {"Bearer", 0}, {"", 0},
};

/* What follows, as if another header were joined to it, or a parameter. */
static const struct {
    const char *text;
    int has_comma, has_bearer;
} tails[] = {
    {"", 0, 0},
    {", Bearer " KEY_B, 1, 1},
    {",bearer\t" KEY_B, 1, 1},
    {", Bearer", 1, 1},
    {", Digest a=\"b\", Bearer x", 1, 1},
    {", Basic dXNlcjpwYXNz", 1, 0},
    {", Bearerish x", 1, 0},
    {", " KEY_B, 1, 0},
    {",", 1, 0},
};

static const struct {
    const char *text; /* NULL: there is no such header */
    uk_verdict_e verdict;
} others[] = {
    {NULL, UK_NO_KEY},
    {"", UK_NO_KEY},
    {KEY_A, UK_ACCEPTED},
    {KEY_B, UK_ACCEPTED},
    {"Bearer " KEY_A, UK_ACCEPTED},
    {"x", UK_ACCEPTED},
    {KEY_A ", " KEY_A, UK_TWO_CREDENTIALS},
    {",", UK_TWO_CREDENTIALS},
};

/* A shape: an index of each table. */
typedef struct {
    int scheme, space, value, tail, other;
} shape_t;

static const char *authorization_of(apr_pool_t *pool, const shape_t *shape)
{
    return apr_pstrcat(pool, schemes[shape->scheme].text, spaces[shape->space],
                       values[shape->value].text, tails[shape->tail].text,
                       NULL);
}

/* Whether a scheme is there that is followed by white space, or by nothing of
 * its own. */
static int presents_bearer(const shape_t *shape)
{
    return schemes[shape->scheme].is_bearer
           && (*spaces[shape->space] || !*values[shape->value].text);
}

/* A value that is "Bearer" itself stands for the scheme if there is none. */
static int is_bare_bearer(const shape_t *shape)
{
    return !*schemes[shape->scheme].text && !*spaces[shape->space]
           && strcmp(values[shape->value].text, "Bearer") == 0;
}

static uk_verdict_e verdict_of_authorization(const shape_t *shape)
{
    int is_alone = !*schemes[shape->scheme].text && !*spaces[shape->space];

    if (tails[shape->tail].has_bearer) {
        return UK_TWO_CREDENTIALS;
    }
    if (is_bare_bearer(shape)) {
        return tails[shape->tail].has_comma ? UK_TWO_CREDENTIALS : UK_MALFORMED;
    }
    if (!presents_bearer(shape)) {
        return is_alone && values[shape->value].is_key ? UK_MALFORMED
                                                       : UK_NO_KEY;
    }
    if (tails[shape->tail].has_comma) {
        return UK_TWO_CREDENTIALS;
    }
    return *values[shape->value].text ? UK_ACCEPTED : UK_MALFORMED;
}

/* The same credential twice is one. */
static uk_verdict_e verdict_of_both(const shape_t *shape)
{
    uk_verdict_e first = verdict_of_authorization(shape);
    uk_verdict_e second = others[shape->other].verdict;

    if (first == UK_NO_KEY) {
        return second;
    }
    if (second == UK_NO_KEY) {
        return first;
    }
    return first == UK_ACCEPTED && second == UK_ACCEPTED
                   && strcmp(values[shape->value].text,
                             others[shape->other].text)
                          == 0
               ? UK_ACCEPTED
               : UK_TWO_CREDENTIALS;
}

static const char *accepted_value(const shape_t *shape)
{
    return verdict_of_authorization(shape) == UK_ACCEPTED
               ? values[shape->value].text
               : others[shape->other].text;
}

static request_rec *make_request(const char *uri, const shape_t *shape)
{
    request_rec *r = in_httpd_request(unit_pool, "GET", uri);

    apr_table_setn(r->headers_in, "Authorization",
                   authorization_of(unit_pool, shape));
    if (others[shape->other].text) {
        apr_table_setn(r->headers_in, OTHER_HEADER, others[shape->other].text);
    }
    return r;
}

typedef void check_t(const shape_t *shape);

/* One scheme at a time, with everything else. */
static void with_every_shape(int scheme, check_t *check)
{
    shape_t shape = {.scheme = scheme};

    for (; shape.space < UNIT_COUNT(spaces); shape.space++) {
        for (shape.value = 0; shape.value < UNIT_COUNT(values); shape.value++) {
            for (shape.tail = 0; shape.tail < UNIT_COUNT(tails); shape.tail++) {
                for (shape.other = 0; shape.other < UNIT_COUNT(others);
                     shape.other++) {
                    check(&shape);
                    apr_pool_clear(unit_pool);
                }
            }
        }
    }
}

static void check_find(const shape_t *shape)
{
    request_rec *r = make_request("/two", shape);
    const char *authorization = authorization_of(unit_pool, shape);
    uk_credential_t found = uk_credential_find(r);
    int has_bearer = verdict_of_authorization(shape) != UK_NO_KEY;

    ck_assert_msg(found.verdict == verdict_of_both(shape), "%s and %s: %d",
                  authorization, others[shape->other].text, found.verdict);
    if (found.verdict == UK_ACCEPTED) {
        ck_assert_str_eq(found.value, accepted_value(shape));
    }
    ck_assert(!found.authorization == !has_bearer);
    ck_assert_str_eq(apr_table_get(r->headers_in, "Authorization"),
                     authorization);
}

START_TEST(every_shape_is_found)
{
    with_every_shape(_i, check_find);
}
END_TEST

static void check_find_one(const shape_t *shape)
{
    request_rec *r = make_request("/one", shape);
    uk_credential_t found = uk_credential_find(r);

    ck_assert_int_eq(found.verdict, verdict_of_authorization(shape));
    ck_assert_ptr_null(found.header);
}

START_TEST(other_header_counts_where_it_is_configured)
{
    with_every_shape(_i, check_find_one);
}
END_TEST

/* In a forward proxy the credential is in another header, and Authorization is
 * for the origin. */
static void check_find_in_proxy(const shape_t *shape)
{
    request_rec *r = make_request("/one", shape);
    uk_credential_t found;

    r->proxyreq = PROXYREQ_PROXY;
    ck_assert_int_eq(uk_credential_find(r).verdict, UK_NO_KEY);
    apr_table_setn(r->headers_in, "Proxy-Authorization",
                   authorization_of(unit_pool, shape));
    apr_table_setn(r->headers_in, "Authorization", "Bearer " KEY_B);
    found = uk_credential_find(r);
    ck_assert_int_eq(found.verdict, verdict_of_authorization(shape));
    uk_credential_remove(r, &found, r);
    ck_assert(!apr_table_get(r->headers_in, "Proxy-Authorization")
              == (found.verdict != UK_NO_KEY));
}

START_TEST(forward_proxy_has_a_header_of_its_own)
{
    with_every_shape(_i, check_find_in_proxy);
}
END_TEST

static void remove_found(request_rec *r)
{
    const uk_credential_t found = uk_credential_find(r);

    uk_credential_remove(r, &found, r);
}

/* What is no Bearer credential may be for a backend, unless it contains the key
 * that the other header presents, too; or any key, if that header has more than
 * a key, as it may have two. */
static int is_left(const shape_t *shape)
{
    const char *authorization = authorization_of(unit_pool, shape);
    const char *other = others[shape->other].text;

    if (verdict_of_authorization(shape) != UK_NO_KEY) {
        return 0;
    }
    if (!other || !strstr(other, "uptime_")) {
        return 1;
    }
    return strlen(other) == UK_TOKEN_LEN
               ? !strstr(authorization, other)
               : !strstr(authorization, KEY_A) && !strstr(authorization, KEY_B);
}

static void check_remove(const shape_t *shape)
{
    request_rec *r = make_request("/two", shape);

    apr_table_setn(r->subprocess_env, "COPY", KEY_A);
    remove_found(r);
    ck_assert_msg(!apr_table_get(r->headers_in, "Authorization")
                      == !is_left(shape),
                  "%s and %s", authorization_of(unit_pool, shape),
                  others[shape->other].text);
    ck_assert_ptr_null(apr_table_get(r->headers_in, OTHER_HEADER));
    if (verdict_of_both(shape) == UK_ACCEPTED
        && strcmp(accepted_value(shape), KEY_A) == 0) {
        ck_assert_ptr_null(apr_table_get(r->subprocess_env, "COPY"));
    }
}

START_TEST(every_shape_is_removed)
{
    with_every_shape(_i, check_remove);
}
END_TEST

static void check_forward(const shape_t *shape)
{
    request_rec *r = make_request("/forwarding", shape);

    apr_table_setn(r->subprocess_env, "COPY", KEY_A);
    remove_found(r);
    ck_assert_str_eq(apr_table_get(r->headers_in, "Authorization"),
                     authorization_of(unit_pool, shape));
    ck_assert(!apr_table_get(r->headers_in, OTHER_HEADER)
              == !others[shape->other].text);
    ck_assert_str_eq(apr_table_get(r->subprocess_env, "COPY"), KEY_A);
}

START_TEST(forwarded_credential_stays)
{
    with_every_shape(_i, check_forward);
}
END_TEST

static int has_key(const char *value)
{
    return value && strstr(value, "uptime_") != NULL;
}

/* What is hidden for the trace comes back as it was. */
static void check_hide(const shape_t *shape)
{
    request_rec *r = make_request("/two", shape);
    const char *authorization = authorization_of(unit_pool, shape), *other;

    apr_table_setn(r->headers_in, "Accept", "*/*");
    apr_table_addn(r->headers_in, OTHER_HEADER, "once more");
    other = apr_table_getm(unit_pool, r->headers_in, OTHER_HEADER);
    uk_credential_hide(r);
    ck_assert_str_ne(apr_table_get(r->headers_in, "Authorization"),
                     authorization);
    ck_assert(!has_key(apr_table_getm(unit_pool, r->headers_in, OTHER_HEADER)));
    ck_assert_str_eq(apr_table_get(r->headers_in, "Accept"), "*/*");
    uk_credential_show(r);
    ck_assert_str_eq(apr_table_get(r->headers_in, "Authorization"),
                     authorization);
    ck_assert_str_eq(apr_table_getm(unit_pool, r->headers_in, OTHER_HEADER),
                     other);
}

START_TEST(every_shape_is_hidden_and_shown)
{
    with_every_shape(_i, check_hide);
}
END_TEST

START_TEST(header_that_was_changed_meanwhile_is_not_shown)
{
    request_rec *r = in_httpd_request(unit_pool, "GET", "/two");

    apr_table_setn(r->headers_in, "Authorization", "Bearer " KEY_A);
    uk_credential_hide(r);
    apr_table_setn(r->headers_in, "Authorization", "Bearer " KEY_B);
    uk_credential_show(r);
    ck_assert_str_eq(apr_table_get(r->headers_in, "Authorization"),
                     "Bearer " KEY_B);
}
END_TEST

START_TEST(no_header_is_no_key)
{
    request_rec *r = in_httpd_request(unit_pool, "GET", "/two");

    ck_assert_int_eq(uk_credential_find(r).verdict, UK_NO_KEY);
    apr_table_setn(r->headers_in, "Authorization", "");
    ck_assert_int_eq(uk_credential_find(r).verdict, UK_NO_KEY);
}
END_TEST

static const struct {
    const char *a, *b;
} pairs[] = {
    {"", ""}, {"a", "a"}, {"a", "b"}, {"a", "ab"}, {"ab", "a"}, {"", "a"},
};

START_TEST(credentials_are_the_same_if_their_strings_are)
{
    ck_assert(uk_credential_is_same(pairs[_i].a, pairs[_i].b)
              == (strcmp(pairs[_i].a, pairs[_i].b) == 0));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("credential");
    TCase *tcase = unit_case(suite, "credential");

    tcase_add_loop_test(tcase, every_shape_is_found, 0, UNIT_COUNT(schemes));
    tcase_add_loop_test(tcase, other_header_counts_where_it_is_configured, 0,
                        UNIT_COUNT(schemes));
    tcase_add_loop_test(tcase, forward_proxy_has_a_header_of_its_own, 0,
                        UNIT_COUNT(schemes));
    tcase_add_loop_test(tcase, every_shape_is_removed, 0, UNIT_COUNT(schemes));
    tcase_add_loop_test(tcase, forwarded_credential_stays, 0,
                        UNIT_COUNT(schemes));
    tcase_add_loop_test(tcase, every_shape_is_hidden_and_shown, 0,
                        UNIT_COUNT(schemes));
    tcase_add_test(tcase, header_that_was_changed_meanwhile_is_not_shown);
    tcase_add_test(tcase, no_header_is_no_key);
    tcase_add_loop_test(tcase, credentials_are_the_same_if_their_strings_are, 0,
                        UNIT_COUNT(pairs));
    return unit_run(suite);
}
