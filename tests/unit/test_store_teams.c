/* SPDX-License-Identifier: Apache-2.0 */
/* Teams, members, the change counter and the audit. */
#include "store_fixture.h"

#include <apr_strings.h>

START_TEST(teams_are_listed_by_id)
{
    apr_array_header_t *teams;

    store_make_team("beta");
    ck_assert_int_eq(uk_store_teams(store_db, &teams), UK_OK);
    ck_assert_int_eq(teams->nelts, 3);
    ck_assert_str_eq(APR_ARRAY_IDX(teams, 0, uk_team_t *)->id, "acme");
    ck_assert_str_eq(APR_ARRAY_IDX(teams, 1, uk_team_t *)->id, "beta");
    ck_assert_str_eq(APR_ARRAY_IDX(teams, 2, uk_team_t *)->id, "other");
    ck_assert_str_eq(APR_ARRAY_IDX(teams, 1, uk_team_t *)->name, "Some team");
    ck_assert(APR_ARRAY_IDX(teams, 1, uk_team_t *)->created_at == NOW);
}
END_TEST

START_TEST(team_cannot_be_created_twice)
{
    uk_team_t team = {"acme", "Another", NOW};

    ck_assert_int_eq(
        uk_store_team_create(store_db, &store_actor, &team, "mallory"),
        UK_EXISTS);
    ck_assert_str_eq(
        store_ask("SELECT name FROM uptime_teams WHERE id = 'acme'"),
        "Some team");
    ck_assert_str_eq(store_ask("SELECT COUNT(*) FROM uptime_members"), "0");
}
END_TEST

static uk_outcome_e set_role(const char *team, const char *user, uk_role_e role)
{
    uk_member_t member = {team, user, role};

    return uk_store_member_set(store_db, &store_actor, &member);
}

/* List the users of a team, or the teams of a user: the other argument is
 * NULL. */
static const char *listed(const apr_array_header_t *members, const char *team,
                          const char *user)
{
    const char *all = "";
    int i;

    for (i = 0; i < members->nelts; i++) {
        const uk_member_t *member = APR_ARRAY_IDX(members, i, uk_member_t *);

        ck_assert_str_eq(team ? member->team : member->user,
                         team ? team : user);
        all = apr_pstrcat(unit_pool, all, i ? "," : "",
                          team ? member->user : member->team, " ",
                          uk_role_name(member->role), NULL);
    }
    return all;
}

/* "adam admin,olga owner" */
static const char *members_of(const char *team)
{
    apr_array_header_t *members;

    ck_assert_int_eq(uk_store_members(store_db, team, &members), UK_OK);
    return listed(members, team, NULL);
}

START_TEST(team_is_created_with_its_owner)
{
    uk_team_t team = {"beta", "Beta", NOW};

    ck_assert_int_eq(
        uk_store_team_create(store_db, &store_actor, &team, "olga"), UK_OK);
    ck_assert_str_eq(members_of("beta"), "olga owner");
    ck_assert_str_eq(members_of("acme"), "");
}
END_TEST

START_TEST(members_have_one_role_each)
{
    ck_assert_int_eq(set_role("acme", "olga", UK_ROLE_OWNER), UK_OK);
    ck_assert_int_eq(set_role("acme", "mia", UK_ROLE_MEMBER), UK_OK);
    ck_assert_int_eq(set_role("acme", "adam", UK_ROLE_MEMBER), UK_OK);
    ck_assert_int_eq(set_role("acme", "adam", UK_ROLE_ADMIN), UK_OK);
    ck_assert_int_eq(set_role("other", "adam", UK_ROLE_MEMBER), UK_OK);
    ck_assert_str_eq(members_of("acme"), "adam admin,mia member,olga owner");
    ck_assert_str_eq(members_of("other"), "adam member");
}
END_TEST

START_TEST(team_has_one_owner)
{
    ck_assert_int_eq(set_role("acme", "olga", UK_ROLE_OWNER), UK_OK);
    ck_assert_int_eq(set_role("acme", "adam", UK_ROLE_ADMIN), UK_OK);
    ck_assert_int_eq(set_role("acme", "adam", UK_ROLE_OWNER), UK_EXISTS);
    ck_assert_str_eq(members_of("acme"), "adam admin,olga owner");
    /* The owner may be set again; another team may have another owner. */
    ck_assert_int_eq(set_role("acme", "olga", UK_ROLE_OWNER), UK_OK);
    ck_assert_int_eq(set_role("other", "adam", UK_ROLE_OWNER), UK_OK);
    ck_assert_int_eq(set_role("acme", "olga", UK_ROLE_MEMBER), UK_OK);
    ck_assert_int_eq(set_role("acme", "adam", UK_ROLE_OWNER), UK_OK);
    ck_assert_str_eq(members_of("acme"), "adam owner,olga member");
}
END_TEST

