/* SPDX-License-Identifier: Apache-2.0 */
/* Accepted keys as bytes. */
#include "unit.h"

#include <apr_strings.h>
#include <string.h>

#include "core/entry.h"

/* 2026-11-23T06:15:00Z */
#define NOW APR_INT64_C(1795414500000)
#define BYTES_MAX 2008

static const uk_catalogue_t *catalogue;
static unsigned char bytes[BYTES_MAX];

static void set_up_catalogue(void)
{
    catalogue = uk_catalogue_create(unit_pool);
}

static uk_entry_t entry_of(const char *name, apr_array_header_t *scopes)
{
    uk_entry_t entry = {
        .key = {.id = "key_01h455vb4pex5vsknk084sn02q",
                .team = "acme",
                .name = name,
                .prefix = "uptime_a1b2c3d4",
                .scopes = scopes,
                .last_used_at = NOW - 1,
                .expires_at = NOW},
        .scopes = uk_scopes_of_names(catalogue, scopes),
        .has_checksum = 1,
    };

    return entry;
}

static size_t pack(const uk_entry_t *entry)
{
    return uk_entry_pack(entry, catalogue, bytes, sizeof(bytes));
}

/* From memory that ends where the bytes do, for AddressSanitizer. */
static int unpack(const unsigned char *from, size_t len, uk_entry_t *entry)
{
    unsigned char *copy = apr_pmemdup(unit_pool, from, len ? len : 1);

    return uk_entry_unpack(unit_pool, catalogue, copy, len, entry);
}

static void assert_same(const uk_entry_t *a, const uk_entry_t *b)
{
    ck_assert_str_eq(a->key.id, b->key.id);
    ck_assert_str_eq(a->key.team, b->key.team);
    ck_assert_str_eq(a->key.name, b->key.name);
    ck_assert_str_eq(a->key.prefix, b->key.prefix);
    ck_assert_str_eq(unit_join(a->key.scopes), unit_join(b->key.scopes));
    ck_assert(a->key.last_used_at == b->key.last_used_at);
    ck_assert(a->key.expires_at == b->key.expires_at);
    ck_assert_mem_eq(&a->scopes, &b->scopes, sizeof(a->scopes));
    ck_assert_int_eq(a->has_checksum, b->has_checksum);
}

static void assert_survives(const uk_entry_t *entry)
{
    uk_entry_t read;
    size_t len = pack(entry);

    ck_assert_uint_gt(len, 0);
    ck_assert_int_eq(unpack(bytes, len, &read), 0);
    assert_same(&read, entry);
}

START_TEST(entry_survives)
{
    uk_entry_t entry =
        entry_of("CI, B\xc3\xbcro",
                 unit_names("monitors:write", "alerts:read", NULL));

    assert_survives(&entry);
    entry.key.expires_at = entry.key.last_used_at = UK_INSTANT_NONE;
    entry.has_checksum = 0;
    assert_survives(&entry);
    entry.key.name = "";
    assert_survives(&entry);
}
END_TEST

START_TEST(scopes_keep_their_order_and_strangers)
{
    uk_entry_t entry = entry_of(
        "k", unit_names("old:read", "teams:read", "alerts:read", "teams:read",
                        "an-other:write", NULL));

    assert_survives(&entry);
    entry = entry_of("k", unit_names(NULL, NULL));
    assert_survives(&entry);
}
END_TEST

/* The 256th scope has no index that is a byte beside the one for names. */
START_TEST(every_scope_of_a_full_catalogue_survives)
{
    uk_catalogue_t *full = uk_catalogue_create(unit_pool);
    apr_array_header_t *names =
        apr_array_make(unit_pool, UK_SCOPE_MAX, sizeof(char *));
    uk_entry_t entry;
    int i;

    while (uk_catalogue_size(full) < UK_SCOPE_MAX) {
        ck_assert_ptr_null(uk_catalogue_add(
            full, apr_psprintf(unit_pool, "s:n%d", uk_catalogue_size(full)),
            "x", NULL));
    }
    for (i = 0; i < UK_SCOPE_MAX; i++) {
        APR_ARRAY_PUSH(names, const char *) = uk_catalogue_get(full, i)->name;
    }
    catalogue = full;
    entry = entry_of("k", names);
    assert_survives(&entry);
}
END_TEST

START_TEST(typical_entry_is_small)
{
    uk_entry_t entry = entry_of(
        "Continuous integration",
        unit_names("monitors:read", "monitors:write", "alerts:read", NULL));

    ck_assert_uint_le(pack(&entry), 110);
}
END_TEST

START_TEST(what_does_not_fit_is_not_packed)
{
    uk_entry_t entry = entry_of("k", unit_names("old:read", NULL));
    size_t len = pack(&entry), max;

    for (max = 0; max < len; max++) {
        ck_assert_uint_eq(uk_entry_pack(&entry, catalogue, bytes, max), 0);
    }
    ck_assert_uint_eq(uk_entry_pack(&entry, catalogue, bytes, len), len);
    entry.key.prefix = NULL;
    ck_assert_uint_eq(pack(&entry), 0);
}
END_TEST

/* Cut off anywhere it is no entry, or one with fewer scopes. */
START_TEST(truncated_entry_grants_nothing_more)
{
    apr_array_header_t *scopes =
        unit_names("monitors:read", "old:read", "alerts:read", NULL);
    uk_entry_t entry = entry_of("k", scopes), read;
    size_t len = pack(&entry), cut;
    int good = 0;

    for (cut = 0; cut < len; cut++) {
        if (unpack(bytes, cut, &read) == 0) {
            good++;
            ck_assert_str_eq(read.key.team, "acme");
            ck_assert_int_lt(read.key.scopes->nelts, scopes->nelts);
        }
    }
    /* Between its scopes. */
    ck_assert_int_eq(good, 3);
}
END_TEST

/* Every value of every byte: never a read outside, nor a scope that is none. */
START_TEST(damaged_entry_is_read_safely)
{
    uk_entry_t entry = entry_of(
        "k", unit_names("monitors:read", "old:read", NULL)), read;
    size_t len = pack(&entry), i;
    int value, j;

    for (i = 0; i < len; i++) {
        unsigned char right = bytes[i];

        for (value = 0; value < 256; value++) {
            bytes[i] = (unsigned char)value;
            if (unpack(bytes, len, &read) != 0) {
                continue;
            }
            for (j = 0; j < read.key.scopes->nelts; j++) {
                ck_assert(uk_scope_name_is_valid(
                    APR_ARRAY_IDX(read.key.scopes, j, const char *)));
            }
        }
        bytes[i] = right;
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("entry");
    TCase *tcase = unit_case(suite, "entry");

    tcase_add_checked_fixture(tcase, set_up_catalogue, NULL);
    tcase_add_test(tcase, entry_survives);
    tcase_add_test(tcase, scopes_keep_their_order_and_strangers);
    tcase_add_test(tcase, every_scope_of_a_full_catalogue_survives);
    tcase_add_test(tcase, typical_entry_is_small);
    tcase_add_test(tcase, what_does_not_fit_is_not_packed);
    tcase_add_test(tcase, truncated_entry_grants_nothing_more);
    tcase_add_test(tcase, damaged_entry_is_read_safely);
    return unit_run(suite);
}
