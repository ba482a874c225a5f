/* SPDX-License-Identifier: Apache-2.0 */
/* Whichever statement fails: nothing is done by halves, and nothing twice. */
#include <apr_strings.h>
#include <string.h>

#include "store/change.h"
#include "store/events.h"
#include "store/import.h"
#include "store/key_filter.h"
#include "store/leak.h"
#include "store/prune.h"
#include "store/rotate.h"
#include "store/schema.h"
#include "store_fixture.h"

#define STATEMENTS_MAX 100
#define SERVER "server-1"
#define LONG_AGO (NOW - 1000000)

static const char *first, *second; /* ids */

/* --- What is done, once with each failure ---------------------------------
 *
 * A team "acme" has the owner olga, the member mia, and the keys "first", which was
 * rotated, and "second"; the server SERVER is announced. */

static uk_outcome_e create(void)
{
    return store_try_create("acme", "third");
}

static uk_outcome_e delete (void)
{
    return uk_revoke_key(store_db, &store_actor, &uk_own_cache_none, "acme",
                         first);
}

static uk_outcome_e rotate(void)
{
    const uk_rotation_t rotation = {.id = first, .overlap = 60};
    char token[UK_TOKEN_LEN + 1];
    uk_rotated_t rotated;

    return uk_rotate_key(store_db, &store_actor, &uk_own_cache_none, &rotation,
                         &rotated, token);
}

static uk_outcome_e give_an_end(apr_pool_t *pool, uk_key_t *key, void *baton)
{
    (void)pool;
    key->name = "changed";
    key->expires_at = NOW + *(int *)baton;
    key->disabled_at = NOW;
    key->disabled_reason = UK_DISABLED_MANUALLY;
    return UK_OK;
}

static uk_outcome_e change(void)
{
    int minute = MINUTE;
    unsigned changed;
    uk_key_t *key;

    return uk_change_key(store_db, &store_actor, &uk_own_cache_none, NULL,
                         first, give_an_end, &minute, &key, &changed);
}

static uk_outcome_e end_leaks(void)
{
    apr_array_header_t *leaks = apr_array_make(unit_pool, 2, sizeof(uk_leak_t));
    static const char *const names[] = {"first", "second"};
    int i;

    for (i = 0; i < UNIT_COUNT(names); i++) {
        apr_cpystrn(((uk_leak_t *)apr_array_push(leaks))->hash,
                    store_hash(unit_pool, names[i]), UK_HASH_LEN + 1);
    }
    return uk_leaks_end(store_db, &store_actor, &uk_own_cache_none, leaks);
}

static uk_outcome_e create_team(void)
{
    const uk_team_t team = {"new", "New", NOW};

    return uk_store_team_create(store_db, &store_actor, &team, "nora");
}

static uk_outcome_e delete_team(void)
{
    return uk_revoke_team(store_db, &store_actor, &uk_own_cache_none, "acme");
}

static uk_outcome_e set_member(void)
{
    const uk_member_t member = {"acme", "adam", UK_ROLE_ADMIN};

    return uk_store_member_set(store_db, &store_actor, &member);
}

static uk_outcome_e remove_member(void)
{
    return uk_store_member_remove(store_db, &store_actor, "acme", "mia");
}

static uk_outcome_e use(void)
{
    return store_use(store_db, second, NOW);
}

static uk_import_line_t *new_line(const char *team, const char *name)
{
    uk_import_line_t *line = apr_pcalloc(unit_pool, sizeof(*line));

    line->key = *store_new_key(unit_pool, team, name);
    line->hash = store_hash(unit_pool, name);
    return line;
}

static uk_outcome_e import(void)
{
    static const uk_lifetimes_t lifetimes;
    static const char *const teams[] = {"acme", "new", "newer", "newer"};
    apr_array_header_t *batch = apr_array_make(unit_pool, 4, sizeof(void *));
    uk_import_e results[UNIT_COUNT(teams)];
    int i;

    for (i = 0; i < UNIT_COUNT(teams); i++) {
        APR_ARRAY_PUSH(batch, uk_import_line_t *) =
            new_line(teams[i], apr_psprintf(unit_pool, "imported %d", i));
    }
    return uk_importer_add(
        uk_importer_create(store_db, &store_actor, 10, &lifetimes), batch,
        results);
}

static uk_outcome_e prune(void)
{
    uk_prune_t done = {0};

    return uk_prune_batch(store_db, NOW + 1, 0, &done);
}

static uk_outcome_e finish_prune(void)
{
    const uk_prune_t done = {.removed = 1, .is_done = 1};

    return uk_prune_finish(store_db, &store_actor, NOW + 1, &done);
}

