/* SPDX-License-Identifier: Apache-2.0 */
/* Keys, teams and members in a real SQLite database. */
#include "unit.h"

#include <apr_strings.h>
#include <pthread.h>
#include <string.h>

#include "core/keyid.h"
#include "core/store.h"
#include "fake.h"

/* 2026-11-23T06:15:00Z */
#define NOW APR_INT64_C(1795414500000)
#define MINUTE 60000

static const uk_actor_t actor = {"olga", "192.0.2.7", NOW};

static fake_lender_t *lender;
static uk_database_t *db;

static void make_team(const char *id)
{
    uk_team_t team = {id, "Some team", NOW};

    ck_assert_int_eq(uk_store_team_create(db, &actor, &team, NULL), UK_OK);
}

static void set_up_store(void)
{
    db = fake_database_with_schema(unit_pool, ":memory:", &lender);
    make_team("acme");
    make_team("other");
    memset(&fake_faults, 0, sizeof(fake_faults));
}

static void check_loans(void)
{
    ck_assert_int_eq(lender->borrowed, lender->given_back);
    ck_assert_int_le(lender->out_most, 1);
}

static const char *hash_of(apr_pool_t *pool, const char *text)
{
    char hash[UK_HASH_LEN + 1];

    uk_secret_hash(text, strlen(text), hash);
    return apr_pstrdup(pool, hash);
}

/* A key whose hash is that of its name. */
static uk_key_t *new_key(apr_pool_t *pool, const char *team, const char *name)
{
    uk_key_t *key = apr_pcalloc(pool, sizeof(*key));
    apr_array_header_t *scopes = apr_array_make(pool, 1, sizeof(char *));
    char id[UK_KEYID_LEN + 1];

    uk_keyid_make(NOW, id);
    APR_ARRAY_PUSH(scopes, const char *) = "alerts:read";
    key->id = apr_pstrdup(pool, id);
    key->team = team;
    key->name = name;
    key->prefix = "uptime_a1b2c3d4";
    key->scopes = scopes;
    return key;
}

static uk_outcome_e try_create(const char *team, const char *name)
{
    return uk_store_key_create(db, &actor, new_key(unit_pool, team, name),
                               hash_of(unit_pool, name), UK_KEYS_PER_TEAM);
}

static uk_key_t *create(const char *team, const char *name)
{
    uk_key_t *key = new_key(unit_pool, team, name);

    ck_assert_int_eq(uk_store_key_create(db, &actor, key,
                                         hash_of(unit_pool, name),
                                         UK_KEYS_PER_TEAM),
                     UK_OK);
    return key;
}

static const char *ask(const char *sql)
{
    return fake_ask(lender, sql);
}

static uk_key_t *find(const char *name)
{
    uk_key_t *key;

    return uk_store_key_by_hash(db, hash_of(unit_pool, name), &key) == UK_OK
               ? key
               : NULL;
}

/* --- Keys ------------------------------------------------------------------ */

START_TEST(created_key_is_found_with_all_its_fields)
{
    uk_key_t *key = new_key(unit_pool, "acme", "CI \"\xf0\x9f\x94\x91\" '; --");
    uk_key_t *by_hash, *by_id;

    key->scopes = unit_names("alerts:read", "monitors:write", NULL);
    key->expires_at = NOW + 1;
    ck_assert_int_eq(uk_store_key_create(db, &actor, key,
                                         hash_of(unit_pool, "k"), 10),
                     UK_OK);
    ck_assert_int_eq(uk_store_key_by_hash(db, hash_of(unit_pool, "k"),
                                          &by_hash),
                     UK_OK);
    ck_assert_int_eq(uk_store_key_by_id(db, key->id, &by_id), UK_OK);
    ck_assert_str_eq(by_hash->id, key->id);
    ck_assert_str_eq(by_hash->team, "acme");
    ck_assert_str_eq(by_hash->name, key->name);
    ck_assert_str_eq(by_hash->prefix, "uptime_a1b2c3d4");
    ck_assert_str_eq(by_hash->created_by, "olga");
    ck_assert_str_eq(unit_join(by_hash->scopes), "alerts:read,monitors:write");
    ck_assert(by_hash->created_at == NOW);
    ck_assert(by_hash->expires_at == NOW + 1);
    ck_assert(by_hash->last_used_at == UK_INSTANT_NONE);
    ck_assert_str_eq(by_id->id, key->id);
    ck_assert_str_eq(by_id->name, key->name);
    ck_assert(by_id->expires_at == NOW + 1);
}
END_TEST

