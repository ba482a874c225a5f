/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of the schema: what their markers say, in every file there is. */
#include "unit.h"

#include <apr_strings.h>
#include <string.h>

#include "store/schema.h"
#include "store/steps.h"

static const struct {
    const char *sql;
    uk_marker_e marker;
    const char *object;
    const char *read; /* NULL: all of sql */
} statements[] = {
    {"CREATE TABLE t (id INTEGER)", UK_RUNS_ONCE, NULL, NULL},
    {"-- A comment.\nUPDATE t", UK_RUNS_ONCE, NULL, NULL},
    {"-- runs: once\nUPDATE t", UK_RUNS_ONCE, NULL, NULL},
    {"-- runs: always\nSELECT 1", UK_RUNS_ALWAYS, NULL, NULL},
    {"-- makes: table uptime_t\nCREATE", UK_MAKES, "table uptime_t", NULL},
    {"-- Why.\n\n-- Why.\n-- makes: index uptime_i\n-- How.\nCREATE", UK_MAKES,
     "index uptime_i", NULL},
    {"-- makes: function uptime_f\nC", UK_MAKES, "function uptime_f", NULL},
    {"-- makes: row uptime_t\nINSERT", UK_MAKES, "row uptime_t", NULL},
    {"-- makes: column uptime_t.c\nALTER", UK_MAKES, "column uptime_t.c", NULL},
    {"-- makes: column uptime_t.c character varying(9)\nALTER", UK_MAKES,
     "column uptime_t.c character varying(9)", NULL},
    {"-- drops: trigger uptime_t_2\nDROP", UK_DROPS, "trigger uptime_t_2",
     NULL},
    {"-- restores: index uptime_i\n--     CREATE INDEX uptime_i\n--     ON t",
     UK_RESTORES, "index uptime_i", "     CREATE INDEX uptime_i\n     ON t"},
    /* After the beginning of the SQL a comment is the database's. */
    {"CREATE TABLE t (\n-- makes: nothing\n)", UK_RUNS_ONCE, NULL, NULL},
    {"-- makesome: noise\nUPDATE", UK_RUNS_ONCE, NULL, NULL},
    /* Slips. */
    {"--makes: table uptime_t\nCREATE", UK_MALFORMED, NULL, NULL},
    {"-- makes table uptime_t\nCREATE", UK_MALFORMED, NULL, NULL},
    {"-- makes:table uptime_t\nCREATE", UK_MALFORMED, NULL, NULL},
    {"-- makes:  table uptime_t\nCREATE", UK_MALFORMED, NULL, NULL},
    {"--  makes: table uptime_t\nCREATE", UK_MALFORMED, NULL, NULL},
    {"-- makes: tables uptime_t\nCREATE", UK_MALFORMED, NULL, NULL},
    {"-- makes: uptime_t\nCREATE", UK_MALFORMED, NULL, NULL},
    {"-- makes: table\nCREATE", UK_MALFORMED, NULL, NULL},
    {"-- makes:\nCREATE", UK_MALFORMED, NULL, NULL},
    {"-- makes: table other\nCREATE", UK_MALFORMED, NULL, NULL},
    {"-- makes: table uptime_t.\nCREATE", UK_MALFORMED, NULL, NULL},
    {"-- makes: table uptime_t.c\nCREATE", UK_MALFORMED, NULL, NULL},
    {"-- makes: table uptime_t for teams\nCREATE", UK_MALFORMED, NULL, NULL},
    {"-- makes: column uptime_t\nALTER", UK_MALFORMED, NULL, NULL},
    {"-- makes: column uptime_t.c \nALTER", UK_MALFORMED, NULL, NULL},
    {"-- makes: table uptime_a\n-- makes: table uptime_b\nC", UK_MALFORMED,
     NULL, NULL},
    {"-- runs: always\n-- makes: table uptime_b\nC", UK_MALFORMED, NULL, NULL},
    {"-- runs: twice\nC", UK_MALFORMED, NULL, NULL},
    {"-- runs: index uptime_i\nC", UK_MALFORMED, NULL, NULL},
    {"-- makes: always\nC", UK_MALFORMED, NULL, NULL},
};

