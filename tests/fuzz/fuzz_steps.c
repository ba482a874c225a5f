/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as a step of the schema: its statements are all of the text, and a
 * marker names an object of ours, or none at all.
 *
 * About: store/steps.c
 * Options: -max_len=500 */
#include <string.h>

#include "store/steps.h"
#include "fuzz.h"

static void expect_statement(const uk_step_statement_t *statement)
{
    const char *name;
    int has_object = statement->marker == UK_MAKES
                     || statement->marker == UK_RESTORES
                     || statement->marker == UK_DROPS;

    FUZZ_EXPECT(statement->step == 7, "another step");
    FUZZ_EXPECT(!strstr(statement->sql, ";\n\n")
                    || statement->marker == UK_RESTORES,
                "two statements are one");
    FUZZ_EXPECT(!has_object || statement->object, "a marker without an object");
    if (has_object) {
        name = strchr(statement->object, ' ');
        FUZZ_EXPECT(name && strncmp(name + 1, "uptime_", 7) == 0
                        && !strchr(statement->object, '\n'),
                    "an object that is not ours");
        FUZZ_EXPECT(uk_steps_is_object(statement->object, statement->object,
                                       uk_steps_name_length(statement->object)),
                    "an object is not itself");
        FUZZ_EXPECT(uk_steps_is_about(statement, statement->object),
                    "a statement is not about its object");
    }
}

/* The text that statements were cut from, but for what is restored: there the
 * comments in front and their marks are gone. */
static void expect_all_of(const apr_array_header_t *statements,
                          const char *text)
{
    int i;

    for (i = 0; i < statements->nelts; i++) {
        const uk_step_statement_t *statement = UK_STEP_STATEMENT(statements, i);
        const char *end = strstr(text, ";\n\n");
        size_t len = end ? (size_t)(end - text) : strlen(text);

        if (statement->marker != UK_RESTORES) {
            size_t sql = strlen(statement->sql);

            FUZZ_EXPECT(sql <= len && strncmp(statement->sql, text, sql) == 0,
                        "another statement");
            FUZZ_EXPECT(sql == len
                            || (!end && strspn(text + sql, ";\n") == len - sql),
                        "the end of a statement is lost");
        }
        text += len + (end ? 3 : 0);
    }
    FUZZ_EXPECT(!*text, "a statement is lost");
}

static int is_superseded(const apr_array_header_t *statements, int i)
{
    const char *object = UK_STEP_STATEMENT(statements, i)->object;

    for (i++; i < statements->nelts; i++) {
        if (UK_STEP_STATEMENT(statements, i)->object
            && uk_steps_is_about(UK_STEP_STATEMENT(statements, i), object)) {
            return 1;
        }
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uk_step_t step = {"sqlite3", 7, fuzz_string(data, size)};
    apr_array_header_t *statements =
        apr_array_make(fuzz_pool(), 4, sizeof(uk_step_statement_t));
    int i;

    uk_steps_read(fuzz_pool(), &step, statements);
    expect_all_of(statements, step.sql);
    for (i = 0; i < statements->nelts; i++) {
        expect_statement(UK_STEP_STATEMENT(statements, i));
        if (UK_STEP_STATEMENT(statements, i)->object) {
            FUZZ_EXPECT(uk_steps_is_superseded(statements, i)
                            == is_superseded(statements, i),
                        "a later statement is about it, or not");
        }
    }
    fuzz_clear();
    return 0;
}