START_TEST(key_is_stored_in_the_columns_of_the_contract)
{
    uk_key_t *key = create("acme", "k");

    ck_assert_str_eq(
        ask("SELECT typeof(created_at) || ' ' || typeof(expires_at) || ' ' || "
            "typeof(last_used_at) || ' ' || typeof(slot) FROM uptime_keys"),
        "integer null null integer");
    ck_assert_str_eq(ask("SELECT scopes FROM uptime_keys"),
                     "[\"alerts:read\"]");
    ck_assert_str_eq(ask("SELECT key_hash FROM uptime_keys"),
                     hash_of(unit_pool, "k"));
    ck_assert_str_eq(ask("SELECT id FROM uptime_keys"), key->id);
    ck_assert_str_eq(ask("SELECT slot BETWEEN 1 AND 10 FROM uptime_keys"),
                     "1");
}
END_TEST

START_TEST(unknown_key_is_not_found)
{
    uk_key_t *key;

    create("acme", "k");
    key = (void *)&key;
    ck_assert_int_eq(uk_store_key_by_hash(db, hash_of(unit_pool, "x"), &key),
                     UK_NOT_FOUND);
    ck_assert_ptr_null(key);
    key = (void *)&key;
    ck_assert_int_eq(
        uk_store_key_by_id(db, "key_01h455vb4pex5vsknk084sn02q", &key),
        UK_NOT_FOUND);
    ck_assert_ptr_null(key);
}
END_TEST

START_TEST(hash_that_the_database_only_thinks_equal_is_not_found)
{
    uk_key_t *key;

    fake_execute(lender, "DROP TABLE uptime_keys");
    fake_execute(lender,
                 "CREATE TABLE uptime_keys (id, team_id, name, "
                 "key_hash TEXT COLLATE NOCASE, key_prefix, scopes, "
                 "created_at, created_by, last_used_at, expires_at, slot)");
    fake_execute(lender,
                 apr_psprintf(unit_pool,
                              "INSERT INTO uptime_keys (id, key_hash) "
                              "VALUES ('key_A', upper('%s'))",
                              hash_of(unit_pool, "k")));
    ck_assert_int_eq(uk_store_key_by_hash(db, hash_of(unit_pool, "k"), &key),
                     UK_NOT_FOUND);
    ck_assert_ptr_null(key);
}
END_TEST

START_TEST(keys_are_listed_newest_first_and_only_the_team_s)
{
    apr_array_header_t *keys;

    create("acme", "old");
    create("acme", "new");
    create("acme", "middle");
    create("other", "foreign");
    fake_execute(lender, "UPDATE uptime_keys SET created_at = CASE name "
                         "WHEN 'old' THEN 1 WHEN 'middle' THEN 2 ELSE 3 END");
    ck_assert_int_eq(uk_store_keys_of_team(db, "acme", &keys), UK_OK);
    ck_assert_int_eq(keys->nelts, 3);
    ck_assert_str_eq(APR_ARRAY_IDX(keys, 0, uk_key_t *)->name, "new");
    ck_assert_str_eq(APR_ARRAY_IDX(keys, 1, uk_key_t *)->name, "middle");
    ck_assert_str_eq(APR_ARRAY_IDX(keys, 2, uk_key_t *)->name, "old");
    ck_assert_int_eq(uk_store_keys_of_team(db, "nobody", &keys), UK_OK);
    ck_assert_int_eq(keys->nelts, 0);
}
END_TEST

START_TEST(deleted_key_is_gone)
{
    uk_key_t *key = create("acme", "k");

    create("acme", "stays");
    ck_assert_int_eq(uk_store_key_delete(db, &actor, "acme", key->id), UK_OK);
    ck_assert_ptr_null(find("k"));
    ck_assert_ptr_nonnull(find("stays"));
    ck_assert_int_eq(uk_store_key_delete(db, &actor, "acme", key->id),
                     UK_NOT_FOUND);
}
END_TEST

START_TEST(key_of_another_team_is_not_deleted)
{
    uk_key_t *key = create("acme", "k");

    ck_assert_int_eq(uk_store_key_delete(db, &actor, "other", key->id),
                     UK_NOT_FOUND);
    ck_assert_int_eq(uk_store_key_delete(db, &actor, "", key->id),
                     UK_NOT_FOUND);
    ck_assert_int_eq(uk_store_key_delete(db, &actor, "acme",
                                         "' OR '1' = '1"),
                     UK_NOT_FOUND);
    ck_assert_ptr_nonnull(find("k"));
    ck_assert_str_eq(ask("SELECT COUNT(*) FROM uptime_audit "
                         "WHERE action = 'key.delete'"), "0");
    ck_assert_int_eq(uk_store_key_delete(db, &actor, NULL, key->id), UK_OK);
    ck_assert_ptr_null(find("k"));
}
END_TEST

