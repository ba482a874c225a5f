/* SPDX-License-Identifier: Apache-2.0 */
/* Keys, teams and members in the database. */
#include "core/store.h"

#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#include "core/store_sql.h"

/* A read that yields rows, for uk_database_run(). */
typedef struct {
    uk_sql_e sql;
    const char **args;
    apr_array_header_t *rows;
} select_t;

static uk_outcome_e select_work(uk_connection_t *connection, apr_pool_t *pool,
                                void *baton)
{
    select_t *select = baton;

    return uk_connection_select(connection, pool, &uk_sql[select->sql],
                                select->args, &select->rows)
               ? UK_UNAVAILABLE
               : UK_OK;
}

static uk_outcome_e select_rows(uk_database_t *db, uk_sql_e sql,
                                const char **args, apr_array_header_t **rows)
{
    select_t select = {sql, args, NULL};
    uk_outcome_e outcome = uk_database_run(db, select_work, &select);

    *rows = select.rows;
    return outcome;
}

/* A row count of one statement: found or not. */
static uk_outcome_e write_row(uk_connection_t *connection, apr_pool_t *pool,
                              uk_sql_e sql, const char **args)
{
    int changed;

    if (uk_connection_write(connection, pool, &uk_sql[sql], args, &changed)) {
        return UK_UNAVAILABLE;
    }
    return changed ? UK_OK : UK_NOT_FOUND;
}

static const char *text_of(apr_pool_t *pool, apr_int64_t number)
{
    return apr_psprintf(pool, "%" APR_INT64_T_FMT, number);
}

static const char *text_or_null(apr_pool_t *pool, uk_instant_t instant)
{
    return instant == UK_INSTANT_NONE ? NULL : text_of(pool, instant);
}

/* SQL's NULL reaches us as NULL or, from some drivers, as "". */
static int is_null(const char *text)
{
    return !text || !*text;
}

static uk_instant_t instant_of(const char *text)
{
    return is_null(text) ? UK_INSTANT_NONE : (uk_instant_t)apr_atoi64(text);
}

/* What is there but is no time counts as passed: a slip in somebody's SQL must
 * not let a key live for ever. */
static uk_instant_t expiry_of(const char *text)
{
    uk_instant_t instant = instant_of(text);

    return !is_null(text) && instant == UK_INSTANT_NONE ? 1 : instant;
}

/* A column that is not what we write grants nothing, also where one of its
 * names would read as several in a list. */
static apr_array_header_t *scopes_of(apr_pool_t *pool, const char *text)
{
    apr_array_header_t *names = text ? uk_json_read_names(pool, text) : NULL;
    int i;

    for (i = 0; names && i < names->nelts; i++) {
        if (!uk_scope_name_is_valid(APR_ARRAY_IDX(names, i, const char *))) {
            names = NULL;
        }
    }
    return names ? names : apr_array_make(pool, 0, sizeof(char *));
}

static const char *only_row(const apr_array_header_t *rows, int column)
{
    return APR_ARRAY_IDX(rows, 0, const char **)[column];
}

static uk_key_t *key_of(apr_pool_t *pool, const char **row)
{
    uk_key_t *key = apr_pcalloc(pool, sizeof(*key));

    key->id = row[UK_COLUMN_ID];
    key->team = row[UK_COLUMN_TEAM];
    key->name = row[UK_COLUMN_NAME];
    key->prefix = row[UK_COLUMN_PREFIX];
    if (!is_null(row[UK_COLUMN_CREATED_BY])) {
        key->created_by = row[UK_COLUMN_CREATED_BY];
    }
    key->scopes = scopes_of(pool, row[UK_COLUMN_SCOPES]);
    key->created_at = instant_of(row[UK_COLUMN_CREATED_AT]);
    key->last_used_at = instant_of(row[UK_COLUMN_LAST_USED_AT]);
    key->expires_at = expiry_of(row[UK_COLUMN_EXPIRES_AT]);
    return key;
}

