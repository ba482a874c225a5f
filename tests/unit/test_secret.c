/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes, comparison, wiping and random bytes. */
#include "unit.h"

#include <apr_strings.h>
#include <string.h>

#include "core/secret.h"

#define ZERO_KEY                                                               \
    "uptime_0000000000000000000000000000000000000000000000000000000000000000"
#define HASH "e1d2316a5996c7b52bdb5720692a617b1d8f0fbe5249d53b357ba338cb44fe2a"

static const struct {
    const char *given;
    size_t len;
    const char *want; /* sha256sum's */
} hashes[] = {
    /* printf 'uptime_%064d' 0 | sha256sum */
    {ZERO_KEY, 71, HASH},
    {"uptime_09a907f4c71ad5902f72239d504199e903873e719c100a103123c2a947e61b4e",
     71, "7f53d999a22e583ac2597303a83775a7532a0bd84fbfebd5ba933a33eb83350a"},
    {"", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    /* FIPS 180-2, appendix B.1 */
    {"abc", 3,
     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdef", 3,
     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"a\0b", 3,
     "59b271ae1bbcb1d31d41929817f4b16fb439eb4f31520b5ad1d5ce98920a7138"},
};

START_TEST(hash_is_what_sha256sum_prints)
{
    char hash[UK_HASH_LEN + 1];

    memset(hash, '!', sizeof(hash));
    uk_secret_hash(hashes[_i].given, hashes[_i].len, hash);
    ck_assert_str_eq(hash, hashes[_i].want);
    ck_assert(uk_secret_is_hash(hash));
}
END_TEST

static const struct {
    const char *given;
    int want;
} hash_texts[] = {
    {HASH, 1},
    {"0000000000000000000000000000000000000000000000000000000000000000", 1},
    {"", 0},
    {"e1d2316a5996c7b52bdb5720692a617b1d8f0fbe5249d53b357ba338cb44fe2", 0},
    {HASH "a", 0},
    {"E1D2316A5996C7B52BDB5720692A617B1D8F0FBE5249D53B357BA338CB44FE2A", 0},
    {"g1d2316a5996c7b52bdb5720692a617b1d8f0fbe5249d53b357ba338cb44fe2a", 0},
    {"e1d2316a5996c7b52bdb5720692a617b1d8f0fbe5249d53b357ba338cb44fe2 ", 0},
    {"e1d2316a5996c7b52bdb5720692a617b1d8f0fbe5249d53b357ba338cb44fe2\n", 0},
    {" 1d2316a5996c7b52bdb5720692a617b1d8f0fbe5249d53b357ba338cb44fe2a", 0},
    {ZERO_KEY, 0},
};

START_TEST(only_64_lower_case_digits_are_a_hash)
{
    ck_assert_int_eq(uk_secret_is_hash(hash_texts[_i].given),
                     hash_texts[_i].want);
}
END_TEST

START_TEST(hex_has_both_digits_of_every_byte)
{
    const unsigned char bytes[] = {0x00, 0x01, 0x0f, 0x10, 0x9a, 0xff};
    char hex[2 * sizeof(bytes) + 1];

    uk_secret_hex(bytes, sizeof(bytes), hex);
    ck_assert_str_eq(hex, "00010f109aff");
}
END_TEST

START_TEST(equality_needs_every_byte)
{
    char other[] = HASH;
    size_t i;

    ck_assert(uk_secret_equal(HASH, other, UK_HASH_LEN));
    for (i = 0; i < UK_HASH_LEN; i++) {
        other[i] ^= 1;
        ck_assert(!uk_secret_equal(HASH, other, UK_HASH_LEN));
        other[i] ^= 1;
    }
}
END_TEST

START_TEST(wiping_leaves_nothing)
{
    char secret[] = ZERO_KEY;
    const char zeros[sizeof(secret)] = {0};

    uk_secret_wipe(secret, sizeof(secret));
    ck_assert_mem_eq(secret, zeros, sizeof(secret));
}
END_TEST

START_TEST(random_bytes_differ_and_stay_in_their_buffer)
{
    unsigned char a[34], b[34];

    memset(a, 0x5a, sizeof(a));
    memset(b, 0x5a, sizeof(b));
    uk_secret_random(a + 1, 32);
    uk_secret_random(b + 1, 32);
    ck_assert_mem_ne(a + 1, b + 1, 32);
    ck_assert(a[0] == 0x5a && a[33] == 0x5a);
    ck_assert(b[0] == 0x5a && b[33] == 0x5a);
}
END_TEST

START_TEST(init_can_be_called_again)
{
    ck_assert_int_eq(uk_secret_init(), 0);
    ck_assert_int_eq(uk_secret_init(), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("secret");
    TCase *tcase = unit_case(suite, "secret");

    tcase_add_loop_test(tcase, hash_is_what_sha256sum_prints, 0,
                        UNIT_COUNT(hashes));
    tcase_add_loop_test(tcase, only_64_lower_case_digits_are_a_hash, 0,
                        UNIT_COUNT(hash_texts));
    tcase_add_test(tcase, hex_has_both_digits_of_every_byte);
    tcase_add_test(tcase, equality_needs_every_byte);
    tcase_add_test(tcase, wiping_leaves_nothing);
    tcase_add_test(tcase, random_bytes_differ_and_stay_in_their_buffer);
    tcase_add_test(tcase, init_can_be_called_again);
    return unit_run(suite);
}
