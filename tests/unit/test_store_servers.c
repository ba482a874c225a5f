/* SPDX-License-Identifier: Apache-2.0 */
/* Servers that cache keys, the change counter and the log of changes, and
 * recording many uses at once. */
#include "store_fixture.h"

#include <apr_strings.h>
#include <string.h>

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

static void withdraw(const char *id, uk_instant_t seen_at)
{
    ck_assert_int_eq(uk_store_server_withdraw(store_db, id, seen_at), UK_OK);
}

START_TEST(announced_server_counts_for_others)
{
    ck_assert_int_eq(other_servers_cache("", NOW), 0);
    announce("a", NOW);
    ck_assert_int_eq(other_servers_cache("a", NOW), 0);
    ck_assert_int_eq(other_servers_cache("b", NOW), 1);
    ck_assert_int_eq(other_servers_cache("", NOW), 1);
    withdraw("a", NOW);
    ck_assert_int_eq(other_servers_cache("", NOW), 0);
    withdraw("a", NOW);
}
END_TEST

START_TEST(announcement_that_was_renewed_since_stays)
{
    announce("a", NOW);
    announce("a", NOW + 1);
    withdraw("a", NOW);
    ck_assert_int_eq(other_servers_cache("", NOW), 1);
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

/* What a poll of a server reads, which saw the counter at since. */
static uk_changes_t poll(const char *id, apr_int64_t since)
{
    uk_changes_t changes;

    ck_assert_int_eq(uk_store_changes(store_db, id, since, &changes), UK_OK);
    return changes;
}

START_TEST(counter_is_read_with_64_bits)
{
    uk_changes_t changes;

    store_execute("UPDATE uptime_changes SET counter = 9007199254740993");
    ck_assert(poll("a", UK_CHANGES_COUNTER_ONLY).counter
              == APR_INT64_C(9007199254740993));
    store_execute("DELETE FROM uptime_changes");
    ck_assert_int_eq(
        uk_store_changes(store_db, "a", UK_CHANGES_COUNTER_ONLY, &changes),
        UK_UNAVAILABLE);
    ck_assert_ptr_nonnull(store_db->error);
}
END_TEST

START_TEST(own_announcement_is_read_with_the_counter)
{
    announce("b", NOW);
    ck_assert(poll("a", UK_CHANGES_COUNTER_ONLY).announced == UK_INSTANT_NONE);
    announce("a", NOW + 1);
    ck_assert(poll("a", UK_CHANGES_COUNTER_ONLY).announced == NOW + 1);
}
END_TEST

/* The hashes of a poll, each as the name of its key; "?" if it is incomplete. */
static const char *changed(apr_int64_t since)
{
    static const char *const names[] = {"a", "b", "c"};
    uk_changes_t changes = poll("a", since);
    const char *text = changes.is_complete ? "" : "?";
    int i;
    size_t n;

    for (i = 0; i < changes.hashes->nelts; i++) {
        for (n = 0; n < UNIT_COUNT(names); n++) {
            if (strcmp(APR_ARRAY_IDX(changes.hashes, i, const char *),
                       store_hash(unit_pool, names[n]))
                == 0) {
                text = apr_pstrcat(unit_pool, text, names[n], NULL);
            }
        }
    }
    return text;
}

/* @return the counter after keys a, b and c were changed: one number each */
static apr_int64_t change_three(void)
{
    store_create("acme", "a");
    store_create("acme", "b");
    store_create("acme", "c");
    store_execute("UPDATE uptime_keys SET name = 'x' WHERE name = 'a'");
    store_execute("UPDATE uptime_keys SET previous_hash = key_hash, "
                  "key_hash = '%s' WHERE name = 'b'",
                  store_hash(unit_pool, "c2"));
    store_execute("DELETE FROM uptime_keys WHERE name = 'c'");
    return poll("a", UK_CHANGES_COUNTER_ONLY).counter;
}

START_TEST(changes_are_read_since_a_counter)
{
    apr_int64_t end = change_three();

    ck_assert_str_eq(changed(end), "");
    ck_assert_str_eq(changed(end - 1), "c");
    ck_assert_str_eq(changed(end - 2), "bc");
    ck_assert_str_eq(changed(end - 3), "abc");
}
END_TEST

START_TEST(previous_secret_of_a_changed_key_is_read)
{
    apr_int64_t end = change_three();

    store_execute("DELETE FROM uptime_keys WHERE name = 'b'");
    ck_assert_int_eq(poll("a", end).hashes->nelts, 2);
    ck_assert_str_eq(changed(end), "b");
}
END_TEST

START_TEST(counter_alone_tells_no_changes)
{
    change_three();
    ck_assert_str_eq(changed(UK_CHANGES_COUNTER_ONLY), "?");
    store_execute("UPDATE uptime_changes SET counter = %s",
                  "9223372036854775807");
    ck_assert_str_eq(changed(UK_CHANGES_COUNTER_ONLY - 1), "?");
}
END_TEST

START_TEST(lower_counter_may_be_about_any_key)
{
    apr_int64_t end = change_three();

    ck_assert_str_eq(changed(end + 1), "?");
    store_execute("UPDATE uptime_changes SET counter = counter - 1");
    ck_assert_str_eq(changed(end), "?");
}
END_TEST

/* What spoils the log of three changes. */
static const char *const spoils[] = {
    "DELETE FROM uptime_log WHERE number = (SELECT MIN(number) "
    "FROM uptime_log)",
    "DELETE FROM uptime_log WHERE key_hash <> (SELECT key_hash FROM uptime_log "
    "ORDER BY number DESC LIMIT 1) AND number <> (SELECT MIN(number) "
    "FROM uptime_log)",
    "DELETE FROM uptime_log WHERE number = (SELECT MAX(number) "
    "FROM uptime_log)",
    "DELETE FROM uptime_log",
    "INSERT INTO uptime_log SELECT * FROM uptime_log "
    "ORDER BY number LIMIT 1",
    "INSERT INTO uptime_log SELECT * FROM uptime_log "
    "ORDER BY number DESC LIMIT 1",
    "UPDATE uptime_log SET number = number - 1",
    "UPDATE uptime_log SET number = (SELECT MAX(number) FROM uptime_log)",
    "UPDATE uptime_changes SET counter = counter + 1",
};

START_TEST(log_with_a_gap_or_a_repetition_is_incomplete)
{
    apr_int64_t end = change_three();

    /* Its primary key would not let a number be there twice. */
    store_execute("ALTER TABLE uptime_log RENAME TO l");
    store_execute("CREATE TABLE uptime_log AS SELECT * FROM l");
    ck_assert_str_eq(changed(end - 3), "abc");
    store_execute("%s", spoils[_i]);
    ck_assert_str_eq(changed(end - 3), "?");
}
END_TEST

START_TEST(log_is_complete_after_a_gap)
{
    apr_int64_t end;

    store_create("acme", "a");
    store_execute("UPDATE uptime_changes SET counter = 100");
    store_execute("UPDATE uptime_keys SET name = 'x'");
    end = poll("a", UK_CHANGES_COUNTER_ONLY).counter;
    ck_assert_str_eq(changed(end - 1), "a");
    ck_assert_str_eq(changed(end - 2), "?");
}
END_TEST

START_TEST(log_beyond_the_counter_does_not_count)
{
    apr_int64_t end = change_three();

    store_execute("INSERT INTO uptime_log SELECT number + 1, key_hash, NULL "
                  "FROM uptime_log ORDER BY number DESC LIMIT 1");
    ck_assert_str_eq(changed(end), "");
    ck_assert_str_eq(changed(end - 1), "c");
}
END_TEST

START_TEST(log_keeps_a_thousand_changes)
{
    apr_int64_t end;
    int i;

    store_create("acme", "a");
    for (i = 0; i < 1001; i++) {
        store_execute("UPDATE uptime_keys SET name = '%d'", i);
    }
    end = poll("a", UK_CHANGES_COUNTER_ONLY).counter;
    ck_assert_int_eq(poll("a", end - 1000).is_complete, 1);
    ck_assert_int_eq(poll("a", end - 1000).hashes->nelts, 1000);
    ck_assert_str_eq(changed(end - 1001), "?");
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
    tcase_add_test(tcase, announcement_that_was_renewed_since_stays);
    tcase_add_loop_test(tcase, announcement_counts_for_a_while, 0,
                        UNIT_COUNT(ages));
    tcase_add_test(tcase, repeated_announcement_is_one_row);
    tcase_add_test(tcase, expired_servers_are_deleted);
    tcase_add_test(tcase, counter_is_read_with_64_bits);
    tcase_add_test(tcase, own_announcement_is_read_with_the_counter);
    tcase_add_test(tcase, changes_are_read_since_a_counter);
    tcase_add_test(tcase, previous_secret_of_a_changed_key_is_read);
    tcase_add_test(tcase, counter_alone_tells_no_changes);
    tcase_add_test(tcase, lower_counter_may_be_about_any_key);
    tcase_add_loop_test(tcase, log_with_a_gap_or_a_repetition_is_incomplete, 0,
                        UNIT_COUNT(spoils));
    tcase_add_test(tcase, log_is_complete_after_a_gap);
    tcase_add_test(tcase, log_beyond_the_counter_does_not_count);
    tcase_add_test(tcase, log_keeps_a_thousand_changes);
    tcase_add_test(tcase, many_uses_are_one_transaction);
    tcase_add_test(tcase, failed_use_rolls_back_all);
    return unit_run(suite);
}