START_TEST(key_of_an_unknown_team_is_not_created)
{
    ck_assert_int_eq(try_create("nobody", "k"), UK_NOT_FOUND);
    ck_assert_str_eq(ask("SELECT COUNT(*) FROM uptime_keys"), "0");
}
END_TEST

START_TEST(hash_cannot_be_there_twice)
{
    create("acme", "k");
    ck_assert_int_eq(try_create("other", "k"), UK_UNAVAILABLE);
    ck_assert_str_eq(db->error,
                     "UNIQUE constraint failed: uptime_keys.key_hash");
    ck_assert_str_eq(ask("SELECT COUNT(*) FROM uptime_keys"), "1");
}
END_TEST

/* --- The limit ------------------------------------------------------------- */

static uk_key_t *fill_team(int count)
{
    uk_key_t *last = NULL;
    int i;

    for (i = 0; i < count; i++) {
        last = create("acme", apr_psprintf(unit_pool, "key %d", i));
    }
    return last;
}

START_TEST(team_has_ten_keys_at_most)
{
    fill_team(10);
    ck_assert_int_eq(try_create("acme", "k"), UK_LIMIT);
    ck_assert_str_eq(ask("SELECT group_concat(slot) FROM (SELECT slot FROM "
                         "uptime_keys ORDER BY slot)"),
                     "1,2,3,4,5,6,7,8,9,10");
    /* The limit is the team's. */
    create("other", "k");
}
END_TEST

START_TEST(freed_slot_is_used_again)
{
    uk_key_t *last = fill_team(10);

    ck_assert_int_eq(uk_store_key_delete(db, &actor, "acme", last->id), UK_OK);
    create("acme", "k");
    ck_assert_int_eq(try_create("acme", "more"), UK_LIMIT);
}
END_TEST

START_TEST(expired_keys_count)
{
    fill_team(10);
    fake_execute(lender, "UPDATE uptime_keys SET expires_at = 1");
    ck_assert_int_eq(try_create("acme", "k"), UK_LIMIT);
}
END_TEST

static const struct {
    const char *slots;      /* that are taken */
    int limit;
    const char *free;       /* that may be filled */
} slot_rows[] = {
    {"", 1, "1"},
    {"", 3, "1,2,3"},
    {"2", 3, "1,3"},
    {"1,2,3", 3, ""},
    {"", 0, ""},
    {"", -7, ""},
    /* Imported over the limit, or made under a higher one. */
    {"1,2,3,4", 3, ""},
    {"4,5,6", 3, ""},
    {"1,2,5", 3, ""},
    {"1,5", 3, "2"},
    {"3,5", 3, "1"},
    {"5,6", 3, "1"},
    {"2,3,4,5,6,7,8,10,15", 10, "1"},
    {"1,2,3,4,5,6,7,10,15", 10, "8"},
    {"10000", 3, "1,2"},
};

START_TEST(only_slots_within_the_limit_are_filled)
{
    apr_array_header_t *seen = unit_names(NULL);
    const char *free = "";
    char *slots = apr_pstrdup(unit_pool, slot_rows[_i].slots), *slot, *state;
    int i, j;

    for (slot = apr_strtok(slots, ",", &state); slot;
         slot = apr_strtok(NULL, ",", &state)) {
        create("acme", slot);
        fake_execute(lender,
                     apr_psprintf(unit_pool,
                                  "UPDATE uptime_keys SET slot = %s + 20000 "
                                  "WHERE name = '%s'", slot, slot));
    }
    fake_execute(lender, "UPDATE uptime_keys SET slot = slot - 20000");
    for (i = 0; i < 40; i++) {
        uk_key_t *key = new_key(unit_pool, "acme", "k");

        if (uk_store_key_create(db, &actor, key, hash_of(unit_pool, "k"),
                                slot_rows[_i].limit) == UK_OK) {
            APR_ARRAY_PUSH(seen, const char *) =
                ask("SELECT slot FROM uptime_keys WHERE name = 'k'");
            ck_assert_int_eq(uk_store_key_delete(db, &actor, "acme", key->id),
                             UK_OK);
        }
    }
    for (i = 1; i <= 10; i++) {
        const char *number = apr_itoa(unit_pool, i);

        for (j = 0; j < seen->nelts; j++) {
            if (strcmp(APR_ARRAY_IDX(seen, j, const char *), number) == 0) {
                free = apr_pstrcat(unit_pool, free, *free ? "," : "", number,
                                   NULL);
                break;
            }
        }
    }
    ck_assert_str_eq(free, slot_rows[_i].free);
}
END_TEST