START_TEST(database_refuses_a_second_owner)
{
    ck_assert_int_eq(set_role("acme", "olga", UK_ROLE_OWNER), UK_OK);
    store_execute("INSERT OR IGNORE INTO uptime_members "
                  "VALUES ('acme', 'adam', 'owner')");
    ck_assert_str_eq(members_of("acme"), "olga owner");
}
END_TEST

/* "acme owner,other member" */
static const char *teams_of(const char *user)
{
    apr_array_header_t *members;

    ck_assert_int_eq(uk_store_teams_of_user(store_db, user, &members), UK_OK);
    return listed(members, NULL, user);
}

START_TEST(teams_of_a_user_are_listed_by_id)
{
    ck_assert_int_eq(set_role("other", "mia", UK_ROLE_OWNER), UK_OK);
    ck_assert_int_eq(set_role("acme", "mia", UK_ROLE_MEMBER), UK_OK);
    ck_assert_int_eq(set_role("acme", "adam", UK_ROLE_ADMIN), UK_OK);
    ck_assert_str_eq(teams_of("mia"), "acme member,other owner");
    ck_assert_str_eq(teams_of("nobody"), "");
}
END_TEST

START_TEST(user_who_is_equal_only_to_the_database_has_no_team)
{
    ck_assert_int_eq(set_role("acme", "mia", UK_ROLE_MEMBER), UK_OK);
    store_execute("CREATE TABLE copy (team_id, user_name TEXT COLLATE NOCASE, "
                  "role)");
    store_execute("INSERT INTO copy SELECT team_id, user_name, role "
                  "FROM uptime_members");
    store_execute("DROP TRIGGER uptime_teams_deleted");
    store_execute("DROP TABLE uptime_members");
    store_execute("ALTER TABLE copy RENAME TO uptime_members");
    ck_assert_str_eq(teams_of("mia"), "acme member");
    ck_assert_str_eq(teams_of("Mia"), "");
}
END_TEST

START_TEST(members_of_an_unknown_team_are_not_found)
{
    apr_array_header_t *members;

    ck_assert_int_eq(set_role("nobody", "adam", UK_ROLE_ADMIN), UK_NOT_FOUND);
    ck_assert_int_eq(uk_store_members(store_db, "nobody", &members),
                     UK_NOT_FOUND);
    ck_assert_int_eq(
        uk_store_member_remove(store_db, &store_actor, "nobody", "adam"),
        UK_NOT_FOUND);
    ck_assert_str_eq(store_ask("SELECT COUNT(*) FROM uptime_members"), "0");
}
END_TEST

START_TEST(removed_member_is_gone)
{
    ck_assert_int_eq(set_role("acme", "adam", UK_ROLE_ADMIN), UK_OK);
    ck_assert_int_eq(set_role("other", "adam", UK_ROLE_ADMIN), UK_OK);
    ck_assert_int_eq(
        uk_store_member_remove(store_db, &store_actor, "acme", "adam"), UK_OK);
    ck_assert_str_eq(members_of("acme"), "");
    ck_assert_str_eq(members_of("other"), "adam admin");
    ck_assert_int_eq(
        uk_store_member_remove(store_db, &store_actor, "acme", "adam"),
        UK_NOT_FOUND);
}
END_TEST

START_TEST(deleting_a_team_deletes_its_keys_and_members)
{
    store_create("acme", "k");
    store_create("other", "stays");
    ck_assert_int_eq(set_role("acme", "olga", UK_ROLE_OWNER), UK_OK);
    ck_assert_int_eq(set_role("other", "olga", UK_ROLE_OWNER), UK_OK);
    ck_assert_int_eq(uk_store_team_delete(store_db, &store_actor, "acme"),
                     UK_OK);
    ck_assert_ptr_null(store_find("k"));
    ck_assert_ptr_nonnull(store_find("stays"));
    ck_assert_str_eq(
        store_ask("SELECT group_concat(team_id) FROM uptime_members"), "other");
    ck_assert_int_eq(uk_store_team_delete(store_db, &store_actor, "acme"),
                     UK_NOT_FOUND);
    /* Created again, it is empty. */
    store_make_team("acme");
    ck_assert_str_eq(members_of("acme"), "");
}
END_TEST

