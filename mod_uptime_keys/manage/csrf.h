/* SPDX-License-Identifier: Apache-2.0 */
/* Cross-site requests, which browsers send with the user's credentials. */
#ifndef UK_MANAGE_CSRF_H
#define UK_MANAGE_CSRF_H

#include "manage/context.h"

/**
 * Refuse a request that a browser sends on behalf of another site, as told by
 * Sec-Fetch-Site or, in older browsers, Origin. Other programs send neither.
 *
 * @return OK; else DONE after a response with 403
 */
int uk_csrf_check(uk_context_t *ctx);

#endif
