/* SPDX-License-Identifier: Apache-2.0 */
/* The HTML pages on which a key is rotated: the question, and the new secret. */
#ifndef UK_MANAGE_HTML_ROTATE_H
#define UK_MANAGE_HTML_ROTATE_H

#include "store/rotate.h"
#include "manage/context.h"

/* Each returns a document, in the request's pool. */

/** What a rotation does to this key, and how long the old secret may go on; or
 *  why the key cannot be rotated, and what to do first. */
const char *uk_html_rotation(const uk_context_t *ctx, const uk_key_t *key);

/** The new secret, and what becomes of the old ones. */
const char *uk_html_rotated(const uk_context_t *ctx,
                            const uk_rotated_t *rotated, const char *token);

#endif