uk_outcome_e uk_store_key_by_hash(uk_database_t *db,
                                  const char hash[UK_HASH_LEN + 1],
                                  uk_key_t **key)
{
    apr_array_header_t *rows;
    uk_outcome_e outcome =
        select_rows(db, UK_SQL_KEY_BY_HASH, (const char *[]){hash}, &rows);

    *key = NULL;
    if (outcome != UK_OK) {
        return outcome;
    }
    /* A database may think that other texts are equal: letter case, spaces. */
    if (rows->nelts != 1
        || strlen(only_row(rows, UK_COLUMN_HASH)) != UK_HASH_LEN
        || !uk_secret_equal(only_row(rows, UK_COLUMN_HASH), hash,
                            UK_HASH_LEN)) {
        return UK_NOT_FOUND;
    }
    *key = key_of(db->pool, APR_ARRAY_IDX(rows, 0, const char **));
    return UK_OK;
}

uk_outcome_e uk_store_key_by_id(uk_database_t *db, const char *id,
                                uk_key_t **key)
{
    apr_array_header_t *rows;
    uk_outcome_e outcome =
        select_rows(db, UK_SQL_KEY_BY_ID, (const char *[]){id}, &rows);

    *key = NULL;
    if (outcome != UK_OK) {
        return outcome;
    }
    if (rows->nelts != 1 || strcmp(only_row(rows, UK_COLUMN_ID), id) != 0) {
        return UK_NOT_FOUND;
    }
    *key = key_of(db->pool, APR_ARRAY_IDX(rows, 0, const char **));
    return UK_OK;
}

uk_outcome_e uk_store_keys_of_team(uk_database_t *db, const char *team,
                                   apr_array_header_t **keys)
{
    apr_array_header_t *rows;
    uk_outcome_e outcome =
        select_rows(db, UK_SQL_KEYS_OF_TEAM, (const char *[]){team}, &rows);
    int i;

    *keys = apr_array_make(db->pool, 10, sizeof(uk_key_t *));
    for (i = 0; outcome == UK_OK && i < rows->nelts; i++) {
        APR_ARRAY_PUSH(*keys, uk_key_t *) =
            key_of(db->pool, APR_ARRAY_IDX(rows, i, const char **));
    }
    return outcome;
}

static uk_outcome_e require_team(uk_connection_t *connection, apr_pool_t *pool,
                                 const char *team)
{
    apr_array_header_t *rows;

    if (uk_connection_select(connection, pool, &uk_sql[UK_SQL_TEAM_BY_ID],
                             (const char *[]){team}, &rows)) {
        return UK_UNAVAILABLE;
    }
    return rows->nelts == 1 ? UK_OK : UK_NOT_FOUND;
}

static uk_outcome_e audit(uk_connection_t *connection, apr_pool_t *pool,
                          const uk_actor_t *actor, const char *action,
                          const char *team, const char *key)
{
    return write_row(connection, pool, UK_SQL_AUDIT_INSERT,
                     (const char *[]){text_of(pool, actor->now), actor->who,
                                      actor->from, action, team, key});
}

/* The last slot that may be filled. A key beyond it, imported over the limit,
 * costs one more: else two creators who meet could fill two slots where the
 * team has but one key to go. */
static int last_slot(const char *taken, int beyond, int limit)
{
    int last;

    for (last = limit; last > 0 && last + beyond > limit; last--) {
        beyond += taken[last];
    }
    return last;
}

/* A free slot, at random among them so that creators who meet do not all want
 * the same one; 0 where none is free. */
static int free_slot(apr_pool_t *pool, const apr_array_header_t *rows,
                     int limit)
{
    char *taken = apr_pcalloc(pool, (apr_size_t)limit + 1);
    apr_uint32_t start;
    int beyond = 0;
    int i;

    for (i = 0; i < rows->nelts; i++) {
        int slot = atoi(APR_ARRAY_IDX(rows, i, const char **)[0]);

        if (slot >= 1 && slot <= limit) {
            taken[slot] = 1;
        }
        else {
            beyond++;
        }
    }
    limit = last_slot(taken, beyond, limit);
    uk_secret_random(&start, sizeof(start));
    for (i = 0; i < limit; i++) {
        int slot = (int)((start + (apr_uint32_t)i) % (apr_uint32_t)limit) + 1;

        if (!taken[slot]) {
            return slot;
        }
    }
    return 0;
}

typedef struct {
    const uk_actor_t *actor;
    uk_key_t *key;
    const char *hash;
    int limit;
    int keys;       /* that the team had when we last looked, -1 before that */
    int overtaken;  /* 1 where it had more than the time before */
} create_t;

