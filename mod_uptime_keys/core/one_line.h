/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of several lines, on one. */
#ifndef UK_CORE_ONE_LINE_H
#define UK_CORE_ONE_LINE_H

#include <apr_pools.h>

/**
 * Join the lines of a message: by a space where the next one begins with a
 * small letter, or this one ends in a colon, semicolon or comma, else by "; ".
 * Other white space and control characters become one space, and none of them
 * remain at the ends.
 *
 * @return the message, in the pool
 */
const char *uk_one_line(apr_pool_t *pool, const char *message);

#endif