/* In some databases deleting rows with their parent fires no trigger. */
START_TEST(deleting_a_team_needs_no_trigger)
{
    store_create("acme", "k");
    ck_assert_int_eq(set_role("acme", "olga", UK_ROLE_OWNER), UK_OK);
    store_execute("DROP TRIGGER uptime_teams_deleted");
    ck_assert_int_eq(uk_store_team_delete(store_db, &store_actor, "acme"),
                     UK_OK);
    ck_assert_ptr_null(store_find("k"));
    ck_assert_str_eq(store_ask("SELECT COUNT(*) FROM uptime_members"), "0");
}
END_TEST

START_TEST(deleting_a_team_by_sql_deletes_them_too)
{
    store_create("acme", "k");
    ck_assert_int_eq(set_role("acme", "olga", UK_ROLE_OWNER), UK_OK);
    store_execute("DELETE FROM uptime_teams WHERE id = 'acme'");
    ck_assert_ptr_null(store_find("k"));
    ck_assert_str_eq(store_ask("SELECT COUNT(*) FROM uptime_members"), "0");
}
END_TEST

static const struct {
    const char *sql;
    const char *want; /* by how much the counter rises */
} changes[] = {
    {"DELETE FROM uptime_keys WHERE name = 'a'", "1"},
    {"DELETE FROM uptime_keys", "2"},
    {"DELETE FROM uptime_teams WHERE id = 'acme'", "2"},
    {"DELETE FROM uptime_keys WHERE name = 'no such'", "0"},
    {"UPDATE uptime_keys SET expires_at = 1 WHERE name = 'a'", "1"},
    {"UPDATE uptime_keys SET scopes = '[]' WHERE name = 'a'", "1"},
    {"UPDATE uptime_keys SET key_hash = 'x' WHERE name = 'a'", "1"},
    {"UPDATE uptime_keys SET key_prefix = 'x' WHERE name = 'a'", "1"},
    {"UPDATE uptime_keys SET team_id = 'other' WHERE name = 'a'", "1"},
    {"UPDATE uptime_keys SET name = 'x' WHERE name = 'a'", "1"},
    {"UPDATE uptime_keys SET id = 'x' WHERE name = 'a'", "1"},
    {"UPDATE uptime_keys SET slot = slot + 50 WHERE name = 'a'", "1"},
    {"UPDATE uptime_keys SET created_at = 1 WHERE name = 'a'", "1"},
    {"UPDATE uptime_keys SET created_by = 'x' WHERE name = 'a'", "1"},
    {"UPDATE uptime_keys SET last_used_at = 1", "0"},
    {"UPDATE uptime_teams SET name = 'x'", "0"},
};

START_TEST(counter_rises_when_a_key_is_deleted_or_changed)
{
    store_create("acme", "a");
    store_create("acme", "b");
    ck_assert_str_eq(store_ask("SELECT counter FROM uptime_changes"), "0");
    fake_execute(store_provider, changes[_i].sql);
    ck_assert_str_eq(store_ask("SELECT counter FROM uptime_changes"),
                     changes[_i].want);
}
END_TEST

START_TEST(counter_rises_with_deletions_and_not_with_uses)
{
    uk_key_t *key = store_create("acme", "a");

    store_create("acme", "b");
    ck_assert_int_eq(store_use(store_db, key->id, NOW), UK_OK);
    ck_assert_str_eq(store_ask("SELECT counter FROM uptime_changes"), "0");
    ck_assert_int_eq(
        uk_store_key_delete(store_db, &store_actor, "acme", key->id), UK_OK);
    ck_assert_str_eq(store_ask("SELECT counter FROM uptime_changes"), "1");
    ck_assert_int_eq(uk_store_team_delete(store_db, &store_actor, "acme"),
                     UK_OK);
    ck_assert_str_eq(store_ask("SELECT counter FROM uptime_changes"), "2");
}
END_TEST

#define AUDIT                                                                  \
    "SELECT group_concat(at || ' ' || actor || ' ' || source || ' ' || "       \
    "action || ' ' || team_id || ' ' || coalesce(key_id, '-'), '; ') "         \
    "FROM (SELECT * FROM uptime_audit WHERE team_id = 'beta' ORDER BY id)"
#define WHO "1795414500000 olga 192.0.2.7 "

