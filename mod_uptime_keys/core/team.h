/* SPDX-License-Identifier: Apache-2.0 */
/* Teams and roles: who may do what. */
#ifndef UK_CORE_TEAM_H
#define UK_CORE_TEAM_H

#include "core/instant.h"

#define UK_TEAM_ID_MAX 63

typedef struct {
    const char *id;
    const char *name;
    uk_instant_t created_at;
} uk_team_t;

/* In rising order of power. */
typedef enum {
    UK_ROLE_NONE, /* not in the team */
    UK_ROLE_MEMBER,
    UK_ROLE_ADMIN,
    UK_ROLE_OWNER /* at most one a team */
} uk_role_e;

typedef struct {
    const char *team;
    const char *user;
    uk_role_e role;
} uk_member_t;

/** 1 where a text can name a team: [a-z0-9][a-z0-9_-]*, at most 63 bytes. */
int uk_team_id_is_valid(const char *id);

/** The role of a name, UK_ROLE_NONE if there is no such role. */
uk_role_e uk_role_parse(const char *name);

/** "owner", "admin", "member"; "none" for UK_ROLE_NONE. */
const char *uk_role_name(uk_role_e role);

/** 1 where a role may list, create and delete keys of its team, else 0. */
int uk_role_may_manage(uk_role_e role);

#endif
