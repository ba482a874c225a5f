/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of text as networks and as addresses: what is one, how it is written,
 * and what lies in it, checked against inet_pton() and shifted numbers.
 *
 * About: core/networks.c
 * Options: -max_len=200 */
#include <apr_strings.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "core/networks.h"
#include "fuzz.h"

__extension__ typedef unsigned __int128 bits_t;

/* A network as one number; an IPv4 address in its low bits. */
typedef struct {
    int width; /* 32 or 128; 0: no network */
    int prefix;
    bits_t number;
} plain_t;

static plain_t read_plain_address(const char *text)
{
    unsigned char bytes[16];
    plain_t plain = {0, 0, 0};
    int i;

    if (inet_pton(AF_INET, text, bytes) == 1) {
        plain.width = 32;
    }
    else if (inet_pton(AF_INET6, text, bytes) == 1) {
        plain.width = 128;
    }
    for (i = 0; i < plain.width / 8; i++) {
        plain.number = plain.number << 8 | bytes[i];
    }
    plain.prefix = plain.width;
    return plain;
}

/* The bits of a number behind a prefix. */
static bits_t host_mask(const plain_t *plain)
{
    bits_t all = plain->width == 32 ? 0xffffffff : ~(bits_t)0;

    return plain->prefix == 0              ? all
           : plain->prefix == plain->width ? 0
                                           : all >> plain->prefix;
}

static int is_mapped_number(const plain_t *plain)
{
    return plain->width == 128 && plain->number >> 32 == 0xffff;
}

/* "ADDRESS" or "ADDRESS/BITS". @return width 0: it is none */
static plain_t read_plain(const char *text)
{
    const plain_t none = {0, 0, 0};
    const char *slash = strchr(text, '/');
    plain_t plain = read_plain_address(
        slash ? apr_pstrmemdup(fuzz_pool(), text, (apr_size_t)(slash - text))
              : text);
    char again[8];

    if (plain.width && slash) {
        plain.prefix = (int)apr_atoi64(slash + 1);
        snprintf(again, sizeof(again), "/%d", plain.prefix);
        if (plain.prefix < 0 || plain.prefix > plain.width
            || strcmp(again, slash) != 0) {
            return none;
        }
    }
    return is_mapped_number(&plain) ? none : plain;
}

static int holds(const plain_t *network, const plain_t *inner)
{
    return network->width && network->width == inner->width
           && network->prefix <= inner->prefix
           && !((network->number ^ inner->number) & ~host_mask(network));
}

/* Group i of an IPv6 address, from the left. */
static unsigned group_at(const plain_t *plain, int i)
{
    return (unsigned)(plain->number >> (112 - 16 * i)) & 0xffff;
}

/* As RFC 5952 writes IPv6: the first of the longest runs of zeros is "::". */
static const char *write_ipv6(const plain_t *plain)
{
    int start, end, from = -1, to = -1, i;
    const char *text = "";

    for (start = 0; start < 8; start = end + 1) {
        for (end = start; end < 8 && !group_at(plain, end);) {
            end++;
        }
        if (end - start >= 2 && end - start > to - from) {
            from = start;
            to = end;
        }
    }
    for (i = 0; i < 8; i = i == from ? to : i + 1) {
        text = i == from
                   ? apr_pstrcat(fuzz_pool(), text, "::", NULL)
                   : apr_psprintf(fuzz_pool(), "%s%s%x", text,
                                  i && i != to ? ":" : "", group_at(plain, i));
    }
    return text;
}

static void expect_canonical(const char *canonical, plain_t plain)
{
    plain_t written = read_plain(canonical);
    const char *again;

    plain.number &= ~host_mask(&plain);
    FUZZ_EXPECT(!uk_network_parse(fuzz_pool(), canonical, &again)
                    && strcmp(canonical, again) == 0,
                "the canonical form is not canonical");
    FUZZ_EXPECT(written.width == plain.width && written.prefix == plain.prefix
                    && written.number == plain.number,
                "the canonical form is another network");
    if (plain.width == 128) {
        const char *text = write_ipv6(&plain);

        FUZZ_EXPECT(strncmp(canonical, text, strlen(text)) == 0,
                    "this is not how RFC 5952 writes it");
    }
}

static const char *canonical_of(const char *text)
{
    plain_t plain = read_plain(text);
    const char *canonical, *problem;
    int is_right =
        plain.width && plain.prefix && !(plain.number & host_mask(&plain));

    problem = uk_network_parse(fuzz_pool(), text, &canonical);
    FUZZ_EXPECT((problem == NULL) == is_right, "a network is judged otherwise");
    FUZZ_EXPECT((canonical != NULL) == (plain.width && plain.prefix),
                "a network that was meant, or none");
    if (canonical) {
        expect_canonical(canonical, plain);
    }
    return problem ? NULL : canonical;
}

static void try_address(const char *networks, const char *text)
{
    plain_t plain = read_plain_address(text);
    uk_address_t address = {0, {0}};
    char *list = apr_pstrdup(fuzz_pool(), networks), *one;
    int is_in = !*networks;

    FUZZ_EXPECT(uk_address_parse(text, &address) == (plain.width ? 0 : -1),
                "an address is judged otherwise");
    if (is_mapped_number(&plain)) {
        plain = (plain_t){32, 32, plain.number & 0xffffffff};
    }
    FUZZ_EXPECT(address.length * 8 == plain.width,
                "an address of another kind");
    while (plain.width && (one = apr_strtok(list, " ", &list)) != NULL) {
        plain_t network = read_plain(one);

        is_in = is_in || holds(&network, &plain);
    }
    FUZZ_EXPECT(uk_networks_contain(networks, &address) == is_in,
                "an address is in a list of networks, or not");
}

/* Networks that lie in a list, each in one of it. */
static void try_lists(const apr_array_header_t *inner, const char *outer)
{
    int i, all = inner->nelts > 0;

    for (i = 0; i < inner->nelts; i++) {
        plain_t plain = read_plain(APR_ARRAY_IDX(inner, i, const char *));
        char *list = apr_pstrdup(fuzz_pool(), outer), *one;
        int is_in = 0;

        while ((one = apr_strtok(list, " ", &list)) != NULL) {
            plain_t network = read_plain(one);

            is_in = is_in || holds(&network, &plain);
        }
        all = all && is_in;
    }
    FUZZ_EXPECT(uk_networks_lie_in(inner, outer) == (all || !*outer),
                "a list lies in another, or not");
}

/* Lines before an empty one are the list, the others are tried with it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_array_header_t *lists[2];
    const char *networks, *canonical;
    fuzz_input_t input = {data, size};
    int which = 0, i;

    for (i = 0; i < 2; i++) {
        lists[i] = apr_array_make(fuzz_pool(), 4, sizeof(char *));
    }
    networks = "";
    while (input.left) {
        const char *text = fuzz_take_string(&input, '\n');

        which = which || !*text;
        canonical = canonical_of(text);
        if (canonical) {
            APR_ARRAY_PUSH(lists[which], const char *) = canonical;
        }
        networks = apr_array_pstrcat(fuzz_pool(), lists[0], ' ');
        try_address(networks, text);
    }
    try_lists(lists[1], networks);
    fuzz_clear();
    return 0;
}