/* On another server somebody is always a little faster. */
static void overtake(void)
{
    static int count;

    if (++count <= 10) {
        fake_execute(lender,
                     apr_psprintf(unit_pool,
                                  "INSERT INTO uptime_keys VALUES ('fast %d', "
                                  "'acme', %d, 'x', 'hash %d', 'x', '[]', 1, "
                                  "NULL, NULL, NULL)",
                                  count, count, count));
    }
}

START_TEST(loser_of_every_race_hears_of_the_limit)
{
    fake_faults.on_begin = overtake;
    fake_faults.fail_writes = 1000;
    ck_assert_int_eq(try_create("acme", "k"), UK_LIMIT);
    ck_assert_int_eq(fake_faults.begins, 10);
}
END_TEST

START_TEST(database_that_just_fails_is_not_asked_for_ever)
{
    fake_faults.fail_writes = 1000;
    ck_assert_int_eq(uk_store_key_create(db, &actor,
                                         new_key(unit_pool, "acme", "k"),
                                         hash_of(unit_pool, "k"),
                                         UK_KEYS_PER_TEAM_MAX),
                     UK_UNAVAILABLE);
    ck_assert_int_eq(fake_faults.begins, UK_DATABASE_ATTEMPTS);
}
END_TEST

#define CREATORS 8

typedef struct {
    const char *file;
    int number;
    int outcomes[UK_UNAVAILABLE + 1];
} creator_t;

/* A thread with a connection of its own that wants the whole team. */
static void *create_many(void *data)
{
    creator_t *creator = data;
    apr_pool_t *pool;
    uk_database_t *own;
    int i;

    apr_pool_create(&pool, NULL);
    own = fake_database(pool, creator->file, NULL);
    for (i = 0; i < UK_KEYS_PER_TEAM; i++) {
        const char *name = apr_psprintf(pool, "%d of %d", i, creator->number);
        uk_outcome_e outcome = uk_store_key_create(
            own, &actor, new_key(pool, "acme", name), hash_of(pool, name),
            UK_KEYS_PER_TEAM);

        creator->outcomes[outcome]++;
    }
    apr_pool_destroy(pool);
    return NULL;
}

START_TEST(ten_keys_are_made_however_many_want_to)
{
    const char *file = unit_file("race.db");
    creator_t creators[CREATORS];
    pthread_t threads[CREATORS];
    int i, ok = 0, limit = 0;

    db = fake_database_with_schema(unit_pool, file, &lender);
    make_team("acme");
    for (i = 0; i < CREATORS; i++) {
        creators[i] = (creator_t){file, i, {0}};
        ck_assert_int_eq(pthread_create(&threads[i], NULL, create_many,
                                        &creators[i]), 0);
    }
    for (i = 0; i < CREATORS; i++) {
        pthread_join(threads[i], NULL);
        ok += creators[i].outcomes[UK_OK];
        limit += creators[i].outcomes[UK_LIMIT];
    }
    ck_assert_int_eq(ok, UK_KEYS_PER_TEAM);
    ck_assert_int_eq(limit, CREATORS * UK_KEYS_PER_TEAM - UK_KEYS_PER_TEAM);
    ck_assert_str_eq(ask("SELECT COUNT(*) FROM uptime_keys"), "10");
    ck_assert_str_eq(ask("SELECT COUNT(*) FROM uptime_audit "
                         "WHERE action = 'key.create'"), "10");
}
END_TEST

/* --- Last used ------------------------------------------------------------- */

static const struct {
    const char *before;     /* SQL's value */
    apr_int64_t now;        /* from NOW */
    const char *want;       /* from NOW */
} uses[] = {
    {"NULL", 0, "0"},
    {"1795414500000", 0, "0"},
    {"1795414500000", 1, "0"},
    {"1795414500000", MINUTE - 1, "0"},
    {"1795414500000", MINUTE, "60000"},
    {"1795414500000", MINUTE + 1, "60001"},
    {"1795414500000", -1, "0"},
    {"1795414500000", -MINUTE, "0"},
    {"1795414500000", -10 * MINUTE, "0"},
    {"0", 0, "0"},
    /* Numbers, not texts: 9 comes before 1795414500000. */
    {"9", 0, "0"},
};

