/* SPDX-License-Identifier: Apache-2.0 */
/* Networks: parsed, written, and compared. */
#include "unit.h"

#include <apr_strings.h>
#include <string.h>

#include "core/networks.h"

/* The canonical form, or a part of the message. */
static const struct {
    const char *given;
    const char *want;
    const char *problem; /* NULL: none */
} networks[] = {
    {"192.0.2.7", "192.0.2.7", NULL},
    {"192.0.2.7/32", "192.0.2.7", NULL},
    {"192.0.2.0/24", "192.0.2.0/24", NULL},
    {"128.0.0.0/1", "128.0.0.0/1", NULL},
    {"0.0.0.0/1", "0.0.0.0/1", NULL},
    {"192.0.2.2/31", "192.0.2.2/31", NULL},
    {"0.0.0.0", "0.0.0.0", NULL},
    {"2001:DB8:0:0:0:0:0:1", "2001:db8::1", NULL},
    {"2001:db8::/32", "2001:db8::/32", NULL},
    {"2001:db8::1/128", "2001:db8::1", NULL},
    {"2001:0db8:0000:0001::/64", "2001:db8:0:1::/64", NULL},
    {"::1", "::1", NULL},
    {"::", "::", NULL},
    {"::/1", "::/1", NULL},
    /* RFC 5952 section 4.2: one group of zeros is not shortened, and of two
     * equal runs the first one is. */
    {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1", NULL},
    {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1", NULL},
    {"64:ff9b::192.0.2.1", "64:ff9b::c000:201", NULL},
    {"::192.0.2.1", "::c000:201", NULL},
    {"::1:0:1", "::1:0:1", NULL},
    /* Bits beyond the prefix. */
    {"192.0.2.7/24", NULL, "the network is 192.0.2.0/24"},
    {"192.0.2.7/31", NULL, "the network is 192.0.2.6/31"},
    {"2001:db8::1/64", NULL, "the network is 2001:db8::/64"},
    {"255.255.255.255/9", NULL, "the network is 255.128.0.0/9"},
    /* Every address. */
    {"0.0.0.0/0", NULL, "every address"},
    {"::/0", NULL, "every address"},
    {"192.0.2.0/0", NULL, "every address"},
    /* IPv4-mapped. */
    {"::ffff:192.0.2.1", NULL, "write an IPv4 address as such"},
    {"::ffff:c000:201/128", NULL, "write an IPv4 address as such"},
    {"::ffff:0:0/96", NULL, "write an IPv4 address as such"},
    /* Zones, names and the rest. */
    {"fe80::1%eth0", NULL, "no zone"},
    {"localhost", NULL, "no address or network"},
    {"example.com/24", NULL, "no address or network"},
    {"", NULL, "no address or network"},
    {"/24", NULL, "no address or network"},
    {" 192.0.2.7", NULL, "no address or network"},
    {"192.0.2.7 ", NULL, "no address or network"},
    {"192.0.2", NULL, "no address or network"},
    {"192.0.2.256", NULL, "no address or network"},
    {"192.0.02.7", NULL, "no address or network"},
    {"0x7f.1", NULL, "no address or network"},
    {"3221225985", NULL, "no address or network"},
    {"2001:db8", NULL, "no address or network"},
    {"1:2:3:4:5:6:7:8:9", NULL, "no address or network"},
    {"[2001:db8::1]", NULL, "no address or network"},
    {"192.0.2.0/33", NULL, "from 1 to 32"},
    {"192.0.2.0/", NULL, "from 1 to 32"},
    {"192.0.2.0/-1", NULL, "from 1 to 32"},
    {"192.0.2.0/+24", NULL, "from 1 to 32"},
    {"192.0.2.0/024", NULL, "from 1 to 32"},
    {"192.0.2.0/24/24", NULL, "from 1 to 32"},
    {"192.0.2.0/255.255.255.0", NULL, "from 1 to 32"},
    {"192.0.2.0/4294967320", NULL, "from 1 to 32"},
    {"2001:db8::/129", NULL, "from 1 to 128"},
};

START_TEST(network_has_one_form)
{
    const char *canonical = "untouched";
    const char *problem =
        uk_network_parse(unit_pool, networks[_i].given, &canonical);

    if (networks[_i].problem) {
        ck_assert_msg(problem != NULL, "%s is accepted", networks[_i].given);
        ck_assert_msg(strstr(problem, networks[_i].problem) != NULL, "%s: %s",
                      networks[_i].given, problem);
    }
    else {
        ck_assert_msg(problem == NULL, "%s: %s", networks[_i].given, problem);
        ck_assert_str_eq(canonical, networks[_i].want);
    }
}
END_TEST

static const struct {
    const char *networks;
    const char *address;
    int want;
} contained[] = {
    {"", "192.0.2.7", 1},
    {"192.0.2.7", "192.0.2.7", 1},
    {"192.0.2.7", "192.0.2.8", 0},
    {"192.0.2.0/24", "192.0.2.255", 1},
    {"192.0.2.0/24", "192.0.3.0", 0},
    {"192.0.2.128/25", "192.0.2.127", 0},
    {"192.0.2.128/25", "192.0.2.128", 1},
    {"128.0.0.0/1", "127.255.255.255", 0},
    {"128.0.0.0/1", "255.0.0.1", 1},
    {"10.0.0.0/8 192.0.2.7 2001:db8::/32", "2001:db8:ffff::1", 1},
    {"10.0.0.0/8 192.0.2.7 2001:db8::/32", "2001:db9::1", 0},
    {"10.0.0.0/8 192.0.2.7 2001:db8::/32", "192.0.2.7", 1},
    /* The same bits in the other family. */
    {"::/1", "10.0.0.1", 0},
    {"192.0.2.0/24", "c000:200::", 0},
    /* An IPv4-mapped client is an IPv4 client. */
    {"192.0.2.0/24", "::ffff:192.0.2.9", 1},
    {"::/1", "::ffff:192.0.2.9", 0},
    /* What is no network. */
    {"?", "192.0.2.7", 0},
    {"? 192.0.2.7", "192.0.2.7", 1},
    {"192.0.2.0/99", "192.0.2.7", 0},
    {" ", "192.0.2.7", 0},
};

static uk_address_t address_of(const char *text)
{
    uk_address_t address;

    ck_assert_int_eq(uk_address_parse(text, &address), 0);
    return address;
}

START_TEST(address_is_judged_by_bits)
{
    uk_address_t address = address_of(contained[_i].address);

    ck_assert_int_eq(uk_networks_contain(contained[_i].networks, &address),
                     contained[_i].want);
}
END_TEST

START_TEST(no_address_is_only_in_anywhere)
{
    uk_address_t none = uk_address_from_bytes("xy", 2);

    ck_assert_int_eq(none.length, 0);
    ck_assert_int_eq(uk_networks_contain("", &none), 1);
    ck_assert_int_eq(uk_networks_contain("0.0.0.0/1 128.0.0.0/1 ::/1", &none),
                     0);
}
END_TEST

static const struct {
    const char *inner[3];
    const char *outer;
    int want;
} within[] = {
    {{NULL}, "", 1},
    {{"192.0.2.7"}, "", 1},
    {{NULL}, "192.0.2.0/24", 0},
    {{"192.0.2.7"}, "192.0.2.0/24", 1},
    {{"192.0.2.0/24"}, "192.0.2.0/24", 1},
    {{"192.0.2.0/23"}, "192.0.2.0/24", 0},
    {{"192.0.2.128/25", "10.0.0.1"}, "192.0.2.0/24 10.0.0.0/8", 1},
    {{"192.0.2.128/25", "11.0.0.1"}, "192.0.2.0/24 10.0.0.0/8", 0},
    /* Together they are, but none of outer holds it alone. */
    {{"192.0.2.0/24"}, "192.0.2.0/25 192.0.2.128/25", 0},
    {{"2001:db8::1"}, "192.0.2.0/24", 0},
    {{"?"}, "192.0.2.0/24", 0},
};

START_TEST(every_network_lies_in_one_of_the_other_list)
{
    const char *const *inner = within[_i].inner;

    ck_assert_int_eq(
        uk_networks_lie_in(unit_strings(inner[0], inner[1], inner[2]),
                           within[_i].outer),
        within[_i].want);
}
END_TEST

START_TEST(missing_list_is_anywhere)
{
    ck_assert_int_eq(uk_networks_lie_in(NULL, ""), 1);
    ck_assert_int_eq(uk_networks_lie_in(NULL, "192.0.2.0/24"), 0);
}
END_TEST

START_TEST(text_that_is_no_address_is_refused)
{
    static const char *const texts[] = {"",         "192.0.2.0/24", "localhost",
                                        "::1%lo",   "[::1]",        "1.2.3",
                                        "::ffff:x", "1.2.3.4 "};
    uk_address_t address;

    ck_assert_int_eq(uk_address_parse(texts[_i], &address), -1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("networks");
    TCase *all = unit_case(suite, "all");

    tcase_add_loop_test(all, network_has_one_form, 0, UNIT_COUNT(networks));
    tcase_add_loop_test(all, address_is_judged_by_bits, 0,
                        UNIT_COUNT(contained));
    tcase_add_test(all, no_address_is_only_in_anywhere);
    tcase_add_loop_test(all, every_network_lies_in_one_of_the_other_list, 0,
                        UNIT_COUNT(within));
    tcase_add_test(all, missing_list_is_anywhere);
    tcase_add_loop_test(all, text_that_is_no_address_is_refused, 0, 8);
    return unit_run(suite);
}
