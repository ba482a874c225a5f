/* SPDX-License-Identifier: Apache-2.0 */
/* What a program inside httpd finds there. */
#include "in_httpd.h"

#include <http_config.h>
#include <http_core.h>
#include <http_protocol.h>

#include "httpd/config.h"
#include "unit.h"

START_TEST(httpd_has_read_its_configuration)
{
    ck_assert_str_eq(in_httpd_server->server_hostname, "127.0.0.1");
    ck_assert_ptr_nonnull(ap_find_linked_module("mod_dbd.c"));
    ck_assert_ptr_nonnull(ap_find_linked_module("mod_uptime_keys.c"));
    ck_assert_int_ge(uptime_keys_module.module_index, 0);
}
END_TEST

START_TEST(a_request_has_the_configuration_of_its_location)
{
    request_rec *there = in_httpd_request(unit_pool, "GET", "/header?a=b");
    request_rec *other = in_httpd_request(unit_pool, "HEAD", "/");

    ck_assert_str_eq(uk_config_header(uk_dir_config(there)), "X-API-Key");
    ck_assert_ptr_null(uk_config_header(uk_dir_config(other)));
    ck_assert_str_eq(there->args, "a=b");
    ck_assert_int_eq(there->method_number, M_GET);
    ck_assert_int_eq(other->header_only, 1);
}
END_TEST

START_TEST(what_is_written_is_the_answer)
{
    request_rec *r = in_httpd_request(unit_pool, "GET", "/");

    ck_assert_str_eq(in_httpd_answer(r, NULL), "");
    ap_rputs("one ", r);
    ap_rputs("two", r);
    ap_rflush(r);
    ck_assert_str_eq(in_httpd_answer(r, NULL), "one two");
}
END_TEST

/* @return how many brigades it took */
static int read_whole_body(request_rec *r, char *body, apr_size_t *len)
{
    apr_bucket_brigade *brigade =
        apr_brigade_create(unit_pool, r->connection->bucket_alloc);
    int count = 0, is_last;

    *len = 0;
    do {
        apr_size_t n = 100;

        ck_assert_int_eq(ap_get_brigade(r->input_filters, brigade,
                                        AP_MODE_READBYTES, APR_BLOCK_READ, 100),
                         APR_SUCCESS);
        is_last = APR_BUCKET_IS_EOS(APR_BRIGADE_LAST(brigade));
        apr_brigade_flatten(brigade, body + *len, &n);
        apr_brigade_cleanup(brigade);
        *len += n;
        count++;
    } while (!is_last);
    return count;
}

START_TEST(a_body_comes_in_pieces)
{
    request_rec *r = in_httpd_request(unit_pool, "POST", "/");
    apr_size_t len;
    char body[1000];

    in_httpd_set_body(r, "abcdefg", 7, 3);
    ck_assert_int_eq(read_whole_body(r, body, &len), 3);
    ck_assert_uint_eq(len, 7);
    ck_assert_mem_eq(body, "abcdefg", 7);
    in_httpd_set_body(r, "abc", 3, 0);
    ck_assert_int_eq(read_whole_body(r, body, &len), 1);
    in_httpd_set_body(r, "", 0, 0);
    ck_assert_int_eq(read_whole_body(r, body, &len), 1);
    ck_assert_uint_eq(len, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("in_httpd");
    TCase *tcase = unit_case(suite, "httpd");

    tcase_add_test(tcase, httpd_has_read_its_configuration);
    tcase_add_test(tcase, a_request_has_the_configuration_of_its_location);
    tcase_add_test(tcase, what_is_written_is_the_answer);
    tcase_add_test(tcase, a_body_comes_in_pieces);
    return unit_run(suite);
}