START_TEST(use_is_noted_once_an_interval_and_never_backwards)
{
    uk_key_t *key = create("acme", "k");

    create("acme", "untouched");
    fake_execute(lender, apr_psprintf(unit_pool,
                                      "UPDATE uptime_keys SET last_used_at "
                                      "= %s WHERE name = 'k'",
                                      uses[_i].before));
    ck_assert_int_eq(uk_store_key_used(db, key->id, NOW + uses[_i].now,
                                       MINUTE), UK_OK);
    ck_assert_str_eq(ask("SELECT last_used_at - 1795414500000 FROM uptime_keys "
                         "WHERE name = 'k'"), uses[_i].want);
    ck_assert_str_eq(ask("SELECT last_used_at FROM uptime_keys "
                         "WHERE name = 'untouched'"), "NULL");
    ck_assert(find("k")->last_used_at
              == NOW + apr_atoi64(uses[_i].want));
}
END_TEST

START_TEST(use_of_a_deleted_key_is_nothing)
{
    ck_assert_int_eq(uk_store_key_used(db, "key_01h455vb4pex5vsknk084sn02q",
                                       NOW, MINUTE), UK_OK);
}
END_TEST

/* --- Rows that we did not write -------------------------------------------- */

static const struct {
    const char *given;      /* SQL's value */
    const char *want;       /* "" grants nothing */
} scope_columns[] = {
    {"'[\"alerts:read\"]'", "alerts:read"},
    {"'[\"alerts:read\",\"x:y\"]'", "alerts:read,x:y"},
    {"'[]'", ""},
    {"''", ""},
    {"'alerts:read'", ""},
    {"'\"alerts:read\"'", ""},
    {"'{\"alerts:read\":true}'", ""},
    {"'[\"alerts:read\",1]'", ""},
    {"'[\"alerts:read\"'", ""},
    {"'[[\"alerts:read\"]]'", ""},
    {"'[\"*\"]'", ""},
    {"'[\"x:y alerts:read\"]'", ""},
    {"'[\"alerts:read\",\"x\\ny\"]'", ""},
    {"0", ""},
    {"x''", ""},
    {"x'ff00'", ""},
};

START_TEST(column_that_is_not_scopes_grants_nothing)
{
    create("acme", "k");
    fake_execute(lender, apr_psprintf(unit_pool,
                                      "UPDATE uptime_keys SET scopes = %s",
                                      scope_columns[_i].given));
    ck_assert_str_eq(unit_join(find("k")->scopes), scope_columns[_i].want);
}
END_TEST

static const struct {
    const char *given;      /* SQL's value */
    int want;               /* 1: expired at NOW */
} expiry_columns[] = {
    {"NULL", 0},
    {"1795414500001", 0},
    {"'1795414500001'", 0},
    {"1795414500000", 1},
    {"1795414499999", 1},
    {"1795414500", 1},
    {"1", 1},
    {"0", 1},
    {"-1", 1},
    {"0.5", 1},
    {"'never'", 1},
    {"'2099-12-31'", 1},
    {"'2099-12-31T00:00:00Z'", 1},
    {"' '", 1},
};

START_TEST(expiry_that_is_no_time_has_passed)
{
    create("acme", "k");
    fake_execute(lender, apr_psprintf(unit_pool,
                                      "UPDATE uptime_keys SET expires_at = %s",
                                      expiry_columns[_i].given));
    ck_assert_int_eq(uk_key_is_expired(find("k"), NOW),
                     expiry_columns[_i].want);
}
END_TEST

/* 0: as SQLite has them; 1: as empty texts. */
START_TEST(nulls_are_no_values)
{
    uk_key_t *key;

    create("acme", "k");
    fake_execute(lender, "UPDATE uptime_keys SET created_by = NULL, "
                         "last_used_at = NULL, expires_at = NULL");
    fake_faults.nulls_are_empty = _i;
    key = find("k");
    ck_assert_ptr_nonnull(key);
    ck_assert(key->last_used_at == UK_INSTANT_NONE);
    ck_assert(key->expires_at == UK_INSTANT_NONE);
    ck_assert(!uk_key_is_expired(key, UK_INSTANT_MAX));
    ck_assert_ptr_null(key->created_by);
}
END_TEST

/* --- Teams and members ----------------------------------------------------- */

START_TEST(teams_are_listed_by_id)
{
    apr_array_header_t *teams;

    make_team("beta");
    ck_assert_int_eq(uk_store_teams(db, &teams), UK_OK);
    ck_assert_int_eq(teams->nelts, 3);
    ck_assert_str_eq(APR_ARRAY_IDX(teams, 0, uk_team_t *)->id, "acme");
    ck_assert_str_eq(APR_ARRAY_IDX(teams, 1, uk_team_t *)->id, "beta");
    ck_assert_str_eq(APR_ARRAY_IDX(teams, 2, uk_team_t *)->id, "other");
    ck_assert_str_eq(APR_ARRAY_IDX(teams, 1, uk_team_t *)->name, "Some team");
    ck_assert(APR_ARRAY_IDX(teams, 1, uk_team_t *)->created_at == NOW);
}
END_TEST

