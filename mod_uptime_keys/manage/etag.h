/* SPDX-License-Identifier: Apache-2.0 */
/* The entity tag of a key (RFC 9110 section 8.8.3). */
#ifndef UK_MANAGE_ETAG_H
#define UK_MANAGE_ETAG_H

#include "manage/context.h"

/** The entity tag of a key, quoted, in the pool. It changes with everything that
 *  the API shows of a key but its uses. */
const char *uk_etag_make(apr_pool_t *pool, const uk_key_t *key,
                         uk_instant_t now);

/** Set the header ETag of a response that shows a key. */
void uk_etag_set(const uk_context_t *ctx, const uk_key_t *key);

/** @return 1 if If-Match allows a change of a key as it is, else 0; 1 also
 *  without that header */
int uk_etag_matches(const char *if_match, const char *etag);

#endif