static apr_array_header_t *read_step(const uk_step_t *step)
{
    apr_array_header_t *read =
        apr_array_make(unit_pool, 4, sizeof(uk_step_statement_t));

    uk_steps_read(unit_pool, step, read);
    return read;
}

START_TEST(marker)
{
    const uk_step_t step = {"any", 7, statements[_i].sql};
    apr_array_header_t *read = read_step(&step);
    const uk_step_statement_t *statement = UK_STEP_STATEMENT(read, 0);

    ck_assert_int_eq(read->nelts, 1);
    ck_assert_int_eq(statement->step, 7);
    ck_assert_int_eq(statement->marker, statements[_i].marker);
    if (statement->marker != UK_MALFORMED) {
        ck_assert_pstr_eq(statement->object, statements[_i].object);
    }
    ck_assert_str_eq(statement->sql, statements[_i].read ? statements[_i].read
                                                         : statements[_i].sql);
}
END_TEST

START_TEST(statements_end_with_a_semicolon_and_an_empty_line)
{
    const uk_step_t step = {"any", 1,
                            "BEGIN\n  one;\n  two;\nEND;\n\n-- runs: always\n"
                            "three;\n\nfour;\n"};
    apr_array_header_t *read = read_step(&step);

    ck_assert_int_eq(read->nelts, 3);
    ck_assert_str_eq(UK_STEP_STATEMENT(read, 0)->sql,
                     "BEGIN\n  one;\n  two;\nEND");
    ck_assert_str_eq(UK_STEP_STATEMENT(read, 1)->sql, "-- runs: always\nthree");
    ck_assert_str_eq(UK_STEP_STATEMENT(read, 2)->sql, "four");
}
END_TEST

static int begins_with(const char *text, const char *beginning)
{
    return strncmp(text, beginning, strlen(beginning)) == 0;
}

/* The SQL of a statement without the comments before it. */
static const char *bare_sql(const char *sql)
{
    while (begins_with(sql, "--") || *sql == '\n') {
        sql += strcspn(sql, "\n") + 1;
    }
    return sql + strspn(sql, " ");
}

/* @return 1 if a statement makes, changes or drops something. */
static int defines(const char *sql)
{
    static const char *const words[] = {"CREATE ", "ALTER ", "DROP ",
                                        "RENAME "};
    int i;

    for (i = 0; i < UNIT_COUNT(words); i++) {
        if (begins_with(sql, words[i])) {
            return 1;
        }
    }
    return 0;
}

/* Each word of the name: "uptime_keys" and "name" of "uptime_keys.name". */
static void check_object(const uk_step_statement_t *statement, const char *sql)
{
    char *name = apr_pstrdup(unit_pool, strchr(statement->object, ' ') + 1);
    char *state, *word;

    name[strcspn(name, " ")] = '\0';
    for (word = apr_strtok(name, ".", &state); word;
         word = apr_strtok(NULL, ".", &state)) {
        ck_assert_msg(strstr(sql, word) != NULL, "\"%s\" is no marker for: %s",
                      statement->object, sql);
    }
}

static void check_statement(const uk_step_statement_t *statement)
{
    const char *sql = bare_sql(statement->sql);

    ck_assert_msg(statement->marker != UK_MALFORMED, "malformed marker: %s",
                  statement->sql);
    ck_assert_msg(*sql, "no statement: %s", statement->sql);
    ck_assert_msg(statement->object || !defines(sql)
                      || strstr(statement->sql, "-- runs: "),
                  "no marker: %s", sql);
    if (statement->object) {
        check_object(statement, sql);
    }
}

