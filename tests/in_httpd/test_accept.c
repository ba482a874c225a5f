/* SPDX-License-Identifier: Apache-2.0 */
/* HTML or JSON: every short Accept, as RFC 9110 section 12.5.1 reads it. */
#include "unit.h"

#include <apr_strings.h>

#include "in_httpd.h"
#include "manage/accept.h"

#define ITEMS_MAX 3

/* How specific a range is, by its index; the first two are no match. */
enum {
    NEVER,
    ANYTHING,
    ANY_SUBTYPE,
    EXACT
};

static const struct {
    const char *name;
    int for_html, for_json;
} ranges[] = {
    {"text/html", EXACT, NEVER},           {"text/*", ANY_SUBTYPE, NEVER},
    {"*/*", ANYTHING, ANYTHING},           {"application/json", NEVER, EXACT},
    {"application/*", NEVER, ANY_SUBTYPE}, {"text/plain", NEVER, NEVER},
};

/* In thousandths; what is no weight counts as 0. */
static const struct {
    const char *text;
    int weight;
} weights[] = {
    {"", 1000},       {"q=1", 1000}, {"q=0.3", 300},
    {"q=0.301", 301}, {"q=0", 0},    {"q=2", 0},
};

/* Spellings that mean the same: between items, and before and after the
 * semicolon. */
static const struct {
    const char *comma, *before, *after;
} spellings[] = {
    {",", "", ""},
    {" , ,", " ", "\t"},
    {", ", "", "level=1;"},
};

typedef struct {
    int range, weight;
} item_t;

static request_rec *request;

static void set_up_request(void)
{
    request = in_httpd_request(unit_pool, "GET", "/");
}

/* The weight of the most specific range that matches, of the first one of these;
 * -1: none does. */
static int weight_for(const item_t *items, int count, int is_html)
{
    int best = NEVER, weight = -1, i;

    for (i = 0; i < count; i++) {
        int specific = is_html ? ranges[items[i].range].for_html
                               : ranges[items[i].range].for_json;

        if (specific > best) {
            best = specific;
            weight = weights[items[i].weight].weight;
        }
    }
    return weight;
}

static int expects_page(const item_t *items, int count)
{
    int html = weight_for(items, count, 1);

    return html > 0 && html > weight_for(items, count, 0);
}

static const char *write_items(apr_pool_t *pool, const item_t *items, int count,
                               int spelling)
{
    const char *all = "";
    int i;

    for (i = 0; i < count; i++) {
        const char *weight = weights[items[i].weight].text;

        all = apr_pstrcat(
            pool, all, i ? spellings[spelling].comma : "",
            ranges[items[i].range].name,
            *weight ? spellings[spelling].before : "", *weight ? ";" : "",
            *weight ? spellings[spelling].after : "", weight, NULL);
    }
    return all;
}

static void check_items(apr_pool_t *pool, const item_t *items, int count,
                        int spelling)
{
    const char *accept = write_items(pool, items, count, spelling);

    apr_table_setn(request->headers_in, "Accept", accept);
    ck_assert_msg(uk_accept_is_page(request) == expects_page(items, count),
                  "Accept: %s", accept);
}

/* The items that a number stands for. */
static void number_to_items(int number, item_t *items)
{
    int i;

    for (i = 0; i < ITEMS_MAX; i++) {
        items[i].range = number % UNIT_COUNT(ranges);
        number /= UNIT_COUNT(ranges);
        items[i].weight = number % UNIT_COUNT(weights);
        number /= UNIT_COUNT(weights);
    }
}

static int power(int base, int exponent)
{
    int result = 1;

    while (exponent-- > 0) {
        result *= base;
    }
    return result;
}

/* The memory of a request is freed with it, so one request does not serve for
 * all. */
START_TEST(every_list_of_three_is_read_as_the_rfc_does)
{
    item_t items[ITEMS_MAX];
    int each = UNIT_COUNT(ranges) * UNIT_COUNT(weights), count, number;

    for (count = 0; count <= ITEMS_MAX; count++) {
        for (number = 0; number < power(each, count); number++) {
            if (number % 1000 == 0) {
                apr_pool_clear(unit_pool);
                set_up_request();
            }
            number_to_items(number, items);
            check_items(unit_pool, items, count, _i);
        }
    }
}
END_TEST

static const struct {
    const char *accept;
    int is_page;
} rows[] = {
    {NULL, 0},
    {"", 0},
    {",", 0},
    {"TEXT/HTML", 1},
    {"text/html;Q=0.5, application/json;q=0.4", 1},
    {"text/html;q=0.5;q=1, application/json;q=0.6", 0},
    {"text/html;q=, application/json;q=0.1", 0},
    {"text/html;q=nan", 0},
    {"text/html;q=inf", 0},
    {"text/html;q=-1", 0},
    {"text/htmlx", 0},
    {"text/htm", 0},
    {"text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8", 1},
    {"application/json, text/html", 0},
    {"text/html/", 0},
};

START_TEST(other_headers)
{
    if (rows[_i].accept) {
        apr_table_setn(request->headers_in, "Accept", rows[_i].accept);
    }
    ck_assert_int_eq(uk_accept_is_page(request), rows[_i].is_page);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("accept");
    TCase *tcase = unit_case(suite, "accept");

    tcase_add_checked_fixture(tcase, set_up_request, NULL);
    tcase_add_loop_test(tcase, every_list_of_three_is_read_as_the_rfc_does, 0,
                        UNIT_COUNT(spellings));
    tcase_add_loop_test(tcase, other_headers, 0, UNIT_COUNT(rows));
    return unit_run(suite);
}
