/* SPDX-License-Identifier: Apache-2.0 */
/* Looking up what a response shows of a key. */
#ifndef UK_MANAGE_LOOKUP_H
#define UK_MANAGE_LOOKUP_H

#include "manage/context.h"

/** Look up the key ctx->id of ctx->team. @return OK; else DONE after a response:
 *  404 also for a key of another team, 503 */
int uk_lookup_key(uk_context_t *ctx, uk_key_t **key);

/** Set ctx->rotations if a page shows one of these keys while its previous secret
 *  works. @param keys of ctx->team, const uk_key_t *s. @return as above */
int uk_lookup_rotations(uk_context_t *ctx, const apr_array_header_t *keys);

#endif