static uk_outcome_e insert_key(uk_connection_t *connection, apr_pool_t *pool,
                               const create_t *create, int slot)
{
    const uk_key_t *key = create->key;

    return write_row(
        connection, pool, UK_SQL_KEY_INSERT,
        (const char *[]){key->id, key->team, key->name, create->hash,
                         key->prefix, uk_json_write_names(pool, key->scopes),
                         text_of(pool, key->created_at), key->created_by,
                         text_or_null(pool, key->last_used_at),
                         text_or_null(pool, key->expires_at),
                         text_of(pool, slot)});
}

static uk_outcome_e create_work(uk_connection_t *connection, apr_pool_t *pool,
                                void *baton)
{
    create_t *create = baton;
    const uk_key_t *key = create->key;
    apr_array_header_t *rows;
    uk_outcome_e outcome = require_team(connection, pool, key->team);
    int slot;

    if (outcome != UK_OK) {
        return outcome;
    }
    if (uk_connection_select(connection, pool, &uk_sql[UK_SQL_SLOTS_OF_TEAM],
                             (const char *[]){key->team}, &rows)) {
        return UK_UNAVAILABLE;
    }
    create->overtaken |= create->keys >= 0 && rows->nelts > create->keys;
    create->keys = rows->nelts;
    slot = rows->nelts < create->limit ? free_slot(pool, rows, create->limit)
                                       : 0;
    if (!slot) {
        return UK_LIMIT;
    }
    outcome = insert_key(connection, pool, create, slot);
    return outcome == UK_OK ? audit(connection, pool, create->actor,
                                    "key.create", key->team, key->id)
                            : outcome;
}

uk_outcome_e uk_store_key_create(uk_database_t *db, const uk_actor_t *actor,
                                 uk_key_t *key,
                                 const char hash[UK_HASH_LEN + 1], int limit)
{
    create_t create = {actor, key, hash, limit, -1, 0};
    uk_outcome_e outcome;

    key->created_at = actor->now;
    key->created_by = actor->who;
    /* Whoever loses the race for a slot fails at the unique index, looks again
     * and finds one slot less: after as many losses none is left. A database
     * that fails without a race is not asked so often. */
    do {
        create.overtaken = 0;
        outcome = uk_database_transact(db, UK_DATABASE_ATTEMPTS, create_work,
                                       &create);
    } while (outcome == UK_UNAVAILABLE && create.overtaken);
    return outcome;
}

typedef struct {
    const uk_actor_t *actor;
    const char *team;
    const char *subject;    /* key or user */
} change_t;

static uk_outcome_e delete_work(uk_connection_t *connection, apr_pool_t *pool,
                                void *baton)
{
    const change_t *change = baton;
    apr_array_header_t *rows;
    uk_outcome_e outcome;
    const char *team;

    if (uk_connection_select(connection, pool, &uk_sql[UK_SQL_KEY_BY_ID],
                             (const char *[]){change->subject}, &rows)) {
        return UK_UNAVAILABLE;
    }
    if (rows->nelts != 1) {
        return UK_NOT_FOUND;
    }
    team = only_row(rows, UK_COLUMN_TEAM);
    if (change->team && strcmp(change->team, team) != 0) {
        return UK_NOT_FOUND;
    }
    outcome = write_row(connection, pool, UK_SQL_KEY_DELETE,
                        (const char *[]){change->subject});
    return outcome == UK_OK ? audit(connection, pool, change->actor,
                                    "key.delete", team, change->subject)
                            : outcome;
}

uk_outcome_e uk_store_key_delete(uk_database_t *db, const uk_actor_t *actor,
                                 const char *team, const char *id)
{
    change_t change = {actor, team, id};

    return uk_database_transact(db, UK_DATABASE_ATTEMPTS, delete_work,
                                &change);
}

typedef struct {
    const char *id;
    uk_instant_t now, interval;
} use_t;

static uk_outcome_e use_work(uk_connection_t *connection, apr_pool_t *pool,
                             void *baton)
{
    const use_t *use = baton;

    return write_row(connection, pool, UK_SQL_KEY_USED,
                     (const char *[]){text_of(pool, use->now), use->id,
                                      text_of(pool,
                                              use->now - use->interval)});
}

