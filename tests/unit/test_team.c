/* SPDX-License-Identifier: Apache-2.0 */
/* Ids of teams, and what each role permits. */
#include "unit.h"

#include <apr_strings.h>

#include "core/team.h"

static const struct {
    const char *given;
    int times;
    const char *then;
    int want;
} ids[] = {
    {"acme", 1, "", 1},      {"a", 1, "", 1},
    {"0", 1, "", 1},         {"a-b_c9", 1, "", 1},
    {"9lives", 1, "", 1},    {"a", 63, "", 1},
    {"a", 64, "", 0},        {"", 1, "", 0},
    {"-acme", 1, "", 0},     {"_acme", 1, "", 0},
    {"Acme", 1, "", 0},      {"acME", 1, "", 0},
    {"acme corp", 1, "", 0}, {" acme", 1, "", 0},
    {"acme", 1, "\n", 0},    {"acme", 1, "/", 0},
    {"../acme", 1, "", 0},   {"acme.example", 1, "", 0},
    {"acme'--", 1, "", 0},   {"caf\xc3\xa9", 1, "", 0},
    {"acme\x01", 1, "", 0},
};

START_TEST(team_id_is_short_and_plain)
{
    const char *id =
        apr_pstrcat(unit_pool, unit_repeat(ids[_i].given, ids[_i].times),
                    ids[_i].then, NULL);

    ck_assert_int_eq(uk_team_id_is_valid(id), ids[_i].want);
}
END_TEST

static const struct {
    const char *name;
    uk_role_e role;
    int may_manage;
} roles[] = {
    {"owner", UK_ROLE_OWNER, 1},
    {"admin", UK_ROLE_ADMIN, 1},
    {"member", UK_ROLE_MEMBER, 0},
    {"none", UK_ROLE_NONE, 0},
};

START_TEST(role_has_its_name_and_rights)
{
    ck_assert_int_eq(uk_role_parse(roles[_i].name), roles[_i].role);
    ck_assert_str_eq(uk_role_name(roles[_i].role), roles[_i].name);
    ck_assert_int_eq(uk_role_may_manage(roles[_i].role), roles[_i].may_manage);
}
END_TEST

static const char *const other_roles[] = {
    "",    "Owner", "ADMIN",   "owner ", " admin", "administrator",
    "own", "root",  "admin\n", "4",
};

START_TEST(any_other_role_is_none)
{
    ck_assert_int_eq(uk_role_parse(other_roles[_i]), UK_ROLE_NONE);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("team");
    TCase *tcase = unit_case(suite, "team");

    tcase_add_loop_test(tcase, team_id_is_short_and_plain, 0, UNIT_COUNT(ids));
    tcase_add_loop_test(tcase, role_has_its_name_and_rights, 0,
                        UNIT_COUNT(roles));
    tcase_add_loop_test(tcase, any_other_role_is_none, 0,
                        UNIT_COUNT(other_roles));
    return unit_run(suite);
}
