/* SPDX-License-Identifier: Apache-2.0 */
/* The record of an event: its times, and its detail in words. */
#include "unit.h"

#include "core/event.h"

#define DAY APR_INT64_C(86400000)

static const struct {
    const char *string;
    int end_of_day;
    uk_instant_t instant; /* -1: refused */
} instants[] = {
    {"0", 0, 0},
    {"1700000000123", 0, APR_INT64_C(1700000000123)},
    {"999999999999999", 0, APR_INT64_C(999999999999999)},
    {"1000000000000000", 0, -1},
    {"1970-01-02", 0, DAY},
    {"1970-01-02", 1, 2 * DAY - 1},
    {"1970-01-01", 0, 0},
    {"1970-01-02T00:00:00Z", 1, DAY},
    {"1970-01-02t01:00:00.5+01:00", 0, DAY + 500},
    {"9999-12-31", 1, UK_INSTANT_MAX},
    {"2023-02-29", 0, -1},
    {"1970-1-2", 0, -1},
    {"1970-01-02T00:00:00", 0, -1},
    {"", 0, -1},
    {"-1", 0, -1},
    {" 1", 0, -1},
    {"1 ", 0, -1},
    {"90d", 0, -1},
};

START_TEST(instant)
{
    uk_instant_t parsed = 7;
    int rv = uk_event_parse_instant(instants[_i].string,
                                    instants[_i].end_of_day, &parsed);

    ck_assert_int_eq(rv, instants[_i].instant < 0 ? -1 : 0);
    ck_assert_int_eq(parsed, rv ? 7 : instants[_i].instant);
}
END_TEST

static const struct {
    const char *detail;
    const char *words;
} details[] = {
    {NULL, ""},
    {"{}", ""},
    {"{\"changed\":[\"name\",\"scopes\"],\"oldName\":\"CI\"}",
     "name, scopes, was CI"},
    {"{\"user\":\"adam\",\"role\":\"admin\",\"oldRole\":\"member\"}",
     "adam, as admin, was member"},
    {"{\"name\":\"Acme\",\"owner\":null}", "Acme"},
    {"{\"removed\":12,\"user\":\"root\"}", "12 events, root"},
    {"{\"oldPrefix\":\"uptime_0\",\"overlapSeconds\":60}",
     "was uptime_0, which works for 1 minute more"},
    {"{\"oldPrefix\":\"uptime_0\",\"overlapSeconds\":0}",
     "was uptime_0, which ended"},
    {"{\"overlapSeconds\":3601}", "which works for 3601 seconds more"},
    {"{\"overlapSeconds\":99999999999}", "which ended"},
    {"{\"overlapSeconds\":\"x\"}", "which ended"},
    {"{\"secret\":\"previous\"}", "the previous secret"},
    {"{\"how\":\"high\",\"far\":[1],\"odd\":{}}", "how high"},
    {"no JSON", "no JSON"},
    {"[1]", "[1]"},
};

START_TEST(detail)
{
    const uk_event_t event = {.detail = details[_i].detail};

    ck_assert_str_eq(uk_event_detail(unit_pool, &event), details[_i].words);
}
END_TEST

START_TEST(actions)
{
    ck_assert_int_eq(uk_action_is_known("key.create"), 1);
    ck_assert_int_eq(uk_action_is_known("key.fly"), 0);
    ck_assert_int_eq(uk_action_is_known(""), 0);
    ck_assert_str_eq(uk_action_title("key.create"), "Key created");
    ck_assert_str_eq(uk_action_title("key.fly"), "key.fly");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("event");
    TCase *tcase = unit_case(suite, "event");

    tcase_add_loop_test(tcase, instant, 0, UNIT_COUNT(instants));
    tcase_add_loop_test(tcase, detail, 0, UNIT_COUNT(details));
    tcase_add_test(tcase, actions);
    return unit_run(suite);
}
