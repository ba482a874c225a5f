/* SPDX-License-Identifier: Apache-2.0 */
/* What to do about an error of a driver, a database or a pooler. */
#ifndef UK_CHECK_REMEDIES_H
#define UK_CHECK_REMEDIES_H

#include <apr_pools.h>

/** @return what to do about an error (db->error), static; NULL if that is not
 *  known */
const char *uk_check_remedy(const char *error);

/** Say that the database cannot be used, why, and what to do about it.
 *
 *  @return one line, in the pool */
const char *uk_check_explain(apr_pool_t *pool, const char *error);

#endif
