/* SPDX-License-Identifier: Apache-2.0 */
/* What all unit tests share: a pool for each test, a runner, string helpers. */
#include "unit.h"

#include <apr_dbd.h>
#include <apr_file_io.h>
#include <apr_general.h>
#include <apr_strings.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/secret.h"

/* A test may take this long under a sanitizer on a busy machine. */
#define TIMEOUT_SECONDS 120

apr_pool_t *unit_pool;

static apr_pool_t *root;
static char folder[] = "/tmp/uk-unit-XXXXXX";

static void set_up(void)
{
    apr_pool_create(&unit_pool, NULL);
}

static void tear_down(void)
{
    apr_pool_destroy(unit_pool);
}

TCase *unit_case(Suite *suite, const char *name)
{
    TCase *tcase = tcase_create(name);

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_set_timeout(tcase, TIMEOUT_SECONDS);
    suite_add_tcase(suite, tcase);
    return tcase;
}

static void remove_folder(void)
{
    apr_finfo_t entry;
    apr_dir_t *dir;

    if (apr_dir_open(&dir, folder, root) != APR_SUCCESS) {
        return;
    }
    while (apr_dir_read(&entry, APR_FINFO_NAME, dir) == APR_SUCCESS) {
        apr_file_remove(apr_pstrcat(root, folder, "/", entry.name, NULL), root);
    }
    apr_dir_close(dir);
    rmdir(folder);
}

int unit_run(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    int failed;

    if (apr_initialize() != APR_SUCCESS || uk_secret_init() != 0
        || apr_pool_create(&root, NULL) != APR_SUCCESS
        || apr_dbd_init(root) != APR_SUCCESS || !mkdtemp(folder)) {
        return EXIT_FAILURE;
    }
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    remove_folder();
    apr_terminate();
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

const char *unit_file(const char *name)
{
    static int count;

    return apr_psprintf(unit_pool, "%s/%d-%d-%s", folder, (int)getpid(),
                        ++count, name);
}

const char *unit_repeat(const char *string, int times)
{
    apr_array_header_t *all =
        apr_array_make(unit_pool, times + 1, sizeof(char *));

    while (times-- > 0) {
        APR_ARRAY_PUSH(all, const char *) = string;
    }
    return apr_array_pstrcat(unit_pool, all, '\0');
}

apr_array_header_t *unit_strings(const char *first, ...)
{
    apr_array_header_t *strings = apr_array_make(unit_pool, 4, sizeof(char *));
    const char *string;
    va_list rest;

    va_start(rest, first);
    for (string = first; string; string = va_arg(rest, const char *)) {
        APR_ARRAY_PUSH(strings, const char *) = string;
    }
    va_end(rest);
    return strings;
}

const char *unit_join(const apr_array_header_t *strings)
{
    return strings ? apr_array_pstrcat(unit_pool, strings, ',') : "(none)";
}
