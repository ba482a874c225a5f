/* SPDX-License-Identifier: Apache-2.0 */
/* SetHandler uptime-keys-leaked: whoever holds a secret may end it. */
#ifndef UK_MANAGE_LEAKED_H
#define UK_MANAGE_LEAKED_H

#include "manage/context.h"

/* Of the body, in bytes, and of its credentials. */
#define UK_LEAKED_BODY_MAX 262144
#define UK_LEAKED_MAX 1000

/**
 * Answer a report of leaked secrets, {"credentials": ["uptime_…", …]}, which
 * needs no login: 202 with the same body, whatever was found, once every server
 * refuses the secrets. What is not a key, or has a wrong checksum, is ignored
 * without asking the database. A previous secret ends, and its key goes on.
 *
 * A change from another site is refused, as at the management endpoints.
 *
 * @return DONE after a response, or the status that the handler returns
 */
int uk_leaked_report(uk_context_t *ctx);

#endif
