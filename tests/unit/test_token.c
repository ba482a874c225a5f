/* SPDX-License-Identifier: Apache-2.0 */
/* The string form of a key: its syntax, checksum and public prefix. */
#include "unit.h"

#include <apr_hash.h>
#include <apr_strings.h>
#include <string.h>

#include "core/secret.h"
#include "core/token.h"

#define DIGITS "0123456789abcdef"
#define ZEROS_56 "00000000000000000000000000000000000000000000000000000000"
#define GOOD                                                                   \
    "uptime_0123456789abcdef0123456789abcdef0123456789abcdef01234567854ba988"

/* From Python: '%08x' % zlib.crc32(key[:63].encode()) */
static const char *const good_keys[] = {
    "uptime_" ZEROS_56 "5249fc2f",
    "uptime_ffffffffffffffffffffffffffffffffffffffffffffffffffffffff951edd05",
    GOOD,
    "uptime_deadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeef1ca75126",
    "uptime_09a907f4c71ad5902f72239d504199e903873e719c100a103123c2a947e61b4e",
    /* A checksum that begins with zeros. */
    "uptime_0000000000000000000000000000000000000000000000000000003900b81748",
};

START_TEST(key_with_its_crc_32_is_good)
{
    const char *key = good_keys[_i];

    ck_assert_int_eq(uk_token_check(key, strlen(key)), UK_TOKEN_GOOD);
}
END_TEST

static const struct {
    const char *given;
    size_t len; /* 0: all of it */
    uk_token_e want;
} other_texts[] = {
    {"", 0, UK_TOKEN_MALFORMED},
    {"uptime_", 0, UK_TOKEN_MALFORMED},
    {"uptime_" ZEROS_56 "00000000", 0, UK_TOKEN_BAD_CHECKSUM},
    {"uptime_" ZEROS_56 "2ffc4952", 0, UK_TOKEN_BAD_CHECKSUM},
    {"uptime_" ZEROS_56 "5249FC2F", 0, UK_TOKEN_MALFORMED},
    {"UPTIME_" ZEROS_56 "5249fc2f", 0, UK_TOKEN_MALFORMED},
    {"Uptime_" ZEROS_56 "5249fc2f", 0, UK_TOKEN_MALFORMED},
    {"uptime-" ZEROS_56 "5249fc2f", 0, UK_TOKEN_MALFORMED},
    {" uptime_" ZEROS_56 "5249fc2", 0, UK_TOKEN_MALFORMED},
    {"uptime_" ZEROS_56 "5249fc2 ", 0, UK_TOKEN_MALFORMED},
    {"uptime_" ZEROS_56 "5249fc2", 0, UK_TOKEN_MALFORMED},
    {"uptime_" ZEROS_56 "5249fc2f0", 0, UK_TOKEN_MALFORMED},
    {"uptime_" ZEROS_56 "5249fc2f\n", 0, UK_TOKEN_MALFORMED},
    {"uptime_" ZEROS_56 "5249fc2f\0", 72, UK_TOKEN_MALFORMED},
    {"uptime_" ZEROS_56 "5249fc2\0f", 71, UK_TOKEN_MALFORMED},
    {"uptime_\0" ZEROS_56 "5249fc2", 71, UK_TOKEN_MALFORMED},
    {"uptime_" ZEROS_56 "5249fc\xc3\xa9", 0, UK_TOKEN_MALFORMED},
    {"uptime_" ZEROS_56 "5249fc2\xff", 0, UK_TOKEN_MALFORMED},
    {"uptime_" ZEROS_56 "5249fc2g", 0, UK_TOKEN_MALFORMED},
    {"uptime_" ZEROS_56 "5249fc2:", 0, UK_TOKEN_MALFORMED},
    {"uptime_" ZEROS_56 "5249fc2/", 0, UK_TOKEN_MALFORMED},
    {"uptime_" ZEROS_56 "5249fc2`", 0, UK_TOKEN_MALFORMED},
};

START_TEST(anything_else_is_refused)
{
    const char *given = other_texts[_i].given;
    size_t len = other_texts[_i].len ? other_texts[_i].len : strlen(given);

    ck_assert_int_eq(uk_token_check(given, len), other_texts[_i].want);
}
END_TEST

START_TEST(token_need_not_end_in_nul)
{
    /* No longer than the key, so that a sanitizer finds a read beyond it. */
    char *exact = apr_pmemdup(unit_pool, GOOD, UK_TOKEN_LEN);

    ck_assert_int_eq(uk_token_check(exact, UK_TOKEN_LEN), UK_TOKEN_GOOD);
}
END_TEST

/* At each position of the key. */
START_TEST(every_change_of_one_digit_is_detected)
{
    char key[] = GOOD;
    const char *digit;

    for (digit = DIGITS; *digit; digit++) {
        int same = *digit == GOOD[_i];

        key[_i] = *digit;
        ck_assert_int_eq(uk_token_check(key, UK_TOKEN_LEN),
                         same ? UK_TOKEN_GOOD : UK_TOKEN_BAD_CHECKSUM);
    }
}
END_TEST

