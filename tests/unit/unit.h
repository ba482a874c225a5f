/* SPDX-License-Identifier: Apache-2.0 */
/* What all unit tests share: a pool for each test, a main, a few texts. */
#ifndef UK_TESTS_UNIT_H
#define UK_TESTS_UNIT_H

#include <apr_pools.h>
#include <apr_tables.h>
#include <check.h>

#define UNIT_COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

/* Lives as long as the test that runs. */
extern apr_pool_t *unit_pool;

/** A group of tests, each with a pool of its own. */
TCase *unit_case(Suite *suite, const char *name);

/** Run the tests in the ordinary way of Check. @return main()'s */
int unit_run(Suite *suite);

/** A file name that nobody has; the file goes when all tests are done. */
const char *unit_file(const char *name);

/** The same text over and over. */
const char *unit_repeat(const char *text, int times);

/** An array of const char *s; the last argument is NULL. */
apr_array_header_t *unit_strings(const char *first, ...);

/** The names with commas between them; "(none)" for NULL. */
const char *unit_join(const apr_array_header_t *names);

#endif
