/* SPDX-License-Identifier: Apache-2.0 */
/* uptime_teams and uptime_members.
 *
 * Every function returns UK_UNAVAILABLE, with db->error, if the database gave no
 * answer. Results live in db->pool. */
#ifndef UK_STORE_TEAMS_H
#define UK_STORE_TEAMS_H

#include "core/team.h"
#include "db/database.h"
#include "store/audit.h"

/** Teams by id, as uk_team_t *s. @return UK_OK */
uk_outcome_e uk_store_teams(uk_database_t *db, apr_array_header_t **teams)
    __attribute__((warn_unused_result));

/**
 * Make a team, with an owner if one is named.
 *
 * @param owner NULL for none yet
 * @return UK_OK, UK_EXISTS
 */
uk_outcome_e uk_store_team_create(uk_database_t *db, const uk_actor_t *actor,
                                  const uk_team_t *team, const char *owner)
    __attribute__((warn_unused_result));

/** Delete a team, its keys and members. @return UK_OK, UK_NOT_FOUND */
uk_outcome_e uk_store_team_delete(uk_database_t *db, const uk_actor_t *actor,
                                  const char *id)
    __attribute__((warn_unused_result));

/** Members of a team by name, as uk_member_t *s. @return UK_OK, UK_NOT_FOUND */
uk_outcome_e uk_store_members(uk_database_t *db, const char *team,
                              apr_array_header_t **members)
    __attribute__((warn_unused_result));

/** Memberships of a user by team, as uk_member_t *s. @return UK_OK */
uk_outcome_e uk_store_teams_of_user(uk_database_t *db, const char *user,
                                    apr_array_header_t **members)
    __attribute__((warn_unused_result));

/**
 * Give a user a role in a team.
 *
 * @return UK_OK; UK_NOT_FOUND: no such team; UK_EXISTS: the team has another
 *         owner
 */
uk_outcome_e uk_store_member_set(uk_database_t *db, const uk_actor_t *actor,
                                 const uk_member_t *member)
    __attribute__((warn_unused_result));

/** Take a user out of a team. @return UK_OK, UK_NOT_FOUND */
uk_outcome_e uk_store_member_remove(uk_database_t *db, const uk_actor_t *actor,
                                    const char *team, const char *user)
    __attribute__((warn_unused_result));

#endif