uk_outcome_e uk_store_key_used(uk_database_t *db, const char *id,
                               uk_instant_t now, uk_instant_t interval)
{
    use_t use = {id, now, interval};
    uk_outcome_e outcome = uk_database_run(db, use_work, &use);

    return outcome == UK_NOT_FOUND ? UK_OK : outcome;
}

uk_outcome_e uk_store_teams(uk_database_t *db, apr_array_header_t **teams)
{
    apr_array_header_t *rows;
    uk_outcome_e outcome = select_rows(db, UK_SQL_TEAMS, NULL, &rows);
    int i;

    *teams = apr_array_make(db->pool, 8, sizeof(uk_team_t *));
    for (i = 0; outcome == UK_OK && i < rows->nelts; i++) {
        const char **row = APR_ARRAY_IDX(rows, i, const char **);
        uk_team_t *team = apr_palloc(db->pool, sizeof(*team));

        *team = (uk_team_t){row[0], row[1], instant_of(row[2])};
        APR_ARRAY_PUSH(*teams, uk_team_t *) = team;
    }
    return outcome;
}

typedef struct {
    const uk_actor_t *actor;
    const uk_team_t *team;
    const char *owner;
} found_t;

static uk_outcome_e insert_member(uk_connection_t *connection,
                                  apr_pool_t *pool, const char *team,
                                  const char *user, uk_role_e role)
{
    return write_row(connection, pool, UK_SQL_MEMBER_INSERT,
                     (const char *[]){team, user, uk_role_name(role)});
}

static uk_outcome_e team_create_work(uk_connection_t *connection,
                                     apr_pool_t *pool, void *baton)
{
    const found_t *found = baton;
    const uk_team_t *team = found->team;
    uk_outcome_e outcome = require_team(connection, pool, team->id);

    if (outcome != UK_NOT_FOUND) {
        return outcome == UK_OK ? UK_EXISTS : outcome;
    }
    outcome = write_row(connection, pool, UK_SQL_TEAM_INSERT,
                        (const char *[]){team->id, team->name,
                                         text_of(pool, team->created_at)});
    if (outcome == UK_OK && found->owner) {
        outcome = insert_member(connection, pool, team->id, found->owner,
                                UK_ROLE_OWNER);
    }
    return outcome == UK_OK ? audit(connection, pool, found->actor,
                                    "team.create", team->id, NULL)
                            : outcome;
}

uk_outcome_e uk_store_team_create(uk_database_t *db, const uk_actor_t *actor,
                                  const uk_team_t *team, const char *owner)
{
    found_t found = {actor, team, owner};

    return uk_database_transact(db, UK_DATABASE_ATTEMPTS, team_create_work,
                                &found);
}

/* Not left to the schema's cascade: MariaDB fires no triggers for it. */
static uk_outcome_e team_delete_work(uk_connection_t *connection,
                                     apr_pool_t *pool, void *baton)
{
    const change_t *change = baton;
    const char *team[] = {change->subject};
    uk_outcome_e outcome;

    if (write_row(connection, pool, UK_SQL_KEYS_OF_TEAM_DELETE, team)
            == UK_UNAVAILABLE
        || write_row(connection, pool, UK_SQL_MEMBERS_OF_TEAM_DELETE, team)
               == UK_UNAVAILABLE) {
        return UK_UNAVAILABLE;
    }
    outcome = write_row(connection, pool, UK_SQL_TEAM_DELETE, team);
    return outcome == UK_OK ? audit(connection, pool, change->actor,
                                    "team.delete", change->subject, NULL)
                            : outcome;
}

uk_outcome_e uk_store_team_delete(uk_database_t *db, const uk_actor_t *actor,
                                  const char *id)
{
    change_t change = {actor, NULL, id};

    return uk_database_transact(db, UK_DATABASE_ATTEMPTS, team_delete_work,
                                &change);
}

static uk_outcome_e select_members(uk_connection_t *connection,
                                   apr_pool_t *pool, const char *team,
                                   apr_array_header_t **rows)
{
    uk_outcome_e outcome = require_team(connection, pool, team);

    if (outcome != UK_OK) {
        return outcome;
    }
    return uk_connection_select(connection, pool,
                                &uk_sql[UK_SQL_MEMBERS_OF_TEAM],
                                (const char *[]){team}, rows)
               ? UK_UNAVAILABLE
               : UK_OK;
}

typedef struct {
    const char *team;
    apr_array_header_t *rows;
} members_t;

