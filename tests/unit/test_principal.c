/* SPDX-License-Identifier: Apache-2.0 */
/* Packed principals. */
#include "unit.h"

#include <apr_strings.h>
#include <string.h>

#include "core/principal.h"

/* 2026-11-23T06:15:00Z */
#define NOW APR_INT64_C(1795414500000)
#define BYTES_MAX 2008

static unsigned char bytes[BYTES_MAX];

static uk_principal_t principal_of(const char *name, const char *scope_names)
{
    uk_principal_t principal = {
        .id = "key_01h455vb4pex5vsknk084sn02q",
        .team = "acme",
        .name = name,
        .scope_names = scope_names,
        .addresses = "",
        .is_previous = 1,
        .last_used_at = NOW - 1,
        .expires_at = NOW,
        .has_checksum = 1,
    };

    uk_scopes_add(&principal.scopes, 0);
    uk_scopes_add(&principal.scopes, UK_SCOPE_MAX - 1);
    return principal;
}

static size_t pack(const uk_principal_t *principal)
{
    return uk_principal_pack(principal, bytes, sizeof(bytes));
}

/* From memory that ends with the bytes, so that AddressSanitizer finds a read
 * beyond them. */
static int unpack(const unsigned char *from, size_t len,
                  uk_principal_t *principal)
{
    unsigned char *copy = apr_pmemdup(unit_pool, from, len ? len : 1);

    return uk_principal_unpack(copy, len, principal);
}

static void assert_survives(const uk_principal_t *principal)
{
    uk_principal_t read;
    size_t len = pack(principal);

    ck_assert_uint_gt(len, 0);
    ck_assert_int_eq(unpack(bytes, len, &read), 0);
    ck_assert_str_eq(read.id, principal->id);
    ck_assert_str_eq(read.team, principal->team);
    ck_assert_str_eq(read.name, principal->name);
    ck_assert_str_eq(read.scope_names, principal->scope_names);
    ck_assert_mem_eq(&read.scopes, &principal->scopes, sizeof(read.scopes));
    ck_assert(read.last_used_at == principal->last_used_at);
    ck_assert(read.expires_at == principal->expires_at);
    ck_assert_str_eq(read.addresses, principal->addresses);
    ck_assert_int_eq(read.is_previous, principal->is_previous);
    ck_assert_int_eq(read.has_checksum, principal->has_checksum);
    ck_assert_int_eq(read.is_disabled, 0);
}

START_TEST(principal_is_unpacked_as_it_was_packed)
{
    uk_principal_t principal =
        principal_of("CI, B\xc3\xbcro", "monitors:write alerts:read");

    assert_survives(&principal);
    principal.addresses = "192.0.2.0/24 2001:db8::/32";
    assert_survives(&principal);
    principal.expires_at = principal.last_used_at = UK_INSTANT_NONE;
    principal.has_checksum = 0;
    assert_survives(&principal);
    principal.is_previous = 0;
    principal.name = principal.scope_names = principal.addresses = "";
    assert_survives(&principal);
}
END_TEST

START_TEST(typical_principal_is_small)
{
    uk_principal_t principal = principal_of(
        "Continuous integration", "monitors:read monitors:write alerts:read");

    ck_assert_uint_le(pack(&principal), 160);
}
END_TEST

START_TEST(what_does_not_fit_is_not_packed)
{
    uk_principal_t principal = principal_of("k", "alerts:read");
    size_t len = pack(&principal), max;

    for (max = 0; max < len; max++) {
        ck_assert_uint_eq(uk_principal_pack(&principal, bytes, max), 0);
    }
    ck_assert_uint_eq(uk_principal_pack(&principal, bytes, len), len);
}
END_TEST

START_TEST(truncated_principal_is_refused)
{
    uk_principal_t principal = principal_of("k", "monitors:read alerts:read"),
                   read;
    size_t len = pack(&principal), cut;

    for (cut = 0; cut < len; cut++) {
        ck_assert_int_eq(unpack(bytes, cut, &read), -1);
    }
    bytes[len] = 'x';
    ck_assert_int_eq(unpack(bytes, len + 1, &read), -1);
}
END_TEST

/* With every value of every byte there is no read beyond them. */
START_TEST(damaged_principal_is_unpacked_safely)
{
    uk_principal_t principal = principal_of("k", "monitors:read"), read;
    size_t len = pack(&principal), i;
    int value;

    for (i = 0; i < len; i++) {
        unsigned char right = bytes[i];

        for (value = 0; value < 256; value++) {
            bytes[i] = (unsigned char)value;
            if (unpack(bytes, len, &read) == 0) {
                ck_assert_uint_lt(
                    strlen(read.id) + strlen(read.team) + strlen(read.name)
                        + strlen(read.scope_names) + strlen(read.addresses),
                    len);
            }
        }
        bytes[i] = right;
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("principal");
    TCase *tcase = unit_case(suite, "grant");

    tcase_add_test(tcase, principal_is_unpacked_as_it_was_packed);
    tcase_add_test(tcase, typical_principal_is_small);
    tcase_add_test(tcase, what_does_not_fit_is_not_packed);
    tcase_add_test(tcase, truncated_principal_is_refused);
    tcase_add_test(tcase, damaged_principal_is_unpacked_safely);
    return unit_run(suite);
}
