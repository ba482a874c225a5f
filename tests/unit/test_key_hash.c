/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes that a thread remembers. */
#include "unit.h"

#include <string.h>

#include "core/key_hash.h"

/* More than a thread remembers. */
#define KEYS 100

static void assert_hashed(const char *key)
{
    char want[UK_HASH_LEN + 1], hash[UK_HASH_LEN + 1];

    uk_secret_hash(key, UK_TOKEN_LEN, want);
    memset(hash, '!', sizeof(hash));
    uk_key_hash(key, hash);
    ck_assert_str_eq(hash, want);
}

START_TEST(hash_is_that_of_the_key_however_often_it_is_asked_for)
{
    char keys[KEYS][UK_TOKEN_LEN + 1];
    int i;

    for (i = 0; i < KEYS; i++) {
        uk_token_make(keys[i]);
        assert_hashed(keys[i]);
        assert_hashed(keys[i]);
        assert_hashed(keys[i / 2]);
    }
    for (i = 0; i < KEYS; i++) {
        assert_hashed(keys[i]);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("key_hash");
    TCase *tcase = unit_case(suite, "key_hash");

    tcase_add_test(tcase,
                   hash_is_that_of_the_key_however_often_it_is_asked_for);
    return unit_run(suite);
}
