/* SPDX-License-Identifier: Apache-2.0 */
/* Networks that a key may be used from: parsed, written, and compared. */
#ifndef UK_CORE_NETWORKS_H
#define UK_CORE_NETWORKS_H

#include <apr_pools.h>
#include <apr_tables.h>

/* Networks of one key. */
#define UK_NETWORKS_MAX 50

/* An IP address. IPv4 in IPv6 ("IPv4-mapped", RFC 4291 section 2.5.5.2) is
 * always held as IPv4. */
typedef struct {
    int length; /* bytes: 4, 16, or 0 for no address */
    unsigned char bytes[16];
} uk_address_t;

/** Make an address from the bytes of a socket's.
 *
 *  @param bytes in network order; anything but 4 or 16 of them is no address */
uk_address_t uk_address_from_bytes(const void *bytes, size_t length);

/** Parse an address, without a prefix length, zone or name.
 *
 *  @return 0, or -1 if it is none */
int uk_address_parse(const char *text, uk_address_t *address)
    __attribute__((warn_unused_result));

/**
 * Parse a network, "192.0.2.0/24", or an address, which is a network of one.
 *
 * @param canonical receives the one form in which it is stored (RFC 5952; an
 *                  address without a prefix length), in the pool
 * @return NULL, or why it was refused, for users: bits beyond the prefix are
 *         set, it holds every address, IPv4-mapped notation, a zone, or no
 *         network at all
 */
const char *uk_network_parse(apr_pool_t *pool, const char *text,
                             const char **canonical)
    __attribute__((warn_unused_result));

/**
 * Whether a list of networks contains an address.
 *
 * @param networks in canonical form, separated by one space; what is no network
 *                 contains nothing. "" contains every address
 * @return 1 or 0; 0 for no address, unless the list is ""
 */
int uk_networks_contain(const char *networks, const uk_address_t *address);

/**
 * Whether every address of one list is in another: each network of inner lies
 * in one of outer.
 *
 * @param inner const char *s in canonical form; NULL or empty for anywhere,
 *              which lies only in anywhere
 * @param outer as for uk_networks_contain()
 * @return 1 or 0
 */
int uk_networks_lie_in(const apr_array_header_t *inner, const char *outer);

#endif
