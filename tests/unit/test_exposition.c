/* SPDX-License-Identifier: Apache-2.0 */
/* Figures as text, and the buckets of durations. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "core/exposition.h"
#include "core/histogram.h"

static const uk_figure_family_t counter = {"a_requests", UK_FIGURE_COUNTER,
                                           NULL, "Help."};
static const uk_figure_family_t info = {"a_build", UK_FIGURE_INFO, NULL,
                                        "Help."};
static const uk_figure_family_t seconds = {"a_seconds", UK_FIGURE_HISTOGRAM,
                                           "seconds", "Help."};

static const char *write_one(const uk_figure_family_t *family,
                             const char *suffix, const char *labels,
                             int is_openmetrics)
{
    uk_exposition_t text;

    uk_exposition_begin(&text, unit_pool, is_openmetrics);
    uk_exposition_family(&text, family);
    uk_exposition_sample(&text, family, suffix, labels, "7");
    return uk_exposition_end(&text);
}

START_TEST(prometheus_names_a_figure_as_its_samples)
{
    ck_assert_str_eq(write_one(&counter, "", "k=\"v\"", 0),
                     "# HELP a_requests_total Help.\n"
                     "# TYPE a_requests_total counter\n"
                     "a_requests_total{k=\"v\"} 7\n");
    ck_assert_str_eq(write_one(&info, "", "", 0), "# HELP a_build_info Help.\n"
                                                  "# TYPE a_build_info gauge\n"
                                                  "a_build_info 7\n");
    ck_assert_str_eq(write_one(&seconds, "_sum", "", 0),
                     "# HELP a_seconds Help.\n"
                     "# TYPE a_seconds histogram\n"
                     "a_seconds_sum 7\n");
}
END_TEST

START_TEST(openmetrics_names_a_figure_without_the_suffix)
{
    ck_assert_str_eq(write_one(&counter, "", "k=\"v\"", 1),
                     "# HELP a_requests Help.\n"
                     "# TYPE a_requests counter\n"
                     "a_requests_total{k=\"v\"} 7\n"
                     "# EOF\n");
    ck_assert_str_eq(write_one(&info, "", "", 1), "# HELP a_build Help.\n"
                                                  "# TYPE a_build info\n"
                                                  "a_build_info 7\n"
                                                  "# EOF\n");
    ck_assert_str_eq(write_one(&seconds, "_bucket", "le=\"+Inf\"", 1),
                     "# HELP a_seconds Help.\n"
                     "# TYPE a_seconds histogram\n"
                     "# UNIT a_seconds seconds\n"
                     "a_seconds_bucket{le=\"+Inf\"} 7\n"
                     "# EOF\n");
}
END_TEST

START_TEST(labels_are_escaped_and_printable)
{
    ck_assert_str_eq(uk_exposition_label(unit_pool, "a", "b\"c\\d"),
                     "a=\"b\\\"c\\\\d\"");
    ck_assert_str_eq(uk_exposition_label(unit_pool, "a", "b\nc\xff\x7f"),
                     "a=\"b?c??\"");
}
END_TEST

START_TEST(a_text_grows)
{
    uk_exposition_t text;
    const char *labels = unit_repeat("x", 5000);
    const char *written;
    int i;

    uk_exposition_begin(&text, unit_pool, 0);
    for (i = 0; i < 10; i++) {
        uk_exposition_sample(&text, &counter, "", labels, "1");
    }
    written = uk_exposition_end(&text);
    ck_assert_uint_eq(strlen(written),
                      10 * (strlen("a_requests_total{} 1\n") + 5000));
    ck_assert_ptr_nonnull(strstr(written + strlen(written) - 8, "x} 1\n"));
}
END_TEST

static const struct {
    apr_uint64_t microseconds;
    int bucket;
} durations[] = {
    {0, 0},    {99, 0},       {100, 0},      {101, 1},      {1000, 3},
    {1001, 4}, {4999999, 14}, {5000000, 14}, {5000001, 15}, {3600000000, 15},
};

START_TEST(a_bucket_contains_its_bound)
{
    ck_assert_int_eq(uk_histogram_bucket(durations[_i].microseconds),
                     durations[_i].bucket);
}
END_TEST

START_TEST(each_bound_is_the_last_of_its_bucket)
{
    apr_uint64_t bound = uk_histogram_bounds[_i].microseconds;

    ck_assert_int_eq(uk_histogram_bucket(bound - 1), _i);
    ck_assert_int_eq(uk_histogram_bucket(bound), _i);
    ck_assert_int_eq(uk_histogram_bucket(bound + 1), _i + 1);
}
END_TEST

START_TEST(each_power_of_two_has_the_first_bucket_that_contains_it)
{
    apr_uint64_t number = APR_UINT64_C(1) << _i;
    int bucket = 0;

    while (bucket < UK_HISTOGRAM_BOUNDS
           && number > uk_histogram_bounds[bucket].microseconds) {
        bucket++;
    }
    ck_assert_int_eq(uk_histogram_bucket(number), bucket);
}
END_TEST

START_TEST(bounds_are_written_as_they_are)
{
    int i;

    for (i = 0; i < UK_HISTOGRAM_BOUNDS; i++) {
        const uk_histogram_bound_t *bound = &uk_histogram_bounds[i];

        ck_assert_double_eq_tol(strtod(bound->seconds, NULL) * 1e6,
                                (double)bound->microseconds, 1e-3);
        ck_assert(i == 0 || bound->microseconds > bound[-1].microseconds);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("exposition");
    TCase *text = unit_case(suite, "text");
    TCase *histogram = unit_case(suite, "histogram");

    tcase_add_test(text, prometheus_names_a_figure_as_its_samples);
    tcase_add_test(text, openmetrics_names_a_figure_without_the_suffix);
    tcase_add_test(text, labels_are_escaped_and_printable);
    tcase_add_test(text, a_text_grows);
    tcase_add_loop_test(histogram, a_bucket_contains_its_bound, 0,
                        UNIT_COUNT(durations));
    tcase_add_loop_test(histogram, each_bound_is_the_last_of_its_bucket, 0,
                        UK_HISTOGRAM_BOUNDS);
    tcase_add_loop_test(histogram,
                        each_power_of_two_has_the_first_bucket_that_contains_it,
                        0, 64);
    tcase_add_test(histogram, bounds_are_written_as_they_are);
    return unit_run(suite);
}