START_TEST(markers_of_all_files_are_well_formed)
{
    const uk_step_t *step;
    int i, count = 0;

    for (step = uk_steps; step->dialect; step++) {
        apr_array_header_t *read = read_step(step);

        for (i = 0; i < read->nelts; i++) {
            check_statement(UK_STEP_STATEMENT(read, i));
            count += UK_STEP_STATEMENT(read, i)->object != NULL;
        }
    }
    ck_assert_int_gt(count, 45);
}
END_TEST

/* INSERT, and from the second file on DELETE. */
START_TEST(every_file_ends_with_its_number)
{
    const uk_step_t *step;

    for (step = uk_steps; step->dialect; step++) {
        int is_first =
            step == uk_steps || strcmp(step[-1].dialect, step->dialect) != 0;
        apr_array_header_t *read = read_step(step);
        int insert = read->nelts - (is_first ? 1 : 2);

        ck_assert_int_ge(insert, 0);
        ck_assert_ptr_nonnull(strstr(
            UK_STEP_STATEMENT(read, insert)->sql,
            apr_psprintf(unit_pool, "INTO uptime_schema (version) VALUES (%d)",
                         step->number)));
        if (!is_first) {
            ck_assert_str_eq(
                UK_STEP_STATEMENT(read, insert + 1)->sql,
                apr_psprintf(unit_pool,
                             "DELETE FROM uptime_schema WHERE version < %d",
                             step->number));
        }
    }
}
END_TEST

START_TEST(every_database_has_steps_up_to_our_version)
{
    static const char *const dialects[] = {"sqlite3", "pgsql", "mysql"};
    int i;

    for (i = 0; i < UNIT_COUNT(dialects); i++) {
        const uk_step_t *step = uk_steps;

        while (step->dialect
               && (strcmp(step->dialect, dialects[i]) != 0
                   || step->number != uk_schema_latest())) {
            step++;
        }
        ck_assert_ptr_nonnull(step->dialect);
    }
}
END_TEST

START_TEST(steps_are_listed)
{
    int latest = uk_schema_latest();

    ck_assert(
        begins_with(uk_schema_steps(unit_pool, "sqlite3", 0), "steps 1, 2, 3"));
    ck_assert(
        begins_with(uk_schema_steps(unit_pool, "pgsql", 0), "steps 2, 3"));
    ck_assert(begins_with(uk_schema_steps(unit_pool, NULL, 1), "steps 2, 3"));
    ck_assert_str_eq(uk_schema_steps(unit_pool, NULL, latest - 1),
                     apr_psprintf(unit_pool, "step %d", latest));
}
END_TEST

START_TEST(table_goes_with_its_columns)
{
    static const char sql[] = "-- makes: column uptime_t.c\nA;\n\n"
                              "-- makes: column uptime_t2.c\nB;\n\n"
                              "-- makes: index uptime_t\nC;\n\n"
                              "-- makes: column uptime_t.d varchar(9)\nD;\n\n"
                              "-- drops: table uptime_t\nE;\n\n"
                              "-- makes: column uptime_t.e\nF;\n";
    static const int gone[] = {1, 0, 0, 1, 0, 0};
    const uk_step_t step = {"any", 1, sql};
    apr_array_header_t *read = read_step(&step);
    int i;

    ck_assert_int_eq(read->nelts, 6);
    for (i = 0; i < read->nelts; i++) {
        ck_assert_int_eq(uk_steps_is_superseded(read, i), gone[i]);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("steps");
    TCase *tcase = unit_case(suite, "steps");

    tcase_add_loop_test(tcase, marker, 0, UNIT_COUNT(statements));
    tcase_add_test(tcase, statements_end_with_a_semicolon_and_an_empty_line);
    tcase_add_test(tcase, markers_of_all_files_are_well_formed);
    tcase_add_test(tcase, every_file_ends_with_its_number);
    tcase_add_test(tcase, every_database_has_steps_up_to_our_version);
    tcase_add_test(tcase, steps_are_listed);
    tcase_add_test(tcase, table_goes_with_its_columns);
    return unit_run(suite);
}