static uk_outcome_e announce(void)
{
    return uk_store_server_announce(store_db, "server-2", NOW);
}

static uk_outcome_e withdraw(void)
{
    return uk_store_server_withdraw(store_db, SERVER, LONG_AGO);
}

/* --- What is read --------------------------------------------------------- */

static uk_outcome_e read_key(void)
{
    uk_key_t *key;

    return uk_store_key_by_id(store_db, first, &key);
}

static uk_outcome_e read_keys(void)
{
    apr_array_header_t *keys;

    return uk_store_keys_of_team(store_db, "acme", &keys);
}

static uk_outcome_e read_unused(void)
{
    apr_array_header_t *keys;

    return uk_store_keys_filtered(store_db, UK_KEYS_UNUSED, "acme", NOW, &keys);
}

static uk_outcome_e read_teams(void)
{
    apr_array_header_t *teams;

    return uk_store_teams(store_db, &teams);
}

static uk_outcome_e read_members(void)
{
    apr_array_header_t *members;

    return uk_store_members(store_db, "acme", &members);
}

static uk_outcome_e read_teams_of_user(void)
{
    apr_array_header_t *members;

    return uk_store_teams_of_user(store_db, "olga", &members);
}

static uk_outcome_e read_events(void)
{
    const uk_event_filter_t filter = {.team = "acme", .until = UK_INSTANT_MAX};
    apr_array_header_t *events;

    return uk_store_events(store_db, &filter, NULL, 0, 10, &events);
}

static uk_outcome_e read_rotations(void)
{
    apr_array_header_t *times;

    return uk_rotate_times(store_db, "acme", &times);
}

static uk_outcome_e read_changes(void)
{
    uk_changes_t changes;

    return uk_store_changes(store_db, SERVER, 1, &changes);
}

static uk_outcome_e find_leaks(void)
{
    apr_array_header_t *leaks = apr_array_make(unit_pool, 1, sizeof(uk_leak_t));

    apr_cpystrn(((uk_leak_t *)apr_array_push(leaks))->hash,
                store_hash(unit_pool, "second"), UK_HASH_LEN + 1);
    return uk_leaks_find(store_db, NOW, leaks);
}

static uk_outcome_e read_version(void)
{
    int version;

    return uk_schema_version(store_db, &version);
}

static uk_outcome_e read_missing(void)
{
    uk_missing_t missing;

    return uk_schema_missing(store_db, &missing);
}

static const struct {
    const char *name;
    uk_outcome_e (*run)(void);
    int is_write;
} operations[] = {
    {"delete", delete, 1},
    {"rotate", rotate, 1},
    {"change", change, 1},
    {"end leaks", end_leaks, 1},
    {"delete team", delete_team, 1},
    {"create", create, 1},
    {"create team", create_team, 1},
    {"set member", set_member, 1},
    {"remove member", remove_member, 1},
    {"use", use, 1},
    {"import", import, 1},
    {"prune", prune, 1},
    {"finish prune", finish_prune, 1},
    {"announce", announce, 1},
    {"withdraw", withdraw, 1},
    {"read key", read_key, 0},
    {"read keys", read_keys, 0},
    {"read unused", read_unused, 0},
    {"read teams", read_teams, 0},
    {"read members", read_members, 0},
    {"read teams of user", read_teams_of_user, 0},
    {"read events", read_events, 0},
    {"read rotations", read_rotations, 0},
    {"read changes", read_changes, 0},
    {"find leaks", find_leaks, 0},
    {"read version", read_version, 0},
    {"read missing", read_missing, 0},
};

/* The first ones take something away from a key, and wait for a lease if it is not
 * known whether other servers cache. */
#define WAITING 5

/* --- The tests ------------------------------------------------------------ */

/* All rows of all tables, but for what is random or grows with each attempt. */
static const char *content(void)
{
    char *tables = apr_pstrdup(
        unit_pool, store_ask("SELECT group_concat(name) FROM sqlite_schema "
                             "WHERE type = 'table' AND name LIKE 'uptime%'"));
    const char *all = "";
    char *table, *last;

    for (table = apr_strtok(tables, ",", &last); table;
         table = apr_strtok(NULL, ",", &last)) {
        const char *columns = store_ask(
            apr_psprintf(unit_pool,
                         "SELECT group_concat('quote(' || name || ')', '||') "
                         "FROM pragma_table_info('%s')",
                         table));
        all = apr_pstrcat(
            unit_pool, all, table, ":",
            store_ask(apr_psprintf(unit_pool,
                                   "SELECT group_concat(text) FROM (SELECT %s "
                                   "AS text FROM %s ORDER BY 1)",
                                   columns, table)),
            "\n", NULL);
    }
    return all;
}