START_TEST(team_cannot_be_made_twice)
{
    uk_team_t team = {"acme", "Another", NOW};

    ck_assert_int_eq(uk_store_team_create(db, &actor, &team, "mallory"),
                     UK_EXISTS);
    ck_assert_str_eq(ask("SELECT name FROM uptime_teams WHERE id = 'acme'"),
                     "Some team");
    ck_assert_str_eq(ask("SELECT COUNT(*) FROM uptime_members"), "0");
}
END_TEST

static uk_outcome_e set_role(const char *team, const char *user,
                             uk_role_e role)
{
    uk_member_t member = {team, user, role};

    return uk_store_member_set(db, &actor, &member);
}

/* "adam admin,olga owner" */
static const char *members_of(const char *team)
{
    apr_array_header_t *members;
    const char *all = "";
    int i;

    ck_assert_int_eq(uk_store_members(db, team, &members), UK_OK);
    for (i = 0; i < members->nelts; i++) {
        const uk_member_t *member = APR_ARRAY_IDX(members, i, uk_member_t *);

        ck_assert_str_eq(member->team, team);
        all = apr_pstrcat(unit_pool, all, i ? "," : "", member->user, " ",
                          uk_role_name(member->role), NULL);
    }
    return all;
}

START_TEST(team_is_made_with_its_owner)
{
    uk_team_t team = {"beta", "Beta", NOW};

    ck_assert_int_eq(uk_store_team_create(db, &actor, &team, "olga"), UK_OK);
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
    /* Who owns it already still may; another team may have another. */
    ck_assert_int_eq(set_role("acme", "olga", UK_ROLE_OWNER), UK_OK);
    ck_assert_int_eq(set_role("other", "adam", UK_ROLE_OWNER), UK_OK);
    ck_assert_int_eq(set_role("acme", "olga", UK_ROLE_MEMBER), UK_OK);
    ck_assert_int_eq(set_role("acme", "adam", UK_ROLE_OWNER), UK_OK);
    ck_assert_str_eq(members_of("acme"), "adam owner,olga member");
}
END_TEST

START_TEST(database_too_knows_of_one_owner)
{
    ck_assert_int_eq(set_role("acme", "olga", UK_ROLE_OWNER), UK_OK);
    fake_execute(lender, "INSERT OR IGNORE INTO uptime_members "
                         "VALUES ('acme', 'adam', 'owner')");
    ck_assert_str_eq(members_of("acme"), "olga owner");
}
END_TEST

START_TEST(members_of_an_unknown_team_are_not_found)
{
    apr_array_header_t *members;

    ck_assert_int_eq(set_role("nobody", "adam", UK_ROLE_ADMIN), UK_NOT_FOUND);
    ck_assert_int_eq(uk_store_members(db, "nobody", &members), UK_NOT_FOUND);
    ck_assert_int_eq(uk_store_member_remove(db, &actor, "nobody", "adam"),
                     UK_NOT_FOUND);
    ck_assert_str_eq(ask("SELECT COUNT(*) FROM uptime_members"), "0");
}
END_TEST

START_TEST(removed_member_is_gone)
{
    ck_assert_int_eq(set_role("acme", "adam", UK_ROLE_ADMIN), UK_OK);
    ck_assert_int_eq(set_role("other", "adam", UK_ROLE_ADMIN), UK_OK);
    ck_assert_int_eq(uk_store_member_remove(db, &actor, "acme", "adam"), UK_OK);
    ck_assert_str_eq(members_of("acme"), "");
    ck_assert_str_eq(members_of("other"), "adam admin");
    ck_assert_int_eq(uk_store_member_remove(db, &actor, "acme", "adam"),
                     UK_NOT_FOUND);
}
END_TEST

START_TEST(deleted_team_takes_its_keys_and_members_along)
{
    create("acme", "k");
    create("other", "stays");
    ck_assert_int_eq(set_role("acme", "olga", UK_ROLE_OWNER), UK_OK);
    ck_assert_int_eq(set_role("other", "olga", UK_ROLE_OWNER), UK_OK);
    ck_assert_int_eq(uk_store_team_delete(db, &actor, "acme"), UK_OK);
    ck_assert_ptr_null(find("k"));
    ck_assert_ptr_nonnull(find("stays"));
    ck_assert_str_eq(ask("SELECT group_concat(team_id) FROM uptime_members"),
                     "other");
    ck_assert_int_eq(uk_store_team_delete(db, &actor, "acme"), UK_NOT_FOUND);
    /* Made again, it has nothing. */
    make_team("acme");
    ck_assert_str_eq(members_of("acme"), "");
}
END_TEST