static uk_outcome_e members_work(uk_connection_t *connection, apr_pool_t *pool,
                                 void *baton)
{
    members_t *members = baton;

    return select_members(connection, pool, members->team, &members->rows);
}

/* All of the rows, or those of one user alone: a database may think that other
 * names are equal to his. */
static apr_array_header_t *members_of(apr_pool_t *pool,
                                      const apr_array_header_t *rows,
                                      const char *user)
{
    apr_array_header_t *members =
        apr_array_make(pool, rows->nelts, sizeof(uk_member_t *));
    int i;

    for (i = 0; i < rows->nelts; i++) {
        const char **row = APR_ARRAY_IDX(rows, i, const char **);
        uk_member_t *member;

        if (user && strcmp(row[1], user) != 0) {
            continue;
        }
        member = apr_palloc(pool, sizeof(*member));
        *member = (uk_member_t){row[0], row[1], uk_role_parse(row[2])};
        APR_ARRAY_PUSH(members, uk_member_t *) = member;
    }
    return members;
}

uk_outcome_e uk_store_members(uk_database_t *db, const char *team,
                              apr_array_header_t **members)
{
    members_t found = {team, NULL};
    uk_outcome_e outcome = uk_database_run(db, members_work, &found);

    *members = outcome == UK_OK ? members_of(db->pool, found.rows, NULL) : NULL;
    return outcome;
}

uk_outcome_e uk_store_teams_of_user(uk_database_t *db, const char *user,
                                    apr_array_header_t **members)
{
    apr_array_header_t *rows;
    uk_outcome_e outcome =
        select_rows(db, UK_SQL_TEAMS_OF_USER, (const char *[]){user}, &rows);

    *members = outcome == UK_OK ? members_of(db->pool, rows, user) : NULL;
    return outcome;
}

/* 1 where somebody else owns the team. */
static int is_owned_by_other(const apr_array_header_t *rows, const char *user)
{
    int i;

    for (i = 0; i < rows->nelts; i++) {
        const char **row = APR_ARRAY_IDX(rows, i, const char **);

        if (uk_role_parse(row[2]) == UK_ROLE_OWNER
            && strcmp(row[1], user) != 0) {
            return 1;
        }
    }
    return 0;
}

typedef struct {
    const uk_actor_t *actor;
    const uk_member_t *member;
} member_change_t;

static uk_outcome_e member_set_work(uk_connection_t *connection,
                                    apr_pool_t *pool, void *baton)
{
    const member_change_t *change = baton;
    const uk_member_t *member = change->member;
    apr_array_header_t *rows;
    uk_outcome_e outcome =
        select_members(connection, pool, member->team, &rows);

    if (outcome != UK_OK) {
        return outcome;
    }
    if (member->role == UK_ROLE_OWNER
        && is_owned_by_other(rows, member->user)) {
        return UK_EXISTS;
    }
    if (write_row(connection, pool, UK_SQL_MEMBER_DELETE,
                  (const char *[]){member->team, member->user})
        == UK_UNAVAILABLE) {
        return UK_UNAVAILABLE;
    }
    outcome = insert_member(connection, pool, member->team, member->user,
                            member->role);
    return outcome == UK_OK ? audit(connection, pool, change->actor,
                                    "member.set", member->team, NULL)
                            : outcome;
}

uk_outcome_e uk_store_member_set(uk_database_t *db, const uk_actor_t *actor,
                                 const uk_member_t *member)
{
    member_change_t change = {actor, member};

    return uk_database_transact(db, UK_DATABASE_ATTEMPTS, member_set_work,
                                &change);
}

static uk_outcome_e member_remove_work(uk_connection_t *connection,
                                       apr_pool_t *pool, void *baton)
{
    const change_t *change = baton;
    uk_outcome_e outcome =
        write_row(connection, pool, UK_SQL_MEMBER_DELETE,
                  (const char *[]){change->team, change->subject});

    return outcome == UK_OK ? audit(connection, pool, change->actor,
                                    "member.remove", change->team, NULL)
                            : outcome;
}

uk_outcome_e uk_store_member_remove(uk_database_t *db, const uk_actor_t *actor,
                                    const char *team, const char *user)
{
    change_t change = {actor, team, user};

    return uk_database_transact(db, UK_DATABASE_ATTEMPTS, member_remove_work,
                                &change);
}
