/* SPDX-License-Identifier: Apache-2.0 */
/* Teams, their members, and what each role permits. */
#include "core/team.h"

#include <string.h>

#define ALNUM "abcdefghijklmnopqrstuvwxyz0123456789"

static const char *const role_names[] = {
    [UK_ROLE_NONE] = "none",
    [UK_ROLE_MEMBER] = "member",
    [UK_ROLE_ADMIN] = "admin",
    [UK_ROLE_OWNER] = "owner",
};

int uk_team_id_is_valid(const char *id)
{
    size_t len = strlen(id);

    return len >= 1 && len <= UK_TEAM_ID_MAX && strspn(id, ALNUM) >= 1
           && strspn(id, ALNUM "_-") == len;
}

uk_role_e uk_role_parse(const char *name)
{
    uk_role_e role;

    for (role = UK_ROLE_MEMBER; role <= UK_ROLE_OWNER; role++) {
        if (strcmp(name, role_names[role]) == 0) {
            return role;
        }
    }
    return UK_ROLE_NONE;
}

const char *uk_role_name(uk_role_e role)
{
    return role_names[role];
}

int uk_role_may_manage(uk_role_e role)
{
    return role >= UK_ROLE_ADMIN;
}