START_TEST(every_change_adds_one_audit_row)
{
    uk_team_t team = {"beta", "Beta", NOW};
    uk_key_t *key;

    ck_assert_int_eq(
        uk_store_team_create(store_db, &store_actor, &team, "olga"), UK_OK);
    ck_assert_int_eq(
        uk_store_team_create(store_db, &store_actor, &team, "olga"), UK_EXISTS);
    key = store_create("beta", "k");
    ck_assert_int_eq(
        uk_store_key_delete(store_db, &store_actor, "other", key->id),
        UK_NOT_FOUND);
    ck_assert_int_eq(
        uk_store_key_delete(store_db, &store_actor, "beta", key->id), UK_OK);
    ck_assert_int_eq(
        uk_store_key_delete(store_db, &store_actor, "beta", key->id),
        UK_NOT_FOUND);
    ck_assert_int_eq(set_role("beta", "adam", UK_ROLE_ADMIN), UK_OK);
    ck_assert_int_eq(
        uk_store_member_remove(store_db, &store_actor, "beta", "adam"), UK_OK);
    ck_assert_int_eq(uk_store_team_delete(store_db, &store_actor, "beta"),
                     UK_OK);
    ck_assert_str_eq(
        store_ask(AUDIT),
        apr_pstrcat(unit_pool,
                    WHO "team.create beta -; " WHO "key.create beta ", key->id,
                    "; " WHO "key.delete beta ", key->id,
                    "; " WHO "member.set beta -; " WHO
                    "member.remove beta -; " WHO "team.delete beta -",
                    NULL));
}
END_TEST

START_TEST(nothing_is_created_or_deleted_without_audit_row)
{
    uk_key_t *key = store_create("acme", "k");

    store_execute("DROP TABLE uptime_audit");
    ck_assert_int_eq(store_try_create("acme", "another"), UK_UNAVAILABLE);
    ck_assert_int_eq(
        uk_store_key_delete(store_db, &store_actor, "acme", key->id),
        UK_UNAVAILABLE);
    ck_assert_int_eq(uk_store_team_delete(store_db, &store_actor, "acme"),
                     UK_UNAVAILABLE);
    ck_assert_int_eq(set_role("acme", "adam", UK_ROLE_ADMIN), UK_UNAVAILABLE);
    ck_assert_str_eq(store_ask("SELECT group_concat(name) FROM uptime_keys"),
                     "k");
    ck_assert_str_eq(store_ask("SELECT group_concat(id) FROM uptime_teams"),
                     "acme,other");
    ck_assert_str_eq(members_of("acme"), "");
}
END_TEST

START_TEST(database_without_tables_is_unavailable)
{
    uk_database_t *empty =
        fake_database(unit_pool, ":memory:", &store_provider);
    apr_array_header_t *list;
    uk_principal_t *principal;
    uk_key_t *key;

    ck_assert_int_eq(uk_store_principal(empty, uk_catalogue_create(unit_pool),
                                        NULL, store_hash(unit_pool, "k"),
                                        &principal),
                     UK_UNAVAILABLE);
    ck_assert_ptr_null(principal);
    ck_assert_int_eq(uk_store_key_by_id(empty, "key_", &key), UK_UNAVAILABLE);
    ck_assert_int_eq(uk_store_keys_of_team(empty, "acme", &list),
                     UK_UNAVAILABLE);
    ck_assert_int_eq(list->nelts, 0);
    ck_assert_int_eq(uk_store_teams(empty, &list), UK_UNAVAILABLE);
    ck_assert_int_eq(uk_store_members(empty, "acme", &list), UK_UNAVAILABLE);
    ck_assert_int_eq(store_use(empty, "key_", NOW), UK_UNAVAILABLE);
    ck_assert_str_eq(empty->error, "no such table: uptime_keys");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("store_teams");
    TCase *teams = store_case(suite, "teams");
    TCase *traces = store_case(suite, "traces");

    tcase_add_test(teams, teams_are_listed_by_id);
    tcase_add_test(teams, team_cannot_be_created_twice);
    tcase_add_test(teams, team_is_created_with_its_owner);
    tcase_add_test(teams, members_have_one_role_each);
    tcase_add_test(teams, team_has_one_owner);
    tcase_add_test(teams, database_refuses_a_second_owner);
    tcase_add_test(teams, teams_of_a_user_are_listed_by_id);
    tcase_add_test(teams, user_who_is_equal_only_to_the_database_has_no_team);
    tcase_add_test(teams, members_of_an_unknown_team_are_not_found);
    tcase_add_test(teams, removed_member_is_gone);
    tcase_add_test(teams, deleting_a_team_deletes_its_keys_and_members);
    tcase_add_test(teams, deleting_a_team_needs_no_trigger);
    tcase_add_test(teams, deleting_a_team_by_sql_deletes_them_too);
    tcase_add_loop_test(traces, counter_rises_when_a_key_is_deleted_or_changed,
                        0, UNIT_COUNT(changes));
    tcase_add_test(traces, counter_rises_with_deletions_and_not_with_uses);
    tcase_add_test(traces, every_change_adds_one_audit_row);
    tcase_add_test(traces, nothing_is_created_or_deleted_without_audit_row);
    tcase_add_test(traces, database_without_tables_is_unavailable);
    return unit_run(suite);
}
