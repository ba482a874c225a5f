/* SPDX-License-Identifier: Apache-2.0 */
/* Networks that a key may be used from: parsed, written, and compared. */
#include "core/networks.h"

#include <apr_strings.h>
#include <arpa/inet.h>
#include <string.h>

#define IPV4_LENGTH 4
#define IPV6_LENGTH 16
/* Of an IPv4-mapped address: 80 zero bits, 16 set ones. */
#define MAPPED_LENGTH 12

typedef struct {
    uk_address_t address;
    int bits;
} network_t;

static const unsigned char mapped[MAPPED_LENGTH] = {0, 0, 0, 0, 0,    0,
                                                    0, 0, 0, 0, 0xff, 0xff};

static int is_mapped(const unsigned char *bytes)
{
    return memcmp(bytes, mapped, MAPPED_LENGTH) == 0;
}

uk_address_t uk_address_from_bytes(const void *bytes, size_t length)
{
    uk_address_t address = {0, {0}};
    const unsigned char *from = bytes;

    if (length == IPV6_LENGTH && is_mapped(from)) {
        from += MAPPED_LENGTH;
        length = IPV4_LENGTH;
    }
    if (length == IPV4_LENGTH || length == IPV6_LENGTH) {
        address.length = (int)length;
        memcpy(address.bytes, from, length);
    }
    return address;
}

static int parse_bytes(const char *text, size_t length, int is_ipv6,
                       unsigned char bytes[IPV6_LENGTH])
{
    char address[INET6_ADDRSTRLEN];

    if (length >= sizeof(address)) {
        return -1;
    }
    apr_cpystrn(address, text, length + 1);
    return inet_pton(is_ipv6 ? AF_INET6 : AF_INET, address, bytes) == 1 ? 0
                                                                        : -1;
}

static uk_address_t address_of(const unsigned char *bytes, int is_ipv6)
{
    return uk_address_from_bytes(bytes, is_ipv6 ? IPV6_LENGTH : IPV4_LENGTH);
}

int uk_address_parse(const char *text, uk_address_t *address)
{
    unsigned char bytes[IPV6_LENGTH];
    int is_ipv6 = strchr(text, ':') != NULL;

    if (parse_bytes(text, strlen(text), is_ipv6, bytes) != 0) {
        return -1;
    }
    *address = address_of(bytes, is_ipv6);
    return 0;
}

/* Digits without a leading zero. @return the number; -1 for anything else */
static int parse_bits(const char *text)
{
    size_t length = strspn(text, "0123456789");

    return !length || length > 3 || text[length] || (*text == '0' && length > 1)
               ? -1
               : (int)apr_atoi64(text);
}

/* Unset the bits beyond the prefix. @return how many bytes that changed */
static int clear_host(unsigned char *bytes, int length, int bits)
{
    int changed = 0;
    int i;

    for (i = bits / 8; i < length; i++) {
        int kept = i == bits / 8 ? bits % 8 : 0;
        unsigned char network = bytes[i] & (unsigned char)(0xff00 >> kept);

        changed += network != bytes[i];
        bytes[i] = network;
    }
    return changed;
}

/* inet_ntop() writes the last 32 bits of ::/96 as IPv4 does, which RFC 5952
 * section 5 wants for well-known prefixes only. */
static const char *write_address(apr_pool_t *pool, const uk_address_t *address)
{
    static const unsigned char zeros[MAPPED_LENGTH];
    const unsigned char *bytes = address->bytes;
    char text[INET6_ADDRSTRLEN];

    if (address->length == IPV6_LENGTH && (bytes[12] || bytes[13])
        && memcmp(bytes, zeros, sizeof(zeros)) == 0) {
        return apr_psprintf(pool, "::%x:%x", bytes[12] << 8 | bytes[13],
                            bytes[14] << 8 | bytes[15]);
    }
    inet_ntop(address->length == IPV6_LENGTH ? AF_INET6 : AF_INET, bytes, text,
              sizeof(text));
    return apr_pstrdup(pool, text);
}

