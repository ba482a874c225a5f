/* SPDX-License-Identifier: Apache-2.0 */
/* What the configuration of httpd says about other modules, for the checks. */
#ifndef UK_HTTPD_BESIDE_H
#define UK_HTTPD_BESIDE_H

#include "check/check.h"

/** Look for it in the configuration that this process has read.
 *
 *  @return with strings in the pool */
uk_check_beside_t uk_beside_find(apr_pool_t *pool);

#endif
