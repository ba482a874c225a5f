/* SPDX-License-Identifier: Apache-2.0 */
/* Batches of imported keys, and batches that are only tried. */
#include "store/import.h"

#include <apr_strings.h>

#include "store_fixture.h"

#define LINES 4

static const uk_lifetimes_t no_lifetimes;

/* A batch of keys, each with a name of its own. */
static apr_array_header_t *make_batch(const char *team, int first, int count)
{
    apr_array_header_t *batch =
        apr_array_make(unit_pool, count, sizeof(uk_import_line_t *));
    int i;

    for (i = first; i < first + count; i++) {
        uk_import_line_t *line = apr_pcalloc(unit_pool, sizeof(*line));
        const char *name = apr_psprintf(unit_pool, "key %d", i);

        line->key = *store_new_key(unit_pool, team, name);
        line->key.id = NULL;
        line->hash = store_hash(unit_pool, name);
        APR_ARRAY_PUSH(batch, uk_import_line_t *) = line;
    }
    return batch;
}

typedef uk_outcome_e run_t(uk_importer_t *, const apr_array_header_t *,
                           uk_import_e *);

static run_t *const runs[] = {uk_importer_add, uk_importer_try};

/* @return a letter for each line: Added, Present, over Limit, hash Taken */
static const char *run_batch(run_t *run, uk_importer_t *importer,
                             const char *team, int first)
{
    uk_import_e results[LINES];
    char letters[LINES + 1] = "";
    int i;

    ck_assert_int_eq(run(importer, make_batch(team, first, LINES), results),
                     UK_OK);
    for (i = 0; i < LINES; i++) {
        letters[i] = "APTIL?"[results[i]];
    }
    return apr_pstrdup(unit_pool, letters);
}

START_TEST(batches_know_of_each_other)
{
    uk_importer_t *importer =
        uk_importer_create(store_db, &store_actor, 10, &no_lifetimes);

    store_create("acme", "key 1");
    ck_assert_str_eq(run_batch(runs[_i], importer, "acme", 0), "APAA");
    ck_assert_str_eq(run_batch(runs[_i], importer, "acme", 2), "PPAA");
    ck_assert_str_eq(run_batch(runs[_i], importer, "new", 4), "TTAA");
    ck_assert_str_eq(run_batch(runs[_i], importer, "new", 6), "PPAA");
    ck_assert_str_eq(run_batch(runs[_i], importer, "acme", 10), "AAAA");
    ck_assert_str_eq(run_batch(runs[_i], importer, "acme", 14), "LLLL");
}
END_TEST

START_TEST(trying_changes_nothing)
{
    uk_importer_t *importer =
        uk_importer_create(store_db, &store_actor, 10, &no_lifetimes);
    const char *changes = store_ask("SELECT total(counter) FROM "
                                    "uptime_changes");

    run_batch(uk_importer_try, importer, "new", 0);
    ck_assert_str_eq(store_ask("SELECT COUNT(*) FROM uptime_keys"), "0");
    ck_assert_str_eq(store_ask("SELECT COUNT(*) FROM uptime_teams"), "2");
    ck_assert_str_eq(store_ask("SELECT total(counter) FROM uptime_changes"),
                     changes);
    /* What was tried is not there for whoever adds. */
    ck_assert_str_eq(run_batch(uk_importer_add, importer, "new", 0), "AAAA");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("store_import");
    TCase *import = store_case(suite, "import");

    tcase_add_loop_test(import, batches_know_of_each_other, 0,
                        UNIT_COUNT(runs));
    tcase_add_test(import, trying_changes_nothing);
    return unit_run(suite);
}