static const char *write_network(apr_pool_t *pool, const network_t *network)
{
    const char *address = write_address(pool, &network->address);

    return network->bits == network->address.length * 8
               ? address
               : apr_psprintf(pool, "%s/%d", address, network->bits);
}

/* Split "ADDRESS/BITS" and parse both, as far as they have the form of a
 * network. @return NULL, or why not */
static const char *parse_parts(const char *text, size_t length,
                               network_t *network)
{
    const char *bits = text[length] ? text + length + 1 : NULL;
    unsigned char bytes[IPV6_LENGTH];
    int is_ipv6 = memchr(text, ':', length) != NULL;

    if (memchr(text, '%', length)) {
        return "an address has no zone here";
    }
    if (parse_bytes(text, length, is_ipv6, bytes) != 0) {
        return "this is no address or network, like 192.0.2.7, 192.0.2.0/24 or "
               "2001:db8::/32";
    }
    if (is_ipv6 && is_mapped(bytes)) {
        return "write an IPv4 address as such, like 192.0.2.7";
    }
    network->address = address_of(bytes, is_ipv6);
    network->bits = bits ? parse_bits(bits) : network->address.length * 8;
    return network->bits < 0 || network->bits > network->address.length * 8
               ? (is_ipv6 ? "a prefix length is a number from 1 to 128"
                          : "a prefix length is a number from 1 to 32")
               : NULL;
}

const char *uk_network_parse(apr_pool_t *pool, const char *text,
                             const char **canonical)
{
    network_t network;
    const char *problem = parse_parts(text, strcspn(text, "/"), &network);
    int has_host;

    *canonical = NULL;
    if (problem) {
        return problem;
    }
    has_host =
        clear_host(network.address.bytes, network.address.length, network.bits);
    if (network.bits == 0) {
        return "this is every address; leave the addresses out instead";
    }
    *canonical = write_network(pool, &network);
    return has_host ? apr_psprintf(pool,
                                   "bits beyond the prefix length are set; the "
                                   "network is %s",
                                   *canonical)
                    : NULL;
}

/* Whether the first bits of two addresses are the same. */
static int begin_alike(const unsigned char *a, const unsigned char *b, int bits)
{
    int whole = bits / 8;
    int rest = bits % 8;

    return memcmp(a, b, (size_t)whole) == 0
           && (!rest || (a[whole] ^ b[whole]) >> (8 - rest) == 0);
}

static int is_in(const uk_address_t *address, const network_t *network)
{
    return address->length == network->address.length
           && begin_alike(address->bytes, network->address.bytes,
                          network->bits);
}

/* Whether a network is one of a list, or lies in one. */
static int is_in_list(const network_t *network, const char *networks)
{
    network_t candidate;

    for (; *networks; networks += *networks == ' ') {
        size_t length = strcspn(networks, " ");
        char text[INET6_ADDRSTRLEN + sizeof("/128")];

        if (length < sizeof(text)) {
            apr_cpystrn(text, networks, length + 1);
            if (!parse_parts(text, strcspn(text, "/"), &candidate)
                && candidate.bits <= network->bits
                && is_in(&network->address, &candidate)) {
                return 1;
            }
        }
        networks += length;
    }
    return 0;
}

int uk_networks_contain(const char *networks, const uk_address_t *address)
{
    const network_t network = {*address, address->length * 8};

    return !*networks || (address->length && is_in_list(&network, networks));
}

int uk_networks_lie_in(const apr_array_header_t *inner, const char *outer)
{
    int i;

    if (!*outer) {
        return 1;
    }
    for (i = 0; inner && i < inner->nelts; i++) {
        const char *text = APR_ARRAY_IDX(inner, i, const char *);
        network_t network;

        if (parse_parts(text, strcspn(text, "/"), &network)
            || !is_in_list(&network, outer)) {
            return 0;
        }
    }
    return inner && inner->nelts > 0;
}