START_TEST(every_other_byte_is_malformed)
{
    char key[] = GOOD;
    int byte;

    for (byte = 0; byte < 256; byte++) {
        int may_be = _i < UK_TOKEN_SCHEME_LEN
                         ? byte == GOOD[_i]
                         : byte != 0 && strchr(DIGITS, byte) != NULL;

        key[_i] = (char)byte;
        ck_assert_msg((uk_token_check(key, UK_TOKEN_LEN) != UK_TOKEN_MALFORMED)
                          == may_be,
                      "byte 0x%02x at %d", (unsigned)byte, _i);
    }
}
END_TEST

START_TEST(every_other_length_is_malformed)
{
    const char *longer = apr_pstrcat(unit_pool, GOOD, GOOD, NULL);
    size_t len;

    for (len = 0; len <= 2 * (size_t)UK_TOKEN_LEN; len++) {
        ck_assert_msg((uk_token_check(longer, len) == UK_TOKEN_GOOD)
                          == (len == UK_TOKEN_LEN),
                      "length %d", (int)len);
    }
}
END_TEST

START_TEST(made_keys_are_good_and_distinct)
{
    apr_hash_t *seen = apr_hash_make(unit_pool);
    int i;

    for (i = 0; i < 1000; i++) {
        char key[UK_TOKEN_LEN + 1];

        memset(key, '!', sizeof(key));
        uk_token_make(key);
        ck_assert_uint_eq(strlen(key), UK_TOKEN_LEN);
        ck_assert_int_eq(uk_token_check(key, UK_TOKEN_LEN), UK_TOKEN_GOOD);
        apr_hash_set(seen, apr_pstrmemdup(unit_pool, key, 40), 40, seen);
    }
    /* The first 40 characters alone are distinct. */
    ck_assert_uint_eq(apr_hash_count(seen), 1000);
}
END_TEST

START_TEST(every_random_digit_takes_every_value)
{
    int seen[UK_TOKEN_SUMMED_LEN][16] = {{0}};
    int i, place, digit;

    for (i = 0; i < 1000; i++) {
        char key[UK_TOKEN_LEN + 1];

        uk_token_make(key);
        for (place = UK_TOKEN_SCHEME_LEN; place < UK_TOKEN_SUMMED_LEN;
             place++) {
            seen[place][strchr(DIGITS, key[place]) - DIGITS] = 1;
        }
    }
    for (place = UK_TOKEN_SCHEME_LEN; place < UK_TOKEN_SUMMED_LEN; place++) {
        for (digit = 0; digit < 16; digit++) {
            ck_assert_msg(seen[place][digit], "%x at %d", (unsigned)digit,
                          place);
        }
    }
}
END_TEST

static const struct {
    const char *given;
    size_t len; /* 0: all of it */
    const char *want;
} prefixes[] = {
    {GOOD, 0, "uptime_01234567"},
    {"uptime_a1b2c3d4", 0, "uptime_a1b2c3d4"},
    {"uptime_a1b2c3d4e", 0, "uptime_a1b2c3d4"},
    {"uptime_a1b2c3d", 0, "uptime_a1b2c3d"},
    {"uptime_a1b2c3d4", 9, "uptime_a1"},
    {"uptime_", 0, "uptime_"},
    {"uptime_A1b2", 0, "uptime_"},
    {"uptime_a1\r\nX: y", 0, "uptime_a1"},
    {"uptime_a1\0b2", 12, "uptime_a1"},
    {"uptime_a1\x1b[31m", 0, "uptime_a1"},
    {"uptime_\xc3\xa9", 0, "uptime_"},
    {"uptime", 0, ""},
    {"uptime_", 6, ""},
    {"", 0, ""},
    {"UPTIME_a1b2c3d4", 0, ""},
    {" uptime_a1b2c3d4", 0, ""},
    {"correct horse battery staple", 0, ""},
};

START_TEST(prefix_shows_nothing_but_the_beginning_of_a_key)
{
    const char *given = prefixes[_i].given;
    size_t len = prefixes[_i].len ? prefixes[_i].len : strlen(given);
    char prefix[UK_TOKEN_PREFIX_LEN + 1];

    memset(prefix, '!', sizeof(prefix));
    uk_token_prefix(given, len, prefix);
    ck_assert_str_eq(prefix, prefixes[_i].want);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("token");
    TCase *check = unit_case(suite, "check");
    TCase *make = unit_case(suite, "make");

    tcase_add_loop_test(check, key_with_its_crc_32_is_good, 0,
                        UNIT_COUNT(good_keys));
    tcase_add_loop_test(check, anything_else_is_refused, 0,
                        UNIT_COUNT(other_texts));
    tcase_add_test(check, token_need_not_end_in_nul);
    tcase_add_loop_test(check, every_change_of_one_digit_is_detected,
                        UK_TOKEN_SCHEME_LEN, UK_TOKEN_LEN);
    tcase_add_loop_test(check, every_other_byte_is_malformed, 0, UK_TOKEN_LEN);
    tcase_add_test(check, every_other_length_is_malformed);
    tcase_add_test(make, made_keys_are_good_and_distinct);
    tcase_add_test(make, every_random_digit_takes_every_value);
    tcase_add_loop_test(make, prefix_shows_nothing_but_the_beginning_of_a_key,
                        0, UNIT_COUNT(prefixes));
    return unit_run(suite);
}