/* How many rows each table has, and the change counter. */
static const char *sizes(void)
{
    return store_ask("SELECT (SELECT count(*) FROM uptime_keys) || ' ' || "
                     "(SELECT count(*) FROM uptime_teams) || ' ' || "
                     "(SELECT count(*) FROM uptime_members) || ' ' || "
                     "(SELECT count(*) FROM uptime_audit) || ' ' || "
                     "(SELECT count(*) FROM uptime_servers) || ' ' || "
                     "(SELECT total(counter) FROM uptime_changes)");
}

static void make_world(void)
{
    const uk_member_t olga = {"acme", "olga", UK_ROLE_OWNER};
    const uk_member_t mia = {"acme", "mia", UK_ROLE_MEMBER};

    store_db =
        fake_database_with_schema(unit_pool, ":memory:", &store_provider);
    store_make_team("acme");
    first = store_create("acme", "first")->id;
    second = store_create("acme", "second")->id;
    ck_assert_int_eq(rotate(), UK_OK);
    ck_assert_int_eq(uk_store_member_set(store_db, &store_actor, &olga), UK_OK);
    ck_assert_int_eq(uk_store_member_set(store_db, &store_actor, &mia), UK_OK);
    ck_assert_int_eq(uk_store_server_announce(store_db, SERVER, LONG_AGO),
                     UK_OK);
    memset(&fake_faults, 0, sizeof(fake_faults));
}

static uk_outcome_e run_failing(int operation, int at, int and_after)
{
    uk_outcome_e outcome;

    fake_faults = (fake_faults_t){.fail_at = at, .fail_after = and_after};
    outcome = operations[operation].run();
    fake_faults.fail_at = 0;
    return outcome;
}

START_TEST(what_cannot_be_ended_changes_nothing)
{
    const char *before;
    int at;

    make_world();
    before = content();
    for (at = 1; run_failing(_i, at, 1) == UK_UNAVAILABLE; at++) {
        ck_assert_ptr_nonnull(store_db->error);
        ck_assert_int_eq(store_provider->acquired, store_provider->released);
        ck_assert_str_eq(content(), before);
        ck_assert_int_le(at, STATEMENTS_MAX);
    }
    ck_assert_int_gt(at, 1);
    ck_assert_int_eq(strcmp(content(), before) != 0, operations[_i].is_write);
}
END_TEST

START_TEST(what_failed_once_is_done_once)
{
    const char *wanted;
    int at;

    make_world();
    ck_assert_int_eq(operations[_i].run(), UK_OK);
    wanted = sizes();
    for (at = 1; at <= STATEMENTS_MAX; at++) {
        make_world();
        ck_assert_int_eq(run_failing(_i, at, 0), UK_OK);
        if (fake_faults.statements < at) {
            break;
        }
        ck_assert_str_eq(sizes(), wanted);
    }
    ck_assert_int_gt(at, 1);
}
END_TEST

/* A step that was interrupted is taken again. */
START_TEST(schema_is_complete_wherever_it_was_interrupted)
{
    uk_missing_t missing;
    int at, version;

    for (at = 1; at <= 10 * STATEMENTS_MAX; at++) {
        store_db = fake_database(unit_pool, ":memory:", &store_provider);
        fake_faults = (fake_faults_t){.fail_at = at, .fail_after = 1};
        if (uk_schema_install(store_db) == UK_OK) {
            break;
        }
        fake_faults.fail_at = 0;
        ck_assert_msg(uk_schema_install(store_db) == UK_OK, "%d: %s", at,
                      store_db->error);
        ck_assert_int_eq(uk_schema_version(store_db, &version), UK_OK);
        ck_assert_int_eq(version, uk_schema_latest());
        ck_assert_int_eq(uk_schema_missing(store_db, &missing), UK_OK);
        fake_disconnect(store_provider);
    }
    ck_assert_int_gt(at, 10);
    ck_assert_int_le(at, 10 * STATEMENTS_MAX);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("store_failures");
    TCase *failures = unit_case(suite, "failures");
    TCase *waits = unit_case(suite, "waits");

    tcase_set_tags(waits, "waits");
    tcase_add_loop_test(waits, what_cannot_be_ended_changes_nothing, 0,
                        WAITING);
    tcase_add_loop_test(failures, what_cannot_be_ended_changes_nothing, WAITING,
                        UNIT_COUNT(operations));
    tcase_add_loop_test(failures, what_failed_once_is_done_once, 0,
                        UNIT_COUNT(operations));
    tcase_add_test(failures, schema_is_complete_wherever_it_was_interrupted);
    return unit_run(suite);
}
