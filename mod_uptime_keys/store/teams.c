/* SPDX-License-Identifier: Apache-2.0 */
/* uptime_teams and uptime_members. */
#include "store/teams.h"

#include <string.h>

#include "core/json_values.h"
#include "store/rows.h"

typedef struct {
    const uk_actor_t *actor;
    const char *team;    /* NULL if it is the subject */
    const char *subject; /* id of a team, or user name */
} change_t;

uk_outcome_e uk_store_teams(uk_database_t *db, apr_array_header_t **teams)
{
    apr_array_header_t *rows;
    uk_outcome_e outcome = uk_rows_select(db, UK_SQL_TEAMS, NULL, &rows);
    int i;

    *teams = apr_array_make(db->pool, 8, sizeof(uk_team_t *));
    for (i = 0; outcome == UK_OK && i < rows->nelts; i++) {
        const char **row = APR_ARRAY_IDX(rows, i, const char **);
        uk_team_t *team = apr_palloc(db->pool, sizeof(*team));

        *team = (uk_team_t){row[0], row[1], uk_row_instant(row[2])};
        APR_ARRAY_PUSH(*teams, uk_team_t *) = team;
    }
    return outcome;
}

typedef struct {
    const uk_actor_t *actor;
    const uk_team_t *team;
    const char *owner; /* or NULL */
} creation_t;

static uk_outcome_e insert_member(uk_connection_t *connection, apr_pool_t *pool,
                                  const char *team, const char *user,
                                  uk_role_e role)
{
    return uk_row_write(connection, pool, UK_SQL_MEMBER_INSERT,
                        (const char *[]){team, user, uk_role_name(role)});
}

static uk_outcome_e add_creation(uk_connection_t *connection, apr_pool_t *pool,
                                 const creation_t *creation)
{
    const uk_team_t *team = creation->team;

    return uk_audit_add(
        connection, pool, creation->actor, "team.create", team->id,
        uk_json_dump(pool, json_pack("{s:s, s:s?}", "name", team->name, "owner",
                                     creation->owner)));
}

static uk_outcome_e team_create_work(uk_connection_t *connection,
                                     apr_pool_t *pool, void *baton)
{
    const creation_t *creation = baton;
    const uk_team_t *team = creation->team;
    uk_outcome_e outcome = uk_row_require_team(connection, pool, team->id);

    if (outcome != UK_NOT_FOUND) {
        return outcome == UK_OK ? UK_EXISTS : outcome;
    }
    outcome =
        uk_row_write(connection, pool, UK_SQL_TEAM_INSERT,
                     (const char *[]){team->id, team->name,
                                      uk_row_number(pool, team->created_at)});
    if (outcome == UK_OK && creation->owner) {
        outcome = insert_member(connection, pool, team->id, creation->owner,
                                UK_ROLE_OWNER);
    }
    return outcome == UK_OK ? add_creation(connection, pool, creation)
                            : outcome;
}

uk_outcome_e uk_store_team_create(uk_database_t *db, const uk_actor_t *actor,
                                  const uk_team_t *team, const char *owner)
{
    creation_t creation = {actor, team, owner};

    return uk_database_transact(db, UK_DATABASE_ATTEMPTS, team_create_work,
                                &creation);
}

/* Keys and members are not left to ON DELETE CASCADE, for which MariaDB fires
 * no triggers. */
static uk_outcome_e team_delete_work(uk_connection_t *connection,
                                     apr_pool_t *pool, void *baton)
{
    const change_t *change = baton;
    const char *team[] = {change->subject};
    uk_outcome_e outcome = uk_row_require_team(connection, pool, *team);

    if (outcome != UK_OK) {
        return outcome;
    }
    if (uk_audit_add_keys_of_team(connection, pool, change->actor, *team)
            == UK_UNAVAILABLE
        || uk_row_write(connection, pool, UK_SQL_KEYS_OF_TEAM_DELETE, team)
               == UK_UNAVAILABLE
        || uk_row_write(connection, pool, UK_SQL_MEMBERS_OF_TEAM_DELETE, team)
               == UK_UNAVAILABLE) {
        return UK_UNAVAILABLE;
    }
    outcome = uk_row_write(connection, pool, UK_SQL_TEAM_DELETE, team);
    return outcome == UK_OK ? uk_audit_add(connection, pool, change->actor,
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
    uk_outcome_e outcome = uk_row_require_team(connection, pool, team);

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

/* Read members from all rows or, unless user is NULL, from the rows with
 * exactly this name: the database may find other names equal. */
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
        uk_rows_select(db, UK_SQL_TEAMS_OF_USER, (const char *[]){user}, &rows);

    *members = outcome == UK_OK ? members_of(db->pool, rows, user) : NULL;
    return outcome;
}

/* @return the role that a user has; UK_ROLE_NONE: is no member */
static uk_role_e find_role(const apr_array_header_t *rows, const char *user)
{
    int i;

    for (i = 0; i < rows->nelts; i++) {
        const char **row = APR_ARRAY_IDX(rows, i, const char **);

        if (strcmp(row[1], user) == 0) {
            return uk_role_parse(row[2]);
        }
    }
    return UK_ROLE_NONE;
}

/* @return 1 if another user owns the team, else 0 */
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

static uk_outcome_e add_member(uk_connection_t *connection, apr_pool_t *pool,
                               const member_change_t *change, uk_role_e old)
{
    const uk_member_t *member = change->member;
    json_t *detail = json_pack("{s:s, s:s}", "user", member->user, "role",
                               uk_role_name(member->role));

    if (old != UK_ROLE_NONE) {
        json_object_set_new(detail, "oldRole",
                            uk_json_string(uk_role_name(old)));
    }
    return uk_audit_add(connection, pool, change->actor, "member.set",
                        member->team, uk_json_dump(pool, detail));
}

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
    if (uk_row_write(connection, pool, UK_SQL_MEMBER_DELETE,
                     (const char *[]){member->team, member->user})
        == UK_UNAVAILABLE) {
        return UK_UNAVAILABLE;
    }
    outcome = insert_member(connection, pool, member->team, member->user,
                            member->role);
    return outcome == UK_OK ? add_member(connection, pool, change,
                                         find_role(rows, member->user))
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
        uk_row_write(connection, pool, UK_SQL_MEMBER_DELETE,
                     (const char *[]){change->team, change->subject});

    return outcome == UK_OK ? uk_audit_add(
               connection, pool, change->actor, "member.remove", change->team,
               uk_json_dump(pool, json_pack("{s:s}", "user", change->subject)))
                            : outcome;
}

uk_outcome_e uk_store_member_remove(uk_database_t *db, const uk_actor_t *actor,
                                    const char *team, const char *user)
{
    change_t change = {actor, team, user};

    return uk_database_transact(db, UK_DATABASE_ATTEMPTS, member_remove_work,
                                &change);
}