START_TEST(team_deleted_with_plain_sql_takes_them_along_too)
{
    create("acme", "k");
    ck_assert_int_eq(set_role("acme", "olga", UK_ROLE_OWNER), UK_OK);
    fake_execute(lender, "DELETE FROM uptime_teams WHERE id = 'acme'");
    ck_assert_ptr_null(find("k"));
    ck_assert_str_eq(ask("SELECT COUNT(*) FROM uptime_members"), "0");
}
END_TEST

/* --- Traces ---------------------------------------------------------------- */

static const struct {
    const char *sql;
    const char *want;       /* how far the counter goes */
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

START_TEST(counter_rises_when_a_key_goes_or_changes)
{
    create("acme", "a");
    create("acme", "b");
    ck_assert_str_eq(ask("SELECT counter FROM uptime_changes"), "0");
    fake_execute(lender, changes[_i].sql);
    ck_assert_str_eq(ask("SELECT counter FROM uptime_changes"),
                     changes[_i].want);
}
END_TEST

START_TEST(counter_rises_with_our_own_deletions_and_not_with_uses)
{
    uk_key_t *key = create("acme", "a");

    create("acme", "b");
    ck_assert_int_eq(uk_store_key_used(db, key->id, NOW, MINUTE), UK_OK);
    ck_assert_str_eq(ask("SELECT counter FROM uptime_changes"), "0");
    ck_assert_int_eq(uk_store_key_delete(db, &actor, "acme", key->id), UK_OK);
    ck_assert_str_eq(ask("SELECT counter FROM uptime_changes"), "1");
    ck_assert_int_eq(uk_store_team_delete(db, &actor, "acme"), UK_OK);
    ck_assert_str_eq(ask("SELECT counter FROM uptime_changes"), "2");
}
END_TEST

#define AUDIT                                                                 \
    "SELECT group_concat(at || ' ' || actor || ' ' || source || ' ' || "      \
    "action || ' ' || team_id || ' ' || coalesce(key_id, '-'), '; ') "        \
    "FROM (SELECT * FROM uptime_audit WHERE team_id = 'beta' ORDER BY id)"
#define WHO "1795414500000 olga 192.0.2.7 "

START_TEST(every_change_leaves_one_row)
{
    uk_team_t team = {"beta", "Beta", NOW};
    uk_key_t *key;

    ck_assert_int_eq(uk_store_team_create(db, &actor, &team, "olga"), UK_OK);
    ck_assert_int_eq(uk_store_team_create(db, &actor, &team, "olga"),
                     UK_EXISTS);
    key = create("beta", "k");
    ck_assert_int_eq(uk_store_key_delete(db, &actor, "other", key->id),
                     UK_NOT_FOUND);
    ck_assert_int_eq(uk_store_key_delete(db, &actor, "beta", key->id), UK_OK);
    ck_assert_int_eq(uk_store_key_delete(db, &actor, "beta", key->id),
                     UK_NOT_FOUND);
    ck_assert_int_eq(set_role("beta", "adam", UK_ROLE_ADMIN), UK_OK);
    ck_assert_int_eq(uk_store_member_remove(db, &actor, "beta", "adam"), UK_OK);
    ck_assert_int_eq(uk_store_team_delete(db, &actor, "beta"), UK_OK);
    ck_assert_str_eq(
        ask(AUDIT),
        apr_pstrcat(unit_pool, WHO "team.create beta -; " WHO
                    "key.create beta ", key->id, "; " WHO "key.delete beta ",
                    key->id, "; " WHO "member.set beta -; " WHO
                    "member.remove beta -; " WHO "team.delete beta -", NULL));
}
END_TEST

START_TEST(nothing_is_created_or_deleted_without_its_row)
{
    uk_key_t *key = create("acme", "k");

    fake_execute(lender, "DROP TABLE uptime_audit");
    ck_assert_int_eq(try_create("acme", "another"), UK_UNAVAILABLE);
    ck_assert_int_eq(uk_store_key_delete(db, &actor, "acme", key->id),
                     UK_UNAVAILABLE);
    ck_assert_int_eq(uk_store_team_delete(db, &actor, "acme"), UK_UNAVAILABLE);
    ck_assert_int_eq(set_role("acme", "adam", UK_ROLE_ADMIN), UK_UNAVAILABLE);
    ck_assert_str_eq(ask("SELECT group_concat(name) FROM uptime_keys"), "k");
    ck_assert_str_eq(ask("SELECT group_concat(id) FROM uptime_teams"),
                     "acme,other");
    ck_assert_str_eq(members_of("acme"), "");
}
END_TEST

START_TEST(database_without_tables_gives_no_answer)
{
    uk_database_t *empty = fake_database(unit_pool, ":memory:", &lender);
    apr_array_header_t *list;
    uk_key_t *key;

    ck_assert_int_eq(uk_store_key_by_hash(empty, hash_of(unit_pool, "k"),
                                          &key), UK_UNAVAILABLE);
    ck_assert_ptr_null(key);
    ck_assert_int_eq(uk_store_key_by_id(empty, "key_", &key), UK_UNAVAILABLE);
    ck_assert_int_eq(uk_store_keys_of_team(empty, "acme", &list),
                     UK_UNAVAILABLE);
    ck_assert_int_eq(list->nelts, 0);
    ck_assert_int_eq(uk_store_teams(empty, &list), UK_UNAVAILABLE);
    ck_assert_int_eq(uk_store_members(empty, "acme", &list), UK_UNAVAILABLE);
    ck_assert_int_eq(uk_store_key_used(empty, "key_", NOW, MINUTE),
                     UK_UNAVAILABLE);
    ck_assert_str_eq(empty->error, "no such table: uptime_keys");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("store");
    TCase *keys = unit_case(suite, "keys");
    TCase *limit = unit_case(suite, "limit");
    TCase *used = unit_case(suite, "used");
    TCase *rows = unit_case(suite, "rows");
    TCase *teams = unit_case(suite, "teams");
    TCase *traces = unit_case(suite, "traces");
    TCase *const all[] = {keys, limit, used, rows, teams, traces};
    int i;

    for (i = 0; i < UNIT_COUNT(all); i++) {
        tcase_add_checked_fixture(all[i], set_up_store, check_loans);
    }
    tcase_add_test(keys, created_key_is_found_with_all_its_fields);
    tcase_add_test(keys, key_is_stored_in_the_columns_of_the_contract);
    tcase_add_test(keys, unknown_key_is_not_found);
    tcase_add_test(keys, hash_that_the_database_only_thinks_equal_is_not_found);
    tcase_add_test(keys, keys_are_listed_newest_first_and_only_the_team_s);
    tcase_add_test(keys, deleted_key_is_gone);
    tcase_add_test(keys, key_of_another_team_is_not_deleted);
    tcase_add_test(keys, key_of_an_unknown_team_is_not_created);
    tcase_add_test(keys, hash_cannot_be_there_twice);
    tcase_add_test(limit, team_has_ten_keys_at_most);
    tcase_add_test(limit, freed_slot_is_used_again);
    tcase_add_test(limit, expired_keys_count);
    tcase_add_loop_test(limit, only_slots_within_the_limit_are_filled, 0,
                        UNIT_COUNT(slot_rows));
    tcase_add_test(limit, loser_of_every_race_hears_of_the_limit);
    tcase_add_test(limit, database_that_just_fails_is_not_asked_for_ever);
    tcase_add_test(limit, ten_keys_are_made_however_many_want_to);
    tcase_add_loop_test(used, use_is_noted_once_an_interval_and_never_backwards,
                        0, UNIT_COUNT(uses));
    tcase_add_test(used, use_of_a_deleted_key_is_nothing);
    tcase_add_loop_test(rows, column_that_is_not_scopes_grants_nothing, 0,
                        UNIT_COUNT(scope_columns));
    tcase_add_loop_test(rows, expiry_that_is_no_time_has_passed, 0,
                        UNIT_COUNT(expiry_columns));
    tcase_add_loop_test(rows, nulls_are_no_values, 0, 2);
    tcase_add_test(teams, teams_are_listed_by_id);
    tcase_add_test(teams, team_cannot_be_made_twice);
    tcase_add_test(teams, team_is_made_with_its_owner);
    tcase_add_test(teams, members_have_one_role_each);
    tcase_add_test(teams, team_has_one_owner);
    tcase_add_test(teams, database_too_knows_of_one_owner);
    tcase_add_test(teams, members_of_an_unknown_team_are_not_found);
    tcase_add_test(teams, removed_member_is_gone);
    tcase_add_test(teams, deleted_team_takes_its_keys_and_members_along);
    tcase_add_test(teams, team_deleted_with_plain_sql_takes_them_along_too);
    tcase_add_loop_test(traces, counter_rises_when_a_key_goes_or_changes, 0,
                        UNIT_COUNT(changes));
    tcase_add_test(traces,
                   counter_rises_with_our_own_deletions_and_not_with_uses);
    tcase_add_test(traces, every_change_leaves_one_row);
    tcase_add_test(traces, nothing_is_created_or_deleted_without_its_row);
    tcase_add_test(traces, database_without_tables_gives_no_answer);
    return unit_run(suite);
}
