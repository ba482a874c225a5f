/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of several lines, on one. */
#ifndef UK_CORE_ONE_LINE_H
#define UK_CORE_ONE_LINE_H

#include <apr_pools.h>

/**
 * Join the lines of a message by "; ", or by a space where a line goes on with
 * a small letter. Other white space and control characters
 * become one space, and none of them remain at its ends.
 *
 * @return the message, in the pool
 */
const char *uk_one_line(apr_pool_t *pool, const char *message);

#endif
