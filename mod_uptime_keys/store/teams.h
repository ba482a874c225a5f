/* SPDX-License-Identifier: Apache-2.0 */
/* uptime_teams and uptime_members.
 *
 * Every function may also return UK_UNAVAILABLE, with db->error: the database
 * is unavailable. Results live in db->pool. Each change adds an audit row. */
#ifndef UK_STORE_TEAMS_H
#define UK_STORE_TEAMS_H

#include "core/team.h"
#include "db/database.h"
#include "store/audit.h"

/** List all teams as uk_team_t *s, sorted by id. @return UK_OK; otherwise the
 *  array is empty */
uk_outcome_e uk_store_teams(uk_database_t *db, apr_array_header_t **teams)
    __attribute__((warn_unused_result));

/**
 * Create a team.
 *
 * @param team  complete: with created_at
 * @param owner name of the user who owns it; NULL: no owner yet
 * @return UK_OK, UK_EXISTS
 */
uk_outcome_e uk_store_team_create(uk_database_t *db, const uk_actor_t *actor,
                                  const uk_team_t *team, const char *owner)
    __attribute__((warn_unused_result));

/** Delete a team with its keys and members. Servers may still use cached
 *  entries of the keys: see uk_revoke_team(). @return UK_OK, UK_NOT_FOUND */
uk_outcome_e uk_store_team_delete(uk_database_t *db, const uk_actor_t *actor,
                                  const char *id)
    __attribute__((warn_unused_result));

/** List the members of a team as uk_member_t *s, sorted by user name. @return
 *  UK_OK; UK_NOT_FOUND: no such team; *members is NULL unless UK_OK */
uk_outcome_e uk_store_members(uk_database_t *db, const char *team,
                              apr_array_header_t **members)
    __attribute__((warn_unused_result));

/** List the memberships of a user as uk_member_t *s, sorted by team. @return
 *  UK_OK; *members is NULL otherwise */
uk_outcome_e uk_store_teams_of_user(uk_database_t *db, const char *user,
                                    apr_array_header_t **members)
    __attribute__((warn_unused_result));

/**
 * Give a user a role in a team, in place of the role that the user had.
 *
 * @return UK_OK; UK_NOT_FOUND: no such team; UK_EXISTS: the team has another
 *         owner
 */
uk_outcome_e uk_store_member_set(uk_database_t *db, const uk_actor_t *actor,
                                 const uk_member_t *member)
    __attribute__((warn_unused_result));

/** Remove a user from a team. @return UK_OK; UK_NOT_FOUND: not a member */
uk_outcome_e uk_store_member_remove(uk_database_t *db, const uk_actor_t *actor,
                                    const char *team, const char *user)
    __attribute__((warn_unused_result));

#endif
