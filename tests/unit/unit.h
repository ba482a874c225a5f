/* SPDX-License-Identifier: Apache-2.0 */
/* What all unit tests share: a pool for each test, a runner, string helpers. */
#ifndef UK_TESTS_UNIT_H
#define UK_TESTS_UNIT_H

#include <apr_pools.h>
#include <apr_tables.h>
#include <check.h>

#define UNIT_COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

/* Destroyed when the current test ends. */
extern apr_pool_t *unit_pool;

/** Create a group of tests, each of which has its own unit_pool. */
TCase *unit_case(Suite *suite, const char *name);

/** Run the tests of a suite; to be called by main(). @return the exit status */
int unit_run(Suite *suite);

/** @return the path of a file that does not exist yet; it is removed when all
 *  tests are done */
const char *unit_file(const char *name);

/** @return a string, repeated */
const char *unit_repeat(const char *string, int times);

/** @return an array of const char *; the last argument is NULL */
apr_array_header_t *unit_strings(const char *first, ...);

/** @return an array of const char *, joined with commas; "(none)" for NULL */
const char *unit_join(const apr_array_header_t *strings);

#endif
