/* SPDX-License-Identifier: Apache-2.0 */
/* The catalogue of scopes, and sets of them. */
#include "unit.h"

#include <apr_strings.h>
#include <string.h>

#include "core/scope.h"

/* The built-in scopes. */
static const struct {
    const char *name;
    const char *group;
} built_in[] = {
    {"monitors:read", "Monitoring"},
    {"monitors:write", "Monitoring"},
    {"dns-monitors:read", "Monitoring"},
    {"dns-monitors:write", "Monitoring"},
    {"tcp-monitors:read", "Monitoring"},
    {"tcp-monitors:write", "Monitoring"},
    {"cron-jobs:read", "Scheduled tasks"},
    {"cron-jobs:write", "Scheduled tasks"},
    {"cron-jobs:ping", "Scheduled tasks"},
    {"alerts:read", "Alerts & status"},
    {"alerts:write", "Alerts & status"},
    {"status-pages:read", "Alerts & status"},
    {"status-pages:write", "Alerts & status"},
    {"maintenance:read", "Alerts & status"},
    {"maintenance:write", "Alerts & status"},
    {"teams:read", "Team management"},
    {"teams:write", "Team management"},
    {"invites:read", "Team management"},
    {"invites:write", "Team management"},
    {"team-domains:read", "Team management"},
    {"team-domains:write", "Team management"},
    {"api-keys:read", "API key management"},
    {"api-keys:write", "API key management"},
};

static uk_catalogue_t *catalogue;

static void set_up_catalogue(void)
{
    catalogue = uk_catalogue_create(unit_pool);
}

START_TEST(catalogue_has_the_built_in_scopes)
{
    const uk_scope_t *scope = uk_catalogue_get(catalogue, _i);

    ck_assert_str_eq(scope->name, built_in[_i].name);
    ck_assert_str_eq(scope->group, built_in[_i].group);
    ck_assert(strlen(scope->description) > 8);
    ck_assert_int_eq(uk_catalogue_find(catalogue, built_in[_i].name), _i);
    ck_assert(uk_scope_name_is_valid(built_in[_i].name));
}
END_TEST

START_TEST(catalogue_has_no_others)
{
    ck_assert_int_eq(UNIT_COUNT(built_in), 23);
    ck_assert_int_eq(uk_catalogue_size(catalogue), 23);
}
END_TEST

static const char *const unknown[] = {
    "",
    "monitors",
    "monitors:",
    ":read",
    "monitors:reader",
    "monitors:rea",
    "Monitors:read",
    "monitors:READ",
    " monitors:read",
    "monitors:read ",
    "monitors:read,monitors:write",
    "*",
};

START_TEST(nothing_else_is_found)
{
    ck_assert_int_eq(uk_catalogue_find(catalogue, unknown[_i]), -1);
}
END_TEST

START_TEST(added_scope_comes_last)
{
    const uk_scope_t *scope;
    char name[] = "reports:read", text[] = "See reports", group[] = "Reports";

    ck_assert_ptr_null(uk_catalogue_add(catalogue, name, text, group));
    ck_assert_int_eq(uk_catalogue_size(catalogue), 24);
    /* The catalogue keeps copies. */
    name[0] = text[0] = group[0] = '!';
    ck_assert_int_eq(uk_catalogue_find(catalogue, "reports:read"), 23);
    scope = uk_catalogue_get(catalogue, 23);
    ck_assert_str_eq(scope->name, "reports:read");
    ck_assert_str_eq(scope->description, "See reports");
    ck_assert_str_eq(scope->group, "Reports");
}
END_TEST

START_TEST(added_scope_without_group_is_other)
{
    ck_assert_ptr_null(uk_catalogue_add(catalogue, "a:b", "x", NULL));
    ck_assert_str_eq(uk_catalogue_get(catalogue, 23)->group, "Other");
}
END_TEST

START_TEST(known_scope_is_redescribed_in_its_place)
{
    const uk_scope_t *scope = uk_catalogue_get(catalogue, 9);

    ck_assert_ptr_null(
        uk_catalogue_add(catalogue, "alerts:read", "Watch", NULL));
    ck_assert_int_eq(uk_catalogue_size(catalogue), 23);
    ck_assert_str_eq(scope->description, "Watch");
    ck_assert_str_eq(scope->group, "Alerts & status");
    ck_assert_ptr_null(
        uk_catalogue_add(catalogue, "alerts:read", "Look", "Bells"));
    ck_assert_str_eq(scope->description, "Look");
    ck_assert_str_eq(scope->group, "Bells");
    ck_assert_int_eq(uk_catalogue_find(catalogue, "alerts:read"), 9);
}
END_TEST

START_TEST(describing_one_catalogue_leaves_others_alone)
{
    uk_catalogue_t *other = uk_catalogue_create(unit_pool);

    ck_assert_ptr_null(
        uk_catalogue_add(catalogue, "alerts:read", "Watch", NULL));
    ck_assert_str_ne(uk_catalogue_get(other, 9)->description, "Watch");
}
END_TEST

