/* SPDX-License-Identifier: Apache-2.0 */
/* Teams, their members, and what each role permits. */
#ifndef UK_CORE_TEAM_H
#define UK_CORE_TEAM_H

#include "core/instant.h"

/* Bytes of a team's id. */
#define UK_TEAM_ID_MAX 63

typedef struct {
    const char *id;
    const char *name;
    uk_instant_t created_at;
} uk_team_t;

/* In ascending order of permissions. */
typedef enum {
    UK_ROLE_NONE, /* not a member */
    UK_ROLE_MEMBER,
    UK_ROLE_ADMIN,
    UK_ROLE_OWNER /* one per team at the most */
} uk_role_e;

typedef struct {
    const char *team; /* its id */
    const char *user; /* the name that httpd's authentication provides */
    uk_role_e role;
} uk_member_t;

/** @return 1 if a string can be the id of a team: [a-z0-9][a-z0-9_-]*, at most
 *  UK_TEAM_ID_MAX bytes; else 0 */
int uk_team_id_is_valid(const char *id);

/** @return the role with this name; UK_ROLE_NONE if there is none */
uk_role_e uk_role_parse(const char *name);

/** @return "owner", "admin" or "member"; "none" for UK_ROLE_NONE */
const char *uk_role_name(uk_role_e role);

/** @return 1 if a role may list, create and delete the keys of its team, else
 *  0 */
int uk_role_may_manage(uk_role_e role);

#endif
