/* SPDX-License-Identifier: Apache-2.0 */
/* Ids of keys: their form, order and contents. */
#include "unit.h"

#include <apr_hash.h>
#include <apr_strings.h>
#include <regex.h>
#include <string.h>

#include "core/keyid.h"

/* The documented form of an id. */
#define PATTERN "^key_[0-7][0-9a-hjkmnp-tv-z]{25}$"
#define ALPHABET "0123456789abcdefghjkmnpqrstvwxyz"

#define NOW APR_INT64_C(1795414500123)

/* Decode the 128 bits of an id, as the TypeID specification describes. */
static void decode(const char *id, unsigned char uuid[16])
{
    int bit;

    memset(uuid, 0, 16);
    for (bit = 0; bit < 128; bit++) {
        /* 26 digits of 5 bits have 130 bits: the first 2 are unused. */
        int place = (bit + 2) / 5, within = 4 - (bit + 2) % 5;
        int digit = (int)(strchr(ALPHABET, id[4 + place]) - ALPHABET);

        if (digit >> within & 1) {
            uuid[bit / 8] |= (unsigned char)(0x80 >> bit % 8);
        }
    }
}

static apr_int64_t time_of(const unsigned char uuid[16])
{
    apr_int64_t time = 0;
    int i;

    for (i = 0; i < 6; i++) {
        time = time << 8 | uuid[i];
    }
    return time;
}

START_TEST(known_id_decodes_to_its_uuid)
{
    /* The example of the TypeID specification, with the prefix key. */
    static const unsigned char want[16] = {0x01, 0x89, 0x0a, 0x5d, 0xac, 0x96,
                                           0x77, 0x4b, 0xbc, 0xce, 0xb3, 0x02,
                                           0x09, 0x9a, 0x80, 0x57};
    unsigned char uuid[16];

    decode("key_01h455vb4pex5vsknk084sn02q", uuid);
    ck_assert_mem_eq(uuid, want, 16);
}
END_TEST

static const apr_int64_t times[] = {
    0, 1, NOW, APR_INT64_C(253402300799999), APR_INT64_C(0xffffffffffff),
};

START_TEST(id_is_a_uuid_of_version_7_with_its_time)
{
    char id[UK_KEYID_LEN + 1];
    unsigned char uuid[16];

    memset(id, '!', sizeof(id));
    uk_keyid_make(times[_i], id);
    ck_assert_uint_eq(strlen(id), UK_KEYID_LEN);
    decode(id, uuid);
    ck_assert(time_of(uuid) == times[_i]);
    ck_assert_int_eq(uuid[6] >> 4, 7);
    ck_assert_int_eq(uuid[8] >> 6, 2);
}
END_TEST

START_TEST(made_ids_have_the_documented_form_and_differ)
{
    apr_hash_t *seen = apr_hash_make(unit_pool);
    regex_t pattern;
    int i;

    ck_assert_int_eq(regcomp(&pattern, PATTERN, REG_EXTENDED | REG_NOSUB), 0);
    for (i = 0; i < 10000; i++) {
        char *id = apr_palloc(unit_pool, UK_KEYID_LEN + 1);

        uk_keyid_make(NOW, id);
        ck_assert_int_eq(regexec(&pattern, id, 0, NULL, 0), 0);
        ck_assert(uk_keyid_is_valid(id));
        apr_hash_set(seen, id, UK_KEYID_LEN, id);
    }
    regfree(&pattern);
    ck_assert_uint_eq(apr_hash_count(seen), 10000);
}
END_TEST

START_TEST(later_ids_sort_later)
{
    char earlier[UK_KEYID_LEN + 1], later[UK_KEYID_LEN + 1];
    int i;

    uk_keyid_make(NOW, earlier);
    for (i = 1; i < 2000; i++) {
        uk_keyid_make(NOW + i, later);
        ck_assert_str_lt(earlier, later);
        memcpy(earlier, later, sizeof(earlier));
    }
}
END_TEST

START_TEST(all_bits_but_the_fixed_ones_are_random)
{
    unsigned char ones[16] = {0}, zeros[16] = {0};
    static const unsigned char want[16] = {0,    0,    0,    0,    0,    0,
                                           0x0f, 0xff, 0x3f, 0xff, 0xff, 0xff,
                                           0xff, 0xff, 0xff, 0xff};
    int i, j;

    for (i = 0; i < 200; i++) {
        char id[UK_KEYID_LEN + 1];
        unsigned char uuid[16];

        uk_keyid_make(NOW, id);
        decode(id, uuid);
        for (j = 0; j < 16; j++) {
            ones[j] |= uuid[j];
            zeros[j] |= (unsigned char)~uuid[j];
        }
    }
    for (j = 0; j < 16; j++) {
        ck_assert_int_eq(ones[j] & zeros[j], want[j]);
    }
}
END_TEST

static const struct {
    const char *given;
    int want;
} texts[] = {
    {"key_01h455vb4pex5vsknk084sn02q", 1},
    {"key_00000000000000000000000000", 1},
    {"key_7zzzzzzzzzzzzzzzzzzzzzzzzz", 1},
    {"key_80000000000000000000000000", 0},
    {"key_z1h455vb4pex5vsknk084sn02q", 0},
    {"key_01H455VB4PEX5VSKNK084SN02Q", 0},
    {"KEY_01h455vb4pex5vsknk084sn02q", 0},
    {"key-01h455vb4pex5vsknk084sn02q", 0},
    {"key_01h455vb4pex5vsknk084sn02", 0},
    {"key_01h455vb4pex5vsknk084sn02qq", 0},
    {"key_01h455vb4pex5vsknk084sn02i", 0},
    {"key_01h455vb4pex5vsknk084sn02l", 0},
    {"key_01h455vb4pex5vsknk084sn02o", 0},
    {"key_01h455vb4pex5vsknk084sn02u", 0},
    {"key_01h455vb4pex5vsknk084sn02\n", 0},
    {"key_01h455vb4pex5vsknk084sn0' ", 0},
    {"key_ 1h455vb4pex5vsknk084sn02q", 0},
    {"key_01h455vb4pex5vsknk084sn0\xc3\xa9", 0},
    {"01h455vb4pex5vsknk084sn02q", 0},
    {"key_", 0},
    {"", 0},
};

START_TEST(only_the_form_of_an_id_is_valid)
{
    ck_assert_int_eq(uk_keyid_is_valid(texts[_i].given), texts[_i].want);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("keyid");
    TCase *tcase = unit_case(suite, "keyid");

    tcase_add_test(tcase, known_id_decodes_to_its_uuid);
    tcase_add_loop_test(tcase, id_is_a_uuid_of_version_7_with_its_time, 0,
                        UNIT_COUNT(times));
    tcase_add_test(tcase, made_ids_have_the_documented_form_and_differ);
    tcase_add_test(tcase, later_ids_sort_later);
    tcase_add_test(tcase, all_bits_but_the_fixed_ones_are_random);
    tcase_add_loop_test(tcase, only_the_form_of_an_id_is_valid, 0,
                        UNIT_COUNT(texts));
    return unit_run(suite);
}