/* piece * times + rest */
static const struct {
    const char *piece;
    int times;
    const char *rest;
    int want;
} names[] = {
    {"a", 1, ":b", 1},
    {"a", 62, ":b", 1},
    {"a", 63, ":b", 0},
    {"a", 64, ":b", 0},
    {"a9-", 1, ":b9-", 1},
    {"a--", 1, ":b", 1},
    {"", 0, "", 0},
    {"a", 1, "", 0},
    {"a", 1, ":", 0},
    {"", 0, ":b", 0},
    {":", 1, "", 0},
    {"a", 1, ":b:c", 0},
    {"a", 1, "::b", 0},
    {"9a", 1, ":b", 0},
    {"-a", 1, ":b", 0},
    {"a", 1, ":9", 0},
    {"a", 1, ":-", 0},
    {"A", 1, ":b", 0},
    {"a", 1, ":B", 0},
    {"a", 1, "B:b", 0},
    {"a_", 1, ":b", 0},
    {"a.", 1, ":b", 0},
    {"a ", 1, ":b", 0},
    {" a", 1, ":b", 0},
    {"a", 1, ":b ", 0},
    {"a", 1, ":b\n", 0},
    {"a", 1, ":b monitors:write", 0},
    {"a", 1, ":b\"", 0},
    {"\xc3\xa9", 1, ":b", 0},
    {"a", 1, ":b\xc3\xa9", 0},
    {"%{", 1, "a}", 0},
    {"*", 1, "", 0},
    {"a", 1, ":*", 0},
};

START_TEST(scope_names_follow_the_pattern)
{
    const char *name =
        apr_pstrcat(unit_pool, unit_repeat(names[_i].piece, names[_i].times),
                    names[_i].rest, NULL);

    ck_assert_int_eq(uk_scope_name_is_valid(name), names[_i].want);
    ck_assert_int_eq(uk_catalogue_add(catalogue, name, "x", NULL) == NULL,
                     names[_i].want);
    ck_assert_int_eq(uk_catalogue_size(catalogue), 23 + names[_i].want);
}
END_TEST

static const struct {
    int description; /* bytes */
    int group;       /* bytes, -1: NULL */
    int want;
} texts[] = {
    {1, -1, 1}, {0, -1, 0}, {255, 255, 1}, {256, 255, 0}, {255, 256, 0},
};

START_TEST(description_and_group_have_a_maximum)
{
    const char *description = unit_repeat("x", texts[_i].description);
    const char *group =
        texts[_i].group < 0 ? NULL : unit_repeat("y", texts[_i].group);

    ck_assert_int_eq(uk_catalogue_add(catalogue, "a:b", description, group)
                         == NULL,
                     texts[_i].want);
}
END_TEST

static void fill(void)
{
    int i;

    for (i = 23; i < UK_SCOPE_MAX; i++) {
        ck_assert_ptr_null(uk_catalogue_add(
            catalogue, apr_psprintf(unit_pool, "s%d:read", i), "x", NULL));
    }
}

START_TEST(no_more_than_256_scopes)
{
    fill();
    ck_assert_int_eq(uk_catalogue_size(catalogue), 256);
    ck_assert_ptr_nonnull(uk_catalogue_add(catalogue, "one:more", "x", NULL));
    ck_assert_int_eq(uk_catalogue_size(catalogue), 256);
    ck_assert_int_eq(uk_catalogue_find(catalogue, "one:more"), -1);
    /* A known scope can still be redescribed. */
    ck_assert_ptr_null(uk_catalogue_add(catalogue, "s255:read", "y", NULL));
    ck_assert_str_eq(uk_catalogue_get(catalogue, 255)->description, "y");
}
END_TEST

static const struct {
    const char *given;
    const char *want; /* NULL: no hint */
} hints[] = {
    {"monitors:read", "monitors:read"},
    {"monitor:read", "monitors:read"},
    {"monitors:reed", "monitors:read"},
    {"Monitors:Read", "monitors:read"},
    {"monitors.write", "monitors:write"},
    {"monitorswrite", "monitors:write"},
    {"cronjobs:ping", "cron-jobs:ping"},
    {"dns_monitors:read", "dns-monitors:read"},
    {"api-key:wirte", "api-keys:write"},
    {"team:domains:read", "team-domains:read"},
    /* Four edits give a hint, five do not. */
    {"teams:readwxyz", "teams:read"},
    {"teams:readvwxyz", NULL},
    {"reports:generate", NULL},
    {"", NULL},
    {"*", NULL},
};

START_TEST(hint_is_the_nearest_name)
{
    const char *hint = uk_catalogue_nearest(catalogue, hints[_i].given);

    ck_assert_pstr_eq(hint, hints[_i].want);
}
END_TEST

