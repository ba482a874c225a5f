/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of Cache-Control where a key lets in: every short one. */
#include "unit.h"

#include <apr_strings.h>
#include <string.h>
#include <util_filter.h>

#include "httpd/privacy.h"
#include "in_httpd.h"

#define FIELD "Cache-Control"
#define DIRECTIVES_MAX 3

static const struct {
    const char *text;
    int is_kept;     /* "private" does not contradict it */
    int is_no_store; /* nothing is stored, so "private" says nothing more */
} directives[] = {
    {"public", 0, 0},     {"s-maxage=60", 0, 0},
    {"private", 0, 0},    {"private=\"Set-Cookie, X-A\"", 0, 0},
    {"no-store", 1, 1},   {"no-cache=\"Set-Cookie, public\"", 1, 0},
    {"max-age=60", 1, 0}, {"must-revalidate", 1, 0},
};

/* How they are spread: which of them stand in err_headers_out, and whether each
 * is a field of its own. */
#define SPREADS (2 * (DIRECTIVES_MAX + 1))

static request_rec *answer_to_key(apr_pool_t *pool)
{
    request_rec *r = in_httpd_request(pool, "GET", "/");

    uk_privacy_keep(r);
    return r;
}

static void send_header(request_rec *r)
{
    apr_bucket_brigade *brigade =
        apr_brigade_create(r->pool, r->connection->bucket_alloc);

    APR_BRIGADE_INSERT_TAIL(brigade,
                            apr_bucket_eos_create(r->connection->bucket_alloc));
    ck_assert_int_eq(ap_pass_brigade(r->output_filters, brigade), APR_SUCCESS);
}

static const char *expected_field(apr_pool_t *pool, const int *chosen,
                                  int count)
{
    const char *kept = NULL;
    int is_stored = 1, i;

    for (i = 0; i < count; i++) {
        is_stored = is_stored && !directives[chosen[i]].is_no_store;
        if (directives[chosen[i]].is_kept) {
            kept = apr_pstrcat(pool, kept ? kept : "", kept ? ", " : "",
                               directives[chosen[i]].text, NULL);
        }
    }
    return !kept       ? "private"
           : is_stored ? apr_pstrcat(pool, "private, ", kept, NULL)
                       : kept;
}

/* The first ones stand in err_headers_out, of which httpd sends all with each
 * answer, then those of headers_out. */
static void set_fields(request_rec *r, const int *chosen, int count, int spread)
{
    int in_errors = spread / 2, are_joined = spread % 2, i;

    for (i = 0; i < count; i++) {
        apr_table_t *table =
            i < in_errors ? r->err_headers_out : r->headers_out;

        if (are_joined) {
            apr_table_merge(table, FIELD, directives[chosen[i]].text);
        }
        else {
            apr_table_add(table, FIELD, directives[chosen[i]].text);
        }
    }
}

static void check_directives(const int *chosen, int count, int spread)
{
    request_rec *r = answer_to_key(unit_pool);
    const char *expected = expected_field(unit_pool, chosen, count);

    set_fields(r, chosen, count, spread);
    send_header(r);
    ck_assert_ptr_null(apr_table_get(r->err_headers_out, FIELD));
    ck_assert_str_eq(apr_table_getm(r->pool, r->headers_out, FIELD), expected);
    ck_assert_str_eq(apr_table_get(r->headers_out, FIELD), expected);
}

START_TEST(every_combination_of_three_is_private)
{
    int count = _i, number, i, all = 1;

    for (i = 0; i < count; i++) {
        all *= UNIT_COUNT(directives);
    }
    for (number = 0; number < all * SPREADS; number++) {
        int chosen[DIRECTIVES_MAX], rest = number / SPREADS;

        for (i = 0; i < count; i++, rest /= UNIT_COUNT(directives)) {
            chosen[i] = rest % UNIT_COUNT(directives);
        }
        check_directives(chosen, count, number % SPREADS);
        apr_pool_clear(unit_pool);
    }
}
END_TEST

static const struct {
    const char *field, *expected;
} rows[] = {
    {"PUBLIC, S-MaxAge=1, Private", "private"},
    {"No-Store, public", "no-store"},
    {" , ,max-age=1 ,", "private, max-age=1"},
    {"", "private"},
    {"publicly", "private, publicly"},
    {"no-storex", "private, no-storex"},
};

START_TEST(other_spellings)
{
    request_rec *r = answer_to_key(unit_pool);

    apr_table_set(r->headers_out, "cache-control", rows[_i].field);
    send_header(r);
    ck_assert_str_eq(apr_table_get(r->headers_out, FIELD), rows[_i].expected);
}
END_TEST

START_TEST(header_of_an_answer_without_a_key_stays)
{
    request_rec *r = in_httpd_request(unit_pool, "GET", "/");

    apr_table_setn(r->headers_out, FIELD, "public");
    uk_privacy_insert_filter(r);
    send_header(r);
    ck_assert_str_eq(apr_table_get(r->headers_out, FIELD), "public");
}
END_TEST

static int count_filters(const request_rec *r)
{
    const ap_filter_t *filter = r->output_filters;
    int count = 0;

    for (; filter; filter = filter->next) {
        count +=
            ap_cstr_casecmp(filter->frec->name, "uptime_keys_private") == 0;
    }
    return count;
}

/* A fast redirect and an error of httpd take the filters away. */
START_TEST(lost_filter_is_added_again_once)
{
    request_rec *r = answer_to_key(unit_pool);

    uk_privacy_keep(r);
    uk_privacy_insert_filter(r);
    ck_assert_int_eq(count_filters(r), 1);
    r->output_filters = r->proto_output_filters;
    uk_privacy_insert_filter(r);
    uk_privacy_insert_filter(r);
    ck_assert_int_eq(count_filters(r), 1);
    send_header(r);
    ck_assert_int_eq(count_filters(r), 0);
    ck_assert_str_eq(apr_table_get(r->headers_out, FIELD), "private");
}
END_TEST

/* Only the answer itself has a header. */
START_TEST(parents_of_a_sub_request_are_private)
{
    request_rec *r = in_httpd_request(unit_pool, "GET", "/");
    request_rec *part = in_httpd_request(unit_pool, "GET", "/part");
    request_rec *inner = in_httpd_request(unit_pool, "GET", "/part/inner");

    part->main = r;
    inner->main = part;
    uk_privacy_keep(inner);
    ck_assert_int_eq(count_filters(r), 1);
    ck_assert_int_eq(count_filters(part) + count_filters(inner), 0);
    send_header(r);
    ck_assert_str_eq(apr_table_get(r->headers_out, FIELD), "private");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("privacy");
    TCase *tcase = unit_case(suite, "privacy");

    tcase_add_loop_test(tcase, every_combination_of_three_is_private, 0,
                        DIRECTIVES_MAX + 1);
    tcase_add_loop_test(tcase, other_spellings, 0, UNIT_COUNT(rows));
    tcase_add_test(tcase, header_of_an_answer_without_a_key_stays);
    tcase_add_test(tcase, lost_filter_is_added_again_once);
    tcase_add_test(tcase, parents_of_a_sub_request_are_private);
    return unit_run(suite);
}
