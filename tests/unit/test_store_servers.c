/* SPDX-License-Identifier: Apache-2.0 */
/* Servers that cache keys, the change counter, and recording many uses at
 * once. */
#include "store_fixture.h"

#include <apr_strings.h>

static int other_servers_cache(const char *own, uk_instant_t now)
{
    int any = -1;

    ck_assert_int_eq(uk_store_other_servers_cache(store_db, own, now, &any),
                     UK_OK);
    return any;
}

static void announce(const char *id, uk_instant_t now)
{
    ck_assert_int_eq(uk_store_server_announce(store_db, id, now), UK_OK);
}

START_TEST(announced_server_counts_for_others)
{
    ck_assert_int_eq(other_servers_cache("", NOW), 0);
    announce("a", NOW);
    ck_assert_int_eq(other_servers_cache("a", NOW), 0);
    ck_assert_int_eq(other_servers_cache("b", NOW), 1);
    ck_assert_int_eq(other_servers_cache("", NOW), 1);
    ck_assert_int_eq(uk_store_server_withdraw(store_db, "a"), UK_OK);
    ck_assert_int_eq(other_servers_cache("", NOW), 0);
    ck_assert_int_eq(uk_store_server_withdraw(store_db, "a"), UK_OK);
}
END_TEST

static const struct {
    int now; /* milliseconds from the announcement */
    int any;
} ages[] = {
    {0, 1},
    {UK_SERVER_ALIVE_MS - 1, 1},
    {UK_SERVER_ALIVE_MS, 0},
    /* The clock of the reader is behind. */
    {-UK_SERVER_ALIVE_MS, 1},
};

START_TEST(announcement_counts_for_a_while)
{
    announce("a", NOW);
    ck_assert_int_eq(other_servers_cache("", NOW + ages[_i].now), ages[_i].any);
}
END_TEST

START_TEST(repeated_announcement_is_one_row)
{
    announce("a", NOW);
    announce("a", NOW + MINUTE);
    ck_assert_str_eq(store_ask("SELECT COUNT(*) FROM uptime_servers"), "1");
    ck_assert_str_eq(
        store_ask("SELECT seen_at - 1795414500000 FROM uptime_servers"),
        "60000");
}
END_TEST

START_TEST(expired_servers_are_deleted)
{
    announce("a", NOW);
    announce("b", NOW + UK_SERVER_EXPIRED_MS);
    ck_assert_str_eq(store_ask("SELECT COUNT(*) FROM uptime_servers"), "2");
    announce("b", NOW + UK_SERVER_EXPIRED_MS + 1);
    ck_assert_str_eq(store_ask("SELECT id FROM uptime_servers"), "b");
}
END_TEST

START_TEST(counter_is_read_with_64_bits)
{
    apr_int64_t counter;
    uk_instant_t announced;

    store_execute("UPDATE uptime_changes SET counter = 9007199254740993");
    ck_assert_int_eq(uk_store_changes(store_db, "a", &counter, &announced),
                     UK_OK);
    ck_assert(counter == APR_INT64_C(9007199254740993));
    store_execute("DELETE FROM uptime_changes");
    ck_assert_int_eq(uk_store_changes(store_db, "a", &counter, &announced),
                     UK_UNAVAILABLE);
    ck_assert_ptr_nonnull(store_db->error);
}
END_TEST

START_TEST(own_announcement_is_read_with_the_counter)
{
    apr_int64_t counter;
    uk_instant_t announced;

    announce("b", NOW);
    ck_assert_int_eq(uk_store_changes(store_db, "a", &counter, &announced),
                     UK_OK);
    ck_assert(announced == UK_INSTANT_NONE);
    announce("a", NOW + 1);
    ck_assert_int_eq(uk_store_changes(store_db, "a", &counter, &announced),
                     UK_OK);
    ck_assert(announced == NOW + 1);
}
END_TEST

static apr_array_header_t *uses_of(uk_instant_t at, ...)
{
    apr_array_header_t *uses = apr_array_make(unit_pool, 3, sizeof(uk_use_t));
    const char *id;
    va_list ids;

    va_start(ids, at);
    while ((id = va_arg(ids, const char *)) != NULL) {
        APR_ARRAY_PUSH(uses, uk_use_t) = (uk_use_t){id, "uptime_a1b2c3d4", at};
    }
    va_end(ids);
    return uses;
}

START_TEST(many_uses_are_one_transaction)
{
    uk_key_t *a = store_create("acme", "a"), *b = store_create("other", "b");
    apr_array_header_t *uses = uses_of(NOW, a->id, "key_gone", b->id, NULL);

    fake_faults.begins = 0;
    ck_assert_int_eq(uk_store_keys_used(store_db, uses, MINUTE), UK_OK);
    ck_assert_int_eq(fake_faults.begins, 1);
    ck_assert(store_find("a")->last_used_at == NOW);
    ck_assert(store_find("b")->last_used_at == NOW);
}
END_TEST

START_TEST(failed_use_rolls_back_all)
{
    uk_key_t *a = store_create("acme", "a"), *b = store_create("other", "b");

    store_execute("CREATE TRIGGER t BEFORE UPDATE OF last_used_at "
                  "ON uptime_keys WHEN NEW.name = 'b' "
                  "BEGIN SELECT RAISE(ABORT, 'no'); END");
    ck_assert_int_eq(
        uk_store_keys_used(store_db, uses_of(NOW, a->id, b->id, NULL), MINUTE),
        UK_UNAVAILABLE);
    ck_assert(store_find("a")->last_used_at == UK_INSTANT_NONE);
    ck_assert_int_eq(
        uk_store_keys_used(store_db, uses_of(NOW, a->id, NULL), MINUTE), UK_OK);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("store_servers");
    TCase *tcase = store_case(suite, "store_servers");

    tcase_add_test(tcase, announced_server_counts_for_others);
    tcase_add_loop_test(tcase, announcement_counts_for_a_while, 0,
                        UNIT_COUNT(ages));
    tcase_add_test(tcase, repeated_announcement_is_one_row);
    tcase_add_test(tcase, expired_servers_are_deleted);
    tcase_add_test(tcase, counter_is_read_with_64_bits);
    tcase_add_test(tcase, own_announcement_is_read_with_the_counter);
    tcase_add_test(tcase, many_uses_are_one_transaction);
    tcase_add_test(tcase, failed_use_rolls_back_all);
    return unit_run(suite);
}