START_TEST(hint_copes_with_the_longest_names)
{
    const char *longest =
        apr_pstrcat(unit_pool, unit_repeat("a", 62), ":b", NULL);

    ck_assert_ptr_null(uk_catalogue_add(catalogue, longest, "x", NULL));
    ck_assert_str_eq(uk_catalogue_nearest(
                         catalogue, apr_pstrcat(unit_pool, unit_repeat("a", 62),
                                                ".b", NULL)),
                     longest);
    ck_assert_ptr_null(
        uk_catalogue_nearest(catalogue, unit_repeat("a", 100000)));
}
END_TEST

static const int bits[] = {0, 1, 31, 32, 63, 64, 127, 128, 191, 192, 255};

START_TEST(each_scope_has_a_bit_of_its_own)
{
    uk_scopes_t set = {{0}};
    int i, common = 0;

    uk_scopes_add(&set, bits[_i]);
    for (i = 0; i < UK_SCOPE_MAX; i++) {
        uk_scopes_t one = {{0}};

        uk_scopes_add(&one, i);
        ck_assert_int_eq(uk_scopes_intersect(&set, &one), i == bits[_i]);
        ck_assert_int_eq(uk_scopes_intersect(&one, &set), i == bits[_i]);
        common += uk_scopes_intersect(&set, &one);
    }
    ck_assert_int_eq(common, 1);
}
END_TEST

START_TEST(one_common_scope_is_enough)
{
    uk_scopes_t a = {{0}}, b = {{0}}, none = {{0}};

    uk_scopes_add(&a, 0);
    uk_scopes_add(&a, 255);
    uk_scopes_add(&b, 64);
    ck_assert(!uk_scopes_intersect(&a, &b));
    uk_scopes_add(&b, 255);
    ck_assert(uk_scopes_intersect(&a, &b));
    ck_assert(!uk_scopes_intersect(&a, &none));
    ck_assert(!uk_scopes_intersect(&none, &none));
}
END_TEST

START_TEST(known_names_become_bits_and_others_grant_nothing)
{
    uk_scopes_t got = uk_scopes_from_names(
        catalogue, unit_strings("monitors:read", "api-keys:write", "no:such",
                                "monitors:*", "", "monitors:read", NULL));
    uk_scopes_t want = {{0}};

    uk_scopes_add(&want, 0);
    uk_scopes_add(&want, 22);
    ck_assert_mem_eq(&got, &want, sizeof(want));
}
END_TEST

START_TEST(write_does_not_imply_read)
{
    uk_scopes_t held =
        uk_scopes_from_names(catalogue, unit_strings("monitors:write", NULL));
    uk_scopes_t needed =
        uk_scopes_from_names(catalogue, unit_strings("monitors:read", NULL));

    ck_assert(!uk_scopes_intersect(&held, &needed));
}
END_TEST

START_TEST(last_scope_of_a_full_catalogue_has_its_bit)
{
    uk_scopes_t got, want = {{0}};

    fill();
    got = uk_scopes_from_names(catalogue, unit_strings("s255:read", NULL));
    uk_scopes_add(&want, 255);
    ck_assert_mem_eq(&got, &want, sizeof(want));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("scope");
    TCase *list = unit_case(suite, "catalogue");
    TCase *set = unit_case(suite, "set");

    tcase_add_checked_fixture(list, set_up_catalogue, NULL);
    tcase_add_checked_fixture(set, set_up_catalogue, NULL);
    tcase_add_loop_test(list, catalogue_has_the_built_in_scopes, 0,
                        UNIT_COUNT(built_in));
    tcase_add_test(list, catalogue_has_no_others);
    tcase_add_loop_test(list, nothing_else_is_found, 0, UNIT_COUNT(unknown));
    tcase_add_test(list, added_scope_comes_last);
    tcase_add_test(list, added_scope_without_group_is_other);
    tcase_add_test(list, known_scope_is_redescribed_in_its_place);
    tcase_add_test(list, describing_one_catalogue_leaves_others_alone);
    tcase_add_loop_test(list, scope_names_follow_the_pattern, 0,
                        UNIT_COUNT(names));
    tcase_add_loop_test(list, description_and_group_have_a_maximum, 0,
                        UNIT_COUNT(texts));
    tcase_add_test(list, no_more_than_256_scopes);
    tcase_add_loop_test(list, hint_is_the_nearest_name, 0, UNIT_COUNT(hints));
    tcase_add_test(list, hint_copes_with_the_longest_names);
    tcase_add_loop_test(set, each_scope_has_a_bit_of_its_own, 0,
                        UNIT_COUNT(bits));
    tcase_add_test(set, one_common_scope_is_enough);
    tcase_add_test(set, known_names_become_bits_and_others_grant_nothing);
    tcase_add_test(set, write_does_not_imply_read);
    tcase_add_test(set, last_scope_of_a_full_catalogue_has_its_bit);
    return unit_run(suite);
}
